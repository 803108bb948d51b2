from __future__ import annotations

import pytest
import torch
from torch.nn import functional

from custom.simulation.filters import enlarged


def test_the_field_stays_where_it_is():
    # Twice as fine, pixel centres lie a quarter to either side of the coarse ones; beyond those nothing changes.
    image = torch.tensor([[[[0.0, 4.0]]]])
    assert enlarged(image, 1, 4)[0, 0].tolist() == [[0.0, 1.0, 3.0, 4.0]]
    assert enlarged(image.mT, 4, 1)[0, 0].tolist() == [[0.0], [1.0], [3.0], [4.0]]


@pytest.mark.parametrize(("rows", "columns"), [(10, 14), (40, 56), (5, 7), (7, 100)])
def test_it_is_bilinear_interpolation(rows, columns):
    image = torch.rand(2, 3, 5, 7, generator=torch.Generator().manual_seed(0))
    expected = functional.interpolate(image, size=(rows, columns), mode="bilinear", align_corners=False)
    torch.testing.assert_close(enlarged(image, rows, columns), expected)
