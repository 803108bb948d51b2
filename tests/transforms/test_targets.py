import numpy as np
import pytest
import torch

from custom.transforms import HeadTargets


def batch(boxes, *, valid=None, rows=48, columns=64, slots=5):
    electrodes = torch.zeros(len(boxes), slots, 4)
    mask = torch.zeros(len(boxes), slots, dtype=torch.bool)
    for sample, sample_boxes in enumerate(boxes):
        for slot, box in enumerate(sample_boxes):
            electrodes[sample, slot] = torch.tensor(box)
            mask[sample, slot] = True if valid is None else valid[sample][slot]
    return {"mask": torch.zeros(len(boxes), 1, rows, columns), "electrodes": electrodes, "electrode_valid": mask}


def test_hand_computed_electrode_at_stride_four():
    # Cell centres lie at 1.5, 5.5, 9.5, ...: x = 21 is 4.875 cells, y = 9.9 is 2.1.
    result = HeadTargets(4)(batch([[(21.0, 9.9, 8.0, 4.0)]]))
    assert result["center"].shape == (1, 1, 12, 16)
    assert np.argwhere(result["center_cells"][0, 0].numpy()).tolist() == [[2, 5]]
    assert result["size"][0, :, 2, 5].tolist() == [2.0, 1.0]
    assert result["offset"][0, :, 2, 5].tolist() == pytest.approx([-0.125, 0.1])
    assert result["size"].sum() == 3
    assert result["center"][0, 0, 2, 5] == 1
    # The mean side is 1.5 cells, so sigma is at its floor of 0.6.
    assert result["center"][0, 0, 2, 4].item() == pytest.approx(np.exp(-(0.875**2 + 0.1**2) / 0.72), rel=1e-5)


def test_a_large_electrode_has_a_sigma_of_a_sixth():
    center = HeadTargets(1)(batch([[(30.0, 20.0, 18.0, 18.0)]]))["center"][0, 0]
    assert center[20, 33].item() == pytest.approx(np.exp(-0.5), rel=1e-5)


def test_overlapping_bells_take_the_larger_value():
    both = HeadTargets(1)(batch([[(30.0, 20.0, 18.0, 18.0), (35.0, 22.0, 12.0, 12.0)]]))["center"]
    first = HeadTargets(1)(batch([[(30.0, 20.0, 18.0, 18.0)]]))["center"]
    second = HeadTargets(1)(batch([[(35.0, 22.0, 12.0, 12.0)]]))["center"]
    assert torch.equal(both, torch.maximum(first, second))


def test_samples_and_invalid_slots_do_not_mix():
    boxes = [[(10.0, 10.0, 6.0, 6.0), (50.0, 40.0, 6.0, 6.0)], [(30.0, 20.0, 6.0, 6.0)]]
    result = HeadTargets(2)(batch(boxes, valid=[[False, True], [True]]))
    assert [np.argwhere(cells[0].numpy()).tolist() for cells in result["center_cells"]] == [[[20, 25]], [[10, 15]]]
    assert result["center"][0, 0, 5, 5] == 0


def test_border_positions_stay_in_the_grid():
    corners = [(-0.5, -0.5, 4.0, 4.0), (63.5, 47.5, 4.0, 4.0)]  # rounding makes 63.5 of what is just below
    cells = HeadTargets(4)(batch([corners]))["center_cells"][0, 0]
    assert np.argwhere(cells.numpy()).tolist() == [[0, 0], [11, 15]]


def test_an_electrode_belongs_to_the_nearest_cell():
    # The middle between the cells at x = 21.5 and 25.5 is 23.5, between those at y = 9.5 and 13.5 it is 11.5.
    boxes = [(23.4, 11.4, 8.0, 4.0), (23.6 + 20, 11.6, 8.0, 4.0)]
    cells = HeadTargets(4)(batch([boxes]))["center_cells"][0, 0]
    assert np.argwhere(cells.numpy()).tolist() == [[2, 5], [3, 11]]


def test_no_electrodes_at_all():
    result = HeadTargets(4)(batch([[], []]))
    for key, channels in (("center", 1), ("size", 2), ("offset", 2), ("center_cells", 1)):
        assert result[key].shape == (2, channels, 12, 16)
        assert not result[key].any()


def test_the_rest_of_the_batch_stays():
    data = batch([[]])
    assert HeadTargets(4)(data)["mask"] is data["mask"]
