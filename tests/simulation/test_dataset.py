from __future__ import annotations

import dataclasses
from itertools import chain

import pytest
import torch
from torch.utils.data import DataLoader

from custom.errors import InputError
from custom.simulation.dataset import SimulatedDataset, SimulatedSequences
from custom.simulation.ranges import Shares


def _simulated(config, **changes) -> SimulatedSequences:
    return SimulatedSequences(config, **{"seed": 7, "size": (64, 96), "sequences": 6, "frames": 3, **changes})


def _same(first, second):
    assert torch.equal(first.images, second.images)
    assert torch.equal(first.masks, second.masks)
    assert [label.entry() for label in first.labels] == [label.entry() for label in second.labels]


def test_a_frame_does_not_depend_on_its_batch_or_order(config):
    together = _simulated(config).render([0, 4, 7, 11, 14])
    reverse = _simulated(config).render([14, 11, 7, 4, 0])
    assert torch.equal(together.images, reverse.images.flip(0))
    alone = [_simulated(config).render([index]) for index in (0, 4, 7, 11, 14)]
    assert torch.equal(together.images, torch.cat([item.images for item in alone]))
    assert torch.equal(together.masks, torch.cat([item.masks for item in alone]))
    assert [label.entry() for label in together.labels] == [item.labels[0].entry() for item in alone]


def test_a_frame_does_not_depend_on_the_number_of_sequences(config):
    _same(_simulated(config).render([3, 4]), _simulated(config, sequences=50).render([3, 4]))


@pytest.mark.parametrize("size", [96, (128, 192)])
def test_threads_do_not_change_a_frame(config, size):
    # Before they are rounded to grey levels, frames show every bit that differs.
    threads = torch.get_num_threads()
    try:
        renderings = []
        for number in (1, 2, 3):
            torch.set_num_threads(number)
            renderings.append(_simulated(config, size=size, eight_bit=False).render([2, 5, 9, 16]))
    finally:
        torch.set_num_threads(threads)
    for other in renderings[1:]:
        _same(renderings[0], other)


def test_another_seed_is_another_frame(config):
    assert not torch.equal(_simulated(config).render([0]).images, _simulated(config, seed=8).render([0]).images)


def test_two_workers_give_what_one_process_gives(config):
    data = SimulatedDataset(_simulated(config))
    single, workers = (list(DataLoader(data, batch_size=4, num_workers=count, collate_fn=list)) for count in (0, 2))
    for ours, theirs in zip(chain(*single), chain(*workers), strict=True):
        assert torch.equal(ours["image"], theirs["image"])
        assert ours["electrodes"] == theirs["electrodes"]


def test_a_sample_is_what_a_loaded_frame_is(config):
    sample = SimulatedDataset(_simulated(config), indices=[5, 9])[1]
    assert sample["image"].shape == sample["mask"].shape == (1, 64, 96)
    assert sample["image"].dtype == torch.float32
    assert 0 <= float(sample["image"].min()) < float(sample["image"].max()) <= 255
    assert set(sample["mask"].unique().tolist()) <= {0, 1}
    assert sample["case"] == "case00003"
    assert sample["sequence"] == "sequence00003"
    assert sample["spacing_plane"] == "detector"
    assert sample["sample_index"] == 1


def test_indices_outside_are_refused(config):
    with pytest.raises(IndexError):
        _simulated(config).render([18])
    with pytest.raises(IndexError):
        SimulatedDataset(_simulated(config))[18]


@pytest.mark.parametrize("sequences", [3, 4, 10, 41])
def test_every_split_has_cases_and_shares_none(config, sequences):
    several = dataclasses.replace(config, sequences_per_case=1 if sequences < 6 else 2)
    simulated = _simulated(several, sequences=sequences)
    splits = simulated.splits()
    assert sorted(chain(*splits.values())) == list(range(sequences))
    cases = [{simulated.plan(number).case for number in numbers} for numbers in splits.values()]
    assert all(cases)
    assert sum(map(len, cases)) == len(set.union(*cases))


@pytest.mark.parametrize(
    ("shares", "sequences", "expected"),
    [
        ((0, 0, 1), 6, (0, 0, 6)),
        ((1, 0, 0), 6, (6, 0, 0)),
        ((0.5, 0, 0.5), 6, (3, 0, 3)),
        ((0, 1, 2), 6, (0, 2, 4)),
        ((0, 1, 1), 7, (0, 3, 4)),
        ((0, 0, 1), 1, (0, 0, 1)),
        ((0.7, 0.15, 0.15), 3, (1, 1, 1)),
        ((0.7, 0.15, 0.15), 20, (14, 3, 3)),
        ((0.7, 0.15, 0.15), 1, (1, 0, 0)),
    ],
)
def test_a_split_without_a_share_is_empty(config, shares, sequences, expected):
    divided = dataclasses.replace(config, shares=Shares(*shares))
    splits = _simulated(divided, sequences=sequences).splits()
    assert tuple(len(splits[name]) for name in ("training", "validation", "test")) == expected


def test_sequences_of_a_case_share_the_patient(config):
    simulated = _simulated(dataclasses.replace(config, sequences_per_case=2))
    first, second = simulated.plan(2), simulated.plan(3)
    assert (first.case, first.procedure) == (second.case, second.procedure)
    assert first.view != second.view


def test_the_image_size_does_not_change_the_scene(config):
    small, large = (_simulated(config, size=size).render([4]).labels[0] for size in (64, 128))
    assert small.plan.labels.types == large.plan.labels.types
    assert small.plan.view.detector_pixel_mm == pytest.approx(2 * large.plan.view.detector_pixel_mm)


@pytest.mark.parametrize("size", [0, 100, -16, (64, 100), (64,), "256", 16.0, True])
def test_sizes_that_are_no_multiple_of_16(config, size):
    with pytest.raises(InputError, match="--size"):
        _simulated(config, size=size)


@pytest.mark.parametrize("field", ["sequences", "frames"])
@pytest.mark.parametrize("value", [0, -1, 2.5])
def test_counts_that_are_no_counts(config, field, value):
    with pytest.raises(InputError, match=f"--{field}"):
        _simulated(config, **{field: value})


@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a CUDA device")
def test_a_gpu_renders_what_a_cpu_renders(config):
    on_cpu, on_gpu = (_simulated(config, device=device).render(range(8)) for device in ("cpu", "cuda"))
    assert float((on_cpu.images - on_gpu.images.cpu()).abs().mean()) < 0.1
    assert float((on_cpu.masks != on_gpu.masks.cpu()).float().mean()) < 1e-3
