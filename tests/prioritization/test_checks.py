import math

import pytest

from custom.errors import InputError
from custom.prioritization import (
    DynamicTaskPrioritization,
    DynamicWeightAverage,
    Famo,
    FixedShare,
    GradNorm,
    HardAssignment,
    UncertaintyWeighting,
)


@pytest.mark.parametrize(
    ("strategy", "settings", "message"),
    [
        (FixedShare, {"share": 3.0}, "share: .*found 3.0; expected a number above 0, at most 1"),
        (FixedShare, {"share": 1.1}, "share: "),
        (FixedShare, {"share": 0.0}, "share: "),
        (HardAssignment, {"threshold": 1.0}, "threshold: .*found 1.0; expected a number from 0 on, below 1"),
        (DynamicTaskPrioritization, {"gamma": -1.0}, "gamma: .*found -1.0; expected a number, at least 0"),
        (DynamicTaskPrioritization, {"lowest": 0.0}, "lowest: .*found 0.0"),
        (DynamicTaskPrioritization, {"lowest": 0.5, "highest": 0.4}, "lowest: .*found 0.5; expected .* `highest`"),
        (DynamicTaskPrioritization, {"highest": 1.0}, "highest: .*found 1.0"),
        (DynamicWeightAverage, {"temperature": 0.0}, "temperature: .*found 0.0; expected a number above 0"),
        (UncertaintyWeighting, {"learning_rate": -0.1}, "learning_rate: .*found -0.1"),
        (Famo, {"learning_rate": math.nan}, "learning_rate: .*found nan"),
        (Famo, {"weight_decay": -0.1}, "weight_decay: .*found -0.1"),
        (GradNorm, {"shared": [], "asymmetry": -1.0}, "asymmetry: .*found -1.0"),
        (GradNorm, {"shared": [], "learning_rate": -1.0}, "learning_rate: .*found -1.0"),
    ],
)
def test_settings_of_strategies_that_are_out_of_range_are_refused(strategy, settings, message):
    with pytest.raises(InputError, match=message):
        strategy(**settings)
