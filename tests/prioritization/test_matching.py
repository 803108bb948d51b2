from __future__ import annotations

import pytest
import torch
from scipy.spatial.distance import cdist

from custom.prioritization.matching import matched_distances


def closest_pairs_first(true, found, max_distance):
    """The same, picking one pair at a time."""
    distance = cdist(true, found)
    result = [max_distance] * len(true)
    while distance.min(initial=float("inf")) <= max_distance:
        row, column = divmod(distance.argmin(), distance.shape[1])
        result[row] = distance[row, column]
        distance[row], distance[:, column] = float("inf"), float("inf")
    return result


def match(true, found, max_distance=16.0):
    valid = [torch.ones(1, len(points), dtype=torch.bool) for points in (true, found)]
    distances = matched_distances(true[None], valid[0], found[None], valid[1], max_distance=max_distance)
    return distances[0]


def test_by_hand():
    true = torch.tensor([[10.0, 20.0], [13.0, 24.0], [90.0, 20.0]])
    found = torch.tensor([[13.0, 20.0], [90.0, 40.0]])
    # The first electrode is 3 px from the found one, the second 4: only one may have it. The third is 20 px off.
    torch.testing.assert_close(match(true, found), torch.tensor([3.0, 16.0, 16.0]))


def test_x_and_y_are_not_confused():
    torch.testing.assert_close(match(torch.tensor([[100.0, 20.0]]), torch.tensor([[103.0, 24.0]])), torch.tensor([5.0]))


def test_one_found_electrode_matches_once_where_distances_tie():
    true = torch.tensor([[0.0, 0.0], [2.0, 0.0]])
    torch.testing.assert_close(match(true, torch.tensor([[1.0, 0.0]])), torch.tensor([1.0, 16.0]))
    torch.testing.assert_close(match(true, torch.tensor([[1.0, 0.0], [1.0, 0.0]])), torch.tensor([1.0, 1.0]))


def test_padding_never_matches():
    true, found = torch.zeros(2, 3, 2), torch.zeros(2, 4, 2)
    true_valid = torch.tensor([[True, False, False], [True, True, True]])
    found_valid = torch.tensor([[True, True, True, True], [False, True, False, False]])
    distances = matched_distances(true, true_valid, found, found_valid, max_distance=7.0)
    torch.testing.assert_close(distances, torch.tensor([[0.0, 7.0, 7.0], [0.0, 7.0, 7.0]]))


def test_nothing_near_is_unmatched():
    torch.testing.assert_close(match(torch.zeros(2, 2), torch.full((1, 2), 99.0)), torch.tensor([16.0, 16.0]))


@pytest.mark.parametrize("seed", range(20))
@pytest.mark.parametrize(("rows", "columns"), [(10, 10), (40, 60), (128, 100)])
def test_equals_picking_the_closest_pair_again_and_again(seed, rows, columns):
    generator = torch.Generator().manual_seed(seed)
    size = torch.tensor([256.0, 192.0])
    true = torch.rand(rows, 2, generator=generator) * size
    found = torch.rand(columns, 2, generator=generator) * size
    expected = torch.tensor(closest_pairs_first(true, found, 16.0), dtype=torch.float32)
    torch.testing.assert_close(match(true, found), expected)
