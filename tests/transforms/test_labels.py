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


@pytest.mark.parametrize(
    ("labels", "empty"),
    [
        ({"electrodes": None, "mask": None}, [True, True]),
        ({"electrodes": [ELECTRODE], "mask": torch.zeros(1, 5, 7)}, [False, True]),
        ({"electrodes": [], "mask": torch.ones(1, 5, 7)}, [True, False]),
        ({"electrodes": [], "mask": torch.eye(7)[None, :5]}, [True, False]),
    ],
)
def test_what_has_nothing_to_find_is_empty(labels, empty):
    assert prepare(**labels)["empty"].tolist() == empty


def test_only_what_a_batch_can_carry_stays():
    assert "catheters" not in prepare(catheters=[{"id": "1"}], sequence=None)


def test_too_many_electrodes_are_refused():
    with pytest.raises(InputError, match=r"b\.png: electrodes: .*found 4; expected at most 3"):
        prepare(electrodes=[ELECTRODE] * 4)
    assert prepare(electrodes=[ELECTRODE] * 3)["electrode_valid"].all()


@pytest.mark.parametrize(("margin", "pixels"), [(0, 1), (0.9, 1), (1, 5), (1.5, 9), (2, 13)])
def test_a_mask_is_widened_by_what_lies_within_the_margin(margin, pixels):
    mask = torch.zeros(1, 7, 9, dtype=torch.uint8)
    mask[0, 3, 5] = 1
    frame = {"image": torch.rand(1, 7, 9), "mask": mask}
    widened = PrepareLabelsd(mask_margin_pixels=margin)(frame)["mask"]
    assert widened.dtype == torch.uint8
    assert widened.sum() == pixels
    assert widened[0, 3, 5] == 1
    assert mask.sum() == 1


def test_an_empty_mask_stays_empty():
    frame = {"image": torch.rand(1, 5, 7), "mask": torch.zeros(1, 5, 7, dtype=torch.uint8)}
    assert not PrepareLabelsd(mask_margin_pixels=2)(frame)["mask"].any()


@pytest.mark.parametrize("margin", [-1, float("nan"), "wide", True])
def test_impossible_margins_are_refused(margin):
    with pytest.raises(InputError, match="mask_margin_pixels"):
        PrepareLabelsd(mask_margin_pixels=margin)
