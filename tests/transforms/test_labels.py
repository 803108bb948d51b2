import pytest
import torch

from custom.errors import InputError
from custom.transforms import PrepareLabelsd

ELECTRODE = {"x": 3.5, "y": 4, "width": 8, "height": 6, "kind": "ring"}


def prepare(**labels):
    return PrepareLabelsd(max_electrodes=3)({"image": torch.rand(1, 5, 7), "case": "a", "name": "b.png", **labels})


def test_electrodes_are_padded():
    result = prepare(electrodes=[ELECTRODE], mask=torch.ones(1, 5, 7))
    assert result["electrodes"].tolist() == [[3.5, 4, 8, 6], [0, 0, 0, 0], [0, 0, 0, 0]]
    assert result["electrode_valid"].tolist() == [True, False, False]
    assert result["available"].tolist() == [True, True]


@pytest.mark.parametrize(
    ("labels", "available"),
    [
        ({"electrodes": None, "mask": None}, [False, False]),
        ({"electrodes": []}, [True, False]),
        ({"mask": torch.zeros(1, 5, 7)}, [False, True]),
    ],
)
def test_what_is_not_annotated_is_not_available(labels, available):
    result = prepare(**labels)
    assert result["available"].tolist() == available
    assert not result["mask"].any()
    assert not result["electrode_valid"].any()


def test_only_what_a_batch_can_carry_stays():
    assert "catheters" not in prepare(catheters=[{"id": "1"}], sequence=None)


def test_too_many_electrodes_are_refused():
    with pytest.raises(InputError, match=r"b\.png: electrodes: .*found 4; expected at most 3"):
        prepare(electrodes=[ELECTRODE] * 4)
