from __future__ import annotations

import pytest
import torch

from custom.prioritization import (
    FixedShare,
    HardAssignment,
    NoSelection,
    SelfPaced,
    SoftAssignment,
    TopKHard,
    TopKJoint,
    TopKSoft,
)

INF = float("inf")
DIFFICULTY = torch.tensor([[1.0, 5.0], [4.0, 1.0], [2.0, 1.0], [4.0, 3.0], [1.5, 2.0]])
EVERYTHING = torch.ones(5, 2, dtype=torch.bool)
ALL = [
    NoSelection(),
    TopKHard(),
    TopKJoint(),
    TopKSoft(),
    SoftAssignment(),
    HardAssignment(),
    FixedShare(0.5),
    SelfPaced(),
]


def indices(weights: torch.Tensor, task: int) -> list[int]:
    return weights[:, task].nonzero().squeeze(1).tolist()


def test_topk_takes_the_hardest_of_each_task():
    weights = TopKHard()(DIFFICULTY, EVERYTHING, 0.6)
    assert indices(weights, 0) == [1, 2, 3]
    assert indices(weights, 1) == [0, 3, 4]
    assert weights.unique().tolist() == [0, 1]


def test_joint_topk_takes_the_hardest_over_all_tasks():
    # Ranks are 4, 0, 2, 1, 3 and 0, 3, 4, 1, 2; their means 2, 1.5, 3, 1, 2.5.
    weights = TopKJoint()(DIFFICULTY, EVERYTHING, 0.6)
    assert indices(weights, 0) == indices(weights, 1) == [0, 1, 3]


def test_joint_topk_ranks_partly_annotated_samples_among_those_that_have_the_task():
    available = EVERYTHING.clone()
    available[[1, 3], 0] = False
    # Ranks over counts are 2/3, -, 0, -, 1/3 and 0, 3/5, 4/5, 1/5, 2/5; their means 0.33, 0.6, 0.4, 0.2, 0.37.
    weights = TopKJoint()(DIFFICULTY, available, 0.6)
    assert indices(weights, 0) == [0, 4]
    assert indices(weights, 1) == [0, 3, 4]


def test_joint_topk_ranks_a_sample_by_its_share_of_its_own_task():
    difficulty = torch.tensor([[9.0, 0], [8, 0], [0, 5], [0, 4], [0, 3], [0, 2], [0, 1]])
    # Ranks over counts are 0, 1/2 among two and 0, 1/5, 2/5, 3/5, 4/5 among five.
    weights = TopKJoint()(difficulty, difficulty > 0, 3 / 7)
    assert weights.nonzero().tolist() == [[0, 0], [2, 1], [3, 1]]


def test_ties_go_by_index():
    assert indices(TopKHard()(DIFFICULTY, EVERYTHING, 0.2), 0) == [1]
    for samples in (5, 10_000):
        equal = torch.ones(samples, 1)
        assert indices(TopKHard()(equal, equal > 0, 0.4), 0) == list(range(samples * 2 // 5))


def test_topk_counts_available_samples_only():
    available = EVERYTHING.clone()
    available[[1, 3], 0] = False
    weights = TopKHard()(DIFFICULTY, available, 2 / 3)
    assert indices(weights, 0) == [2, 4]
    assert indices(weights, 1) == [0, 3, 4]


def test_a_task_keeps_at_least_one_sample():
    assert indices(TopKHard()(DIFFICULTY, EVERYTHING, 0.01), 1) == [0]


def test_never_seen_samples_are_hardest():
    difficulty = DIFFICULTY.clone()
    difficulty[4, 0] = INF
    assert indices(TopKHard()(difficulty, EVERYTHING, 0.2), 0) == [4]
    assert indices(HardAssignment()(difficulty, EVERYTHING, 1.0), 0) == [1, 3, 4]
    # Counted as 4, the hardest that was measured.
    torch.testing.assert_close(
        SoftAssignment()(difficulty, EVERYTHING, 1.0)[:, 0], torch.tensor([1.0, 4, 2, 4, 4]) / 3.0
    )


def test_soft_weights_are_proportional_to_difficulty_with_mean_one():
    weights = SoftAssignment()(DIFFICULTY, EVERYTHING, 0.5)
    torch.testing.assert_close(weights[:, 0], torch.tensor([1, 4, 2, 4, 1.5]) / 2.5)
    weights = TopKSoft()(DIFFICULTY, EVERYTHING, 0.6)
    torch.testing.assert_close(weights[:, 1], torch.tensor([5.0, 0, 0, 3, 2]) * 3 / 10)


def test_hard_assignment_is_by_normalised_difficulty():
    # Detection: (D - 1) / 3 = 0, 1, 1/3, 1, 1/6; segmentation: (D - 1) / 4 = 1, 0, 0, 1/2, 1/4.
    weights = HardAssignment(0.5)(DIFFICULTY, EVERYTHING, 1.0)
    assert indices(weights, 0) == [1, 3]
    assert indices(weights, 1) == [0]
    assert indices(HardAssignment(0.2)(DIFFICULTY, EVERYTHING, 1.0), 1) == [0, 3, 4]
    assert indices(HardAssignment(0)(DIFFICULTY, EVERYTHING, 1.0), 0) == [1, 2, 3, 4]


def test_hard_assignment_keeps_all_where_all_are_equal():
    assert HardAssignment()(torch.full((5, 2), 2.0), EVERYTHING, 1.0).sum() == 10


@pytest.mark.parametrize(
    ("share", "expected"), [(0.3, [1, 3]), (0.5, [1, 3]), (0.7, [1, 2, 3, 4]), (1, [0, 1, 2, 3, 4])]
)
def test_fixed_share_ignores_the_schedule(share, expected):
    assert indices(FixedShare(share)(DIFFICULTY, EVERYTHING, 1.0), 0) == expected


def test_self_paced_takes_the_easiest_and_leaves_the_unknown_for_later():
    difficulty = DIFFICULTY.clone()
    difficulty[0, 0] = INF
    weights = SelfPaced()(difficulty, EVERYTHING, 0.4)
    assert indices(weights, 0) == [2, 4]
    assert indices(weights, 1) == [1, 2]


def test_self_paced_takes_the_unknown_before_what_has_no_label():
    available = torch.tensor([[False], [True], [True]])
    assert indices(SelfPaced()(torch.tensor([[1.0], [INF], [2.0]]), available, 1.0), 0) == [1, 2]


@pytest.mark.parametrize("selection", ALL, ids=lambda selection: type(selection).__name__)
@pytest.mark.parametrize("difficulty", [DIFFICULTY, torch.full((5, 2), INF), torch.ones(5, 2)])
def test_every_strategy_is_finite_and_leaves_out_what_has_no_label(selection, difficulty):
    available = EVERYTHING.clone()
    available[:, 1] = False
    available[2, 0] = False
    weights = selection(difficulty, available, 0.7)
    assert weights.dtype == torch.float32
    assert weights.isfinite().all()
    assert (weights >= 0).all()
    assert weights[~available].sum() == 0
    assert weights[:, 0].sum() > 0


@pytest.mark.parametrize("selection", [TopKHard(), TopKSoft(), FixedShare(0.5)])
def test_order_of_samples_does_not_matter(selection):
    difficulty = torch.rand(20, 2, generator=torch.Generator().manual_seed(0)) + 1
    order = torch.randperm(20, generator=torch.Generator().manual_seed(1))
    available = torch.ones(20, 2, dtype=torch.bool)
    weights = selection(difficulty, available, 0.7)
    torch.testing.assert_close(selection(difficulty[order], available, 0.7), weights[order])
