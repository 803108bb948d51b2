import pytest
import torch

from custom.prioritization import ConstantWeights, DynamicTaskPrioritization, FixedShare, TopKHard
from custom.transforms import BatchAugmentation
from custom.workflow.run_identity import RunIdentity, describe

DATA = [{"image": "a.png"}, {"image": "b.dcm", "frame": 3}]


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.1, "0.1"),
        ([256, 256], "[256, 256]"),
        (None, "None"),
        ({"a": 1}, "{a: 1}"),
        (TopKHard(), "TopKHard()"),
        (FixedShare(0.3), "FixedShare(share=0.3)"),
        (DynamicTaskPrioritization(gamma=2.0), "DynamicTaskPrioritization(gamma=2.0, highest=0.99, lowest=0.1)"),
    ],
)
def test_a_setting_is_described_by_its_class_and_what_was_set(value, text):
    assert describe(value) == text


@pytest.mark.parametrize(
    ("first", "second"),
    [
        (ConstantWeights(detection=1, segmentation=2), ConstantWeights(detection=2, segmentation=1)),
        (BatchAugmentation(), BatchAugmentation(affine_degrees=10)),
        (BatchAugmentation(), BatchAugmentation(occlusion=0.1)),
        (torch.nn.Dropout(0.1), torch.nn.Dropout(0.2)),
    ],
)
def test_components_that_were_set_otherwise_differ(first, second):
    assert describe(first) != describe(second)


def test_the_first_difference_is_named():
    run = RunIdentity({"seed": 0, "selection": FixedShare(0.3)}, DATA)
    saved = run.state_dict()
    assert run.difference(saved) is None
    assert RunIdentity({"seed": 1, "selection": FixedShare(0.3)}, DATA).difference(saved) == "seed was 0 and is now 1"
    other = RunIdentity({"seed": 0, "selection": FixedShare(0.5)}, DATA)
    assert other.difference(saved) == "selection was FixedShare(share=0.3) and is now FixedShare(share=0.5)"


def test_a_setting_that_an_older_version_did_not_note_is_not_taken_for_none():
    saved = RunIdentity({"seed": 0}, DATA).state_dict()
    difference = RunIdentity({"seed": 0, "amp": False}, DATA).difference(saved)
    assert difference == "it was written by a version that did not note amp"


def test_a_changed_list_of_frames_is_counted():
    saved = RunIdentity({}, DATA).state_dict()
    assert "1 frames are gone and 1 are new, first b.dcm frame 3" in RunIdentity(
        {}, [DATA[0], {"image": "b.dcm", "frame": 4}]
    ).difference(saved)
    assert "the order of the entries" in RunIdentity({}, DATA[::-1]).difference(saved)
