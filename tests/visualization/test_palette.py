"""Colours that people with any colour vision tell apart."""

from itertools import combinations

import numpy as np
import pytest
from skimage.color import deltaE_ciede2000, rgb2lab

from custom.visualization.legend import CATHETER_COLORS
from custom.visualization.overlay import ELECTRODE_COLOR

# What is seen of red, green and blue light without one kind of cone (Machado, Oliveira and Fernandes, 2009).
VISION = {
    "all cones": np.eye(3),
    "no long": [[0.152, 1.053, -0.205], [0.115, 0.786, 0.099], [-0.004, -0.048, 1.052]],
    "no middle": [[0.367, 0.861, -0.228], [0.280, 0.673, 0.047], [-0.012, 0.043, 0.969]],
    "no short": [[1.256, -0.077, -0.179], [-0.078, 0.931, 0.148], [0.005, 0.691, 0.304]],
}
PLAIN = 10  # as far apart as the least of Okabe and Ito's; 1 is just noticeable side by side


def test_ten_catheters_have_ten_colours():
    assert len({*CATHETER_COLORS, ELECTRODE_COLOR}) == 11


@pytest.mark.parametrize("cones", VISION)
def test_no_two_colours_look_alike(cones):
    colors = np.array([*CATHETER_COLORS, ELECTRODE_COLOR]) / 255
    light = np.where(colors <= 0.04045, colors / 12.92, ((colors + 0.055) / 1.055) ** 2.4)
    seen = (light @ np.transpose(VISION[cones])).clip(0, 1)
    lab = rgb2lab(np.where(seen <= 0.0031308, 12.92 * seen, 1.055 * seen ** (1 / 2.4) - 0.055))
    assert min(float(deltaE_ciede2000(*pair)) for pair in combinations(lab, 2)) > PLAIN
