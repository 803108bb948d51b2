import math

import numpy as np
import pytest

from custom.postprocessing.catheters.confidence import catheter_confidence


def test_by_hand():
    # Of a line as long as the frame that is as likely as not only the intercept is left.
    assert catheter_confidence(np.array([0.4, 0.6]), 1.0, []) == pytest.approx(1 / (1 + math.exp(1.59)))
    evidence = -1.59 + 0.69 * math.log(9) - 1.26 + 1.37 * math.log(2)
    assert catheter_confidence(np.array([0.9]), math.exp(-1), [0.6, 0.4]) == pytest.approx(
        1 / (1 + math.exp(-evidence))
    )


@pytest.mark.parametrize(
    ("probability", "length", "scores"), [(0.9, 0.5, [0.8]), (0.8, 0.6, [0.8]), (0.8, 0.5, [0.8, 0.5])]
)
def test_rises_with_all_that_speaks_for_a_catheter(probability, length, scores):
    assert catheter_confidence(np.array([probability]), length, scores) > catheter_confidence(
        np.array([0.8]), 0.5, [0.8]
    )


@pytest.mark.parametrize("probabilities", [[], [0.0], [1.0]])
@pytest.mark.parametrize("length", [0.0, 3.0])
def test_is_a_probability_whatever_comes(probabilities, length):
    assert 0 <= catheter_confidence(np.array(probabilities), length, []) <= 1
