import json
from pathlib import Path

import pytest
import torch
from monai.transforms import Compose

from custom.errors import InputError
from custom.losses import DetectionLoss
from custom.prioritization import ConstantWeights, DynamicTaskPrioritization, Famo, FixedShare, TopKHard
from custom.prioritization.sampler import PrioritySampler
from custom.prioritization.state import PriorityState
from custom.transforms import BatchAugmentation, NormalizeFramed, PrepareLabelsd
from custom.workflow.run_identity import RunIdentity, describe


@pytest.fixture
def data(tmp_path):
    for name in ("a.png", "b.dcm", "mask.png"):
        (tmp_path / name).write_bytes(name.encode())
    electrodes = [{"x": 1, "y": 2.5, "width": 3, "height": 4, "kind": "tip"}]
    return [
        {"image": str(tmp_path / "a.png"), "mask": str(tmp_path / "mask.png"), "electrodes": electrodes},
        {"image": str(tmp_path / "b.dcm"), "frame": 3, "mask": None, "electrodes": None},
    ]


@pytest.mark.parametrize(
    ("value", "lines"),
    [
        (0.1, {"": "0.1"}),
        ([256, 256], {"": "[256, 256]"}),
        (None, {"": "None"}),
        ({"a": 1}, {"": "dict", ".a": "1"}),
        (TopKHard(), {"": "TopKHard"}),
        (FixedShare(0.3), {"": "FixedShare", ".share": "0.3"}),
        (
            DynamicTaskPrioritization(gamma=2.0),
            {"": "DynamicTaskPrioritization", ".gamma": "2.0", ".highest": "0.99", ".lowest": "0.1"},
        ),
        (
            Compose([PrepareLabelsd(64)]).transforms,
            {"": "tuple", ".0": "PrepareLabelsd", ".0.mask_margin_pixels": "0.0", ".0.max_electrodes": "64"},
        ),
    ],
)
def test_a_setting_is_described_by_its_class_and_what_was_set(value, lines):
    assert describe({"setting": value}) == {f"setting{name}": text for name, text in lines.items()}


def test_an_optimizer_is_described_by_the_rate_that_it_starts_with():
    optimizer = torch.optim.SGD([torch.nn.Parameter(torch.zeros(2))], lr=0.5)
    torch.optim.lr_scheduler.ConstantLR(optimizer, factor=0.1)
    assert optimizer.param_groups[0]["lr"] == 0.05
    assert describe({"optimizer": optimizer})["optimizer.0.lr"] == "0.5"


def test_components_that_refer_to_each_other_are_described_once():
    first, second = TopKHard(), TopKHard()
    first.other, second.other = second, first
    assert describe({"first": first}) == {"first": "TopKHard", "first.other": "TopKHard"}


@pytest.mark.parametrize(
    ("make", "changed"),
    [
        (ConstantWeights, {"detection": 2}),
        (BatchAugmentation, {"affine_degrees": 10}),
        (BatchAugmentation, {"occlusion": 0.1}),
        (BatchAugmentation, {"noise": 0.1}),
        (torch.nn.Dropout, {"p": 0.2}),
        (Famo, {"learning_rate": 0.1}),
        (DetectionLoss, {"size_weight": 2.0}),
        (lambda **values: Compose([NormalizeFramed(**values)]), {"upper": 99.0}),
        (lambda **values: PrioritySampler(PriorityState(3), **values), {"seed": 1}),
    ],
)
def test_components_that_were_set_otherwise_differ(make, changed):
    assert describe({"": make()}) == describe({"": make()})
    assert describe({"": make()}) != describe({"": make(**changed)})


def test_the_number_of_processes_is_no_setting():
    alone, second = (PrioritySampler(PriorityState(3), rank=rank, world_size=rank + 1) for rank in (0, 1))
    assert describe({"": alone}) == describe({"": second})


def test_the_first_difference_is_named(data):
    run = RunIdentity({"seed": 0, "selection": FixedShare(0.3)}, data)
    saved = run.state_dict()
    assert run.difference(saved) is None
    assert RunIdentity({"seed": 1, "selection": FixedShare(0.3)}, data).difference(saved) == "seed was 0 and is now 1"
    other = RunIdentity({"seed": 0, "selection": FixedShare(0.5)}, data)
    assert other.difference(saved) == "selection.share was 0.3 and is now 0.5"
    shorter = RunIdentity({"seed": 0, "selection": TopKHard()}, data)
    assert shorter.difference(saved) == "selection was FixedShare and is now TopKHard"


def test_a_part_that_is_gone_is_named(data):
    saved = RunIdentity({"kpis": {"detection": 1, "other": 2}}, data).state_dict()
    assert RunIdentity({"kpis": {"detection": 1}}, data).difference(saved) == "kpis.other was 2 and is now not set"


def test_a_setting_that_an_older_version_did_not_note_is_not_taken_for_none(data):
    saved = RunIdentity({"seed": 0}, data).state_dict()
    difference = RunIdentity({"seed": 0, "amp": False}, data).difference(saved)
    assert difference == "it was written by a version that did not note amp"


def test_a_changed_list_of_frames_is_counted(data):
    saved = RunIdentity({}, data).state_dict()
    moved = RunIdentity({}, [data[0], {**data[1], "frame": 4}])
    assert f"1 frames are gone and 1 are new, first {data[1]['image']} frame 3" in moved.difference(saved)
    assert "the order of the entries" in RunIdentity({}, data[::-1]).difference(saved)


@pytest.mark.parametrize(
    ("change", "part"),
    [
        ({"mask": None}, "mask"),
        ({"electrodes": []}, "electrodes"),
        ({"electrodes": [{"x": 1, "y": 2.6, "width": 3, "height": 4}]}, "electrodes"),
        ({"pixel_spacing_mm": [0.2, 0.2], "spacing_plane": "detector"}, "pixel_spacing_mm and spacing_plane"),
    ],
)
def test_a_changed_label_is_named(data, change, part):
    saved = json.loads(json.dumps(RunIdentity({}, data).state_dict()))
    changed = RunIdentity({}, [{**data[0], **change}, data[1]])
    assert changed.difference(saved) == f"1 frame changed, first {data[0]['image']} frame 0: {part}"


@pytest.mark.parametrize("part", ["image", "mask"])
def test_a_file_that_was_edited_in_place_is_named(data, part):
    saved = RunIdentity({}, data).state_dict()
    with Path(data[0][part]).open("ab") as file:
        file.write(b".")
    assert RunIdentity({}, data).difference(saved) == f"1 frame changed, first {data[0]['image']} frame 0: {part}"


def test_what_training_does_not_read_may_change(data):
    saved = RunIdentity({}, data).state_dict()
    box = {"x": 1.0, "y": 2.5, "width": 3, "height": 4, "kind": "ring", "catheter": "1"}
    renamed = [{**data[0], "electrodes": [box], "case": "other", "catheters": []}, data[1]]
    assert RunIdentity({}, renamed).difference(saved) is None


def test_a_file_that_cannot_be_read_is_named(data):
    with pytest.raises(InputError, match=r"gone\.png: cannot be read \(No such file"):
        RunIdentity({}, [{**data[0], "mask": "gone.png"}])
