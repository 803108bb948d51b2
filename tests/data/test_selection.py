import pytest

from custom.data import evenly_spread
from custom.errors import InputError


def test_frames_are_evenly_spread():
    assert evenly_spread(range(10), 4) == [0, 3, 6, 9]
    assert evenly_spread(range(3), 4) == evenly_spread(range(3), None) == [0, 1, 2]
    with pytest.raises(InputError, match="frames: too few; found 0; expected 1 or more"):
        evenly_spread(range(3), 0)
