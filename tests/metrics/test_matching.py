import itertools

import numpy as np
import pytest

from custom.metrics.matching import matched_displacements


def match(true, found, tolerance):
    return matched_displacements(np.reshape(true, (-1, 2)), np.reshape(found, (-1, 2)), tolerance).tolist()


def test_vectors_point_from_true_to_found():
    assert match([[10.0, 20.0]], [[12.0, 19.0]], 3) == [[2.0, -1.0]]


def test_nothing_matches_nothing():
    assert match([], [[1.0, 1.0]], 3) == match([[1.0, 1.0]], [], 3) == match([], [], 3) == []


def test_the_tolerance_itself_counts():
    assert match([[0.0, 0.0]], [[3.0, 0.0]], 3) == [[3.0, 0.0]]
    assert match([[0.0, 0.0]], [[3.001, 0.0]], 3) == []


def test_two_cannot_share_one():
    assert match([[0.0, 0.0], [1.0, 0.0]], [[0.0, 0.0]], 5) == [[0.0, 0.0]]


def test_more_pairs_go_before_shorter_ones():
    # Taking the closest pair (2, 2.1) first would leave (0) and (4.5) too far apart.
    displacements = match([[0.0, 0.0], [2.0, 0.0]], [[2.1, 0.0], [4.5, 0.0]], 2.5)
    assert np.allclose(displacements, [[2.1, 0.0], [2.5, 0.0]])


@pytest.mark.parametrize("seed", range(10))
def test_as_good_as_trying_everything(seed):
    generator = np.random.default_rng(seed)
    true, found = generator.uniform(0, 10, (4, 2)), generator.uniform(0, 10, (5, 2))
    best = (0, 0.0)
    for order in itertools.permutations(range(5), 4):
        lengths = np.linalg.norm(found[list(order)] - true, axis=1)
        best = max(best, (int((lengths <= 3).sum()), -lengths[lengths <= 3].sum()))
    lengths = np.linalg.norm(matched_displacements(true, found, 3), axis=1)
    assert (len(lengths), -lengths.sum()) == (best[0], pytest.approx(best[1]))
