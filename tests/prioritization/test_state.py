from __future__ import annotations

import pytest
import torch

from custom.errors import InputError
from custom.prioritization import ConstantWeights, FixedShare, InverseKpi, NoSelection, PriorityState, TaskWeighting

BOTH = torch.ones(1, 2, dtype=torch.bool)


def observe(state: PriorityState, index: int, detection: float, segmentation: float) -> None:
    state.update(torch.tensor([index]), torch.tensor([[detection, segmentation]]), BOTH)


def test_kpis_are_moving_averages_initialised_by_the_first_observation():
    state = PriorityState(3, alpha=0.25)
    observe(state, 1, 0.8, 0.4)
    torch.testing.assert_close(state.kpis[1], torch.tensor([0.8, 0.4]))
    observe(state, 1, 0.4, 0.8)
    torch.testing.assert_close(state.kpis[1], torch.tensor([0.7, 0.5]))
    assert state.observed.tolist() == [[False] * 2, [True] * 2, [False] * 2]


def test_task_kpis_are_moving_averages_of_the_batches():
    state = PriorityState(4, alpha=0.5)
    state.update(torch.tensor([0, 2]), torch.tensor([[0.2, 0.6], [0.4, 1.0]]), BOTH.expand(2, 2))
    torch.testing.assert_close(state.task_kpis(), torch.tensor([0.3, 0.8]))
    state.update(torch.tensor([1]), torch.tensor([[0.7, 0.4]]), BOTH)
    torch.testing.assert_close(state.task_kpis(), torch.tensor([0.5, 0.6]))
    torch.testing.assert_close(state.task_weights(), 1 / torch.tensor([0.5, 0.6]))


def test_what_is_not_annotated_is_ignored():
    state = PriorityState(2, alpha=0.5)
    available = torch.tensor([[True, False], [True, False]])
    state.update(torch.tensor([0, 1]), torch.tensor([[0.2, float("nan")], [0.4, 0.9]]), available)
    torch.testing.assert_close(state.kpis, torch.tensor([[0.2, 0], [0.4, 0]]))
    torch.testing.assert_close(state.task_kpis(), torch.tensor([0.3, 0.0]))
    state.start_epoch(2)
    assert state.sample_weights(torch.tensor([0, 1])).tolist() == [[1, 0], [1, 0]]


def test_samples_with_nothing_to_find_do_not_count_for_the_task():
    state = PriorityState(3, alpha=0.5)
    index, both = torch.arange(3), BOTH.expand(3, 2)
    present = torch.tensor([[True, True], [False, True], [True, False]])
    state.update(index, torch.tensor([[0.2, 0.6], [1.0, 0.4], [0.4, 1.0]]), both, present)
    torch.testing.assert_close(state.task_kpis(), torch.tensor([0.3, 0.5]))
    torch.testing.assert_close(state.kpis[1], torch.tensor([1.0, 0.4]))
    state.update(index, torch.ones(3, 2), both, torch.zeros(3, 2, dtype=torch.bool))
    torch.testing.assert_close(state.task_kpis(), torch.tensor([0.3, 0.5]))


def test_samples_with_nothing_to_find_count_where_that_is_asked_for():
    state = PriorityState(2, count_empty_frames=True)
    present = torch.tensor([[True, True], [False, False]])
    state.update(torch.arange(2), torch.tensor([[0.2, 0.6], [1.0, 0.8]]), BOTH.expand(2, 2), present)
    torch.testing.assert_close(state.task_kpis(), torch.tensor([0.6, 0.7]))


def test_a_view_that_lost_its_electrodes_says_nothing_about_its_sample():
    state = PriorityState(2, alpha=0.5)
    both = BOTH.expand(2, 2)
    lost, empty = torch.tensor([[False, True]] * 2), torch.tensor([[False, False], [True, False]])
    state.update(torch.arange(2), torch.tensor([[1.0, 0.6], [1.0, 0.4]]), both, lost, empty)
    assert state.observed.tolist() == [[False, True], [True, True]]
    assert state.available.all()
    assert state.difficulty()[:, 0].tolist() == [torch.inf, 1]
    state.update(torch.tensor([0]), torch.tensor([[0.2, 0.6]]), BOTH, BOTH, empty[:1])
    state.update(torch.tensor([0]), torch.tensor([[1.0, 0.6]]), BOTH, lost[:1], empty[:1])
    torch.testing.assert_close(state.kpis, torch.tensor([[0.2, 0.6], [1.0, 0.4]]))


def test_what_is_not_annotated_does_not_count_however_much_it_shows():
    state = PriorityState(2)
    available = torch.tensor([[True, True], [False, True]])
    state.update(torch.tensor([0, 1]), torch.tensor([[0.2, 0.2], [0.8, 0.8]]), available, BOTH.expand(2, 2))
    torch.testing.assert_close(state.task_kpis(), torch.tensor([0.2, 0.5]))


def test_a_task_without_labels_weighs_as_one_without_errors():
    state = PriorityState(2, weighting=InverseKpi(detection=3, segmentation=0.5))
    assert state.task_weights().tolist() == [3, 0.5]
    state.update(torch.tensor([0]), torch.tensor([[0.2, 0.2]]), torch.tensor([[True, False]]))
    assert state.task_weights().tolist() == [15, 0.5]


def test_constant_weights_hold_from_the_first_step():
    state = PriorityState(2, weighting=ConstantWeights(detection=0, segmentation=5))
    assert state.task_weights().tolist() == [0, 5]


def test_a_repeated_sample_counts_with_its_mean():
    state = PriorityState(2)
    state.update(torch.tensor([1, 1]), torch.tensor([[0.2, 0.5], [0.6, 0.7]]), BOTH.expand(2, 2))
    torch.testing.assert_close(state.kpis[1], torch.tensor([0.4, 0.6]))


def test_share_falls_linearly():
    state = PriorityState(10, share_epochs=(2, 6), final_share=0.6)
    assert [round(state.share(epoch), 3) for epoch in (1, 2, 3, 4, 5, 6, 60)] == [1, 1, 0.9, 0.8, 0.7, 0.6, 0.6]


def test_share_may_grow():
    state = PriorityState(10, share_epochs=(0, 5), initial_share=0.5, final_share=1.0)
    assert [round(state.share(epoch), 3) for epoch in (1, 2, 5, 9)] == [0.6, 0.7, 1, 1]


def test_share_may_fall_at_once():
    state = PriorityState(10, share_epochs=(5, 5), final_share=0.6)
    assert [state.share(epoch) for epoch in (5, 6)] == [1, 0.6]


def ranked(**settings) -> PriorityState:
    """Ten samples, sample i with KPIs (i + 1) / 10 and 1 - i / 10: the first hard to detect, the last to segment."""
    state = PriorityState(10, share_epochs=(1, 2), final_share=0.3, **settings)
    indices = torch.arange(10)
    state.update(indices, torch.stack([(indices + 1) / 10, 1 - indices / 10], dim=1), BOTH.expand(10, 2))
    return state


def test_topk_trains_each_task_with_its_hardest():
    state = ranked()
    state.start_epoch(2)
    weights = state.sample_weights(torch.arange(10))
    assert weights[:, 0].nonzero().squeeze(1).tolist() == [0, 1, 2]
    assert weights[:, 1].nonzero().squeeze(1).tolist() == [7, 8, 9]
    assert state.selected_indices().tolist() == [0, 1, 2, 7, 8, 9]
    assert state.kept_share == pytest.approx(0.6)


def test_ranking_changes_between_epochs_only():
    state = ranked(alpha=1.0)
    state.start_epoch(2)
    observe(state, 0, 1.0, 1.0)
    assert 0 in state.selected_indices()
    state.start_epoch(2)
    assert 0 in state.selected_indices()
    state.start_epoch(3)
    assert state.selected_indices().tolist() == [1, 2, 3, 7, 8, 9]


def test_a_sample_left_out_keeps_its_kpi_and_comes_back_when_others_improve():
    state = ranked(alpha=1.0)
    state.start_epoch(2)
    assert 4 not in state.selected_indices()
    for index in range(3):
        observe(state, index, 0.95, 1.0)
    state.start_epoch(3)
    assert state.kpis[4, 0].item() == pytest.approx(0.5)
    assert {3, 4, 5} <= set(state.selected_indices().tolist())


@pytest.mark.parametrize("selection", [None, FixedShare(0.3)])
def test_refresh_epochs_see_every_sample(selection):
    state = ranked(selection=selection, refresh_interval=4)
    seen = {}
    for epoch in range(1, 11):
        state.start_epoch(epoch)
        seen[epoch] = len(state.selected_indices())
    assert [epoch for epoch, count in seen.items() if count == 10] == [1, 5, 9]


def test_before_anything_is_known_everything_trains_alike():
    state = PriorityState(3)
    state.start_epoch(1)
    assert state.sample_weights(torch.tensor([2, 0])).tolist() == [[1, 1], [1, 1]]
    assert state.task_weights().tolist() == [1, 1]


def test_restored_state_ranks_weighs_and_averages_alike(tmp_path):
    state = ranked()
    state.start_epoch(3)
    observe(state, 9, 0.05, 0.9)
    torch.save(state.state_dict(), tmp_path / "state.pt")
    other = PriorityState(10, share_epochs=(1, 2), final_share=0.3)
    other.load_state_dict(torch.load(tmp_path / "state.pt", weights_only=True))
    for epoch in (3, 4):
        for each in (state, other):
            each.start_epoch(epoch)
            observe(each, 5, 0.3, 0.6)
        assert other.selected_indices().tolist() == state.selected_indices().tolist()
        assert all(torch.equal(value, other.state_dict()[name]) for name, value in state.state_dict().items())


def test_the_state_of_another_training_list_is_refused():
    with pytest.raises(InputError, match=r"size.*found 4.*expected 10"):
        PriorityState(10).load_state_dict(PriorityState(4).state_dict())


def test_kpis_of_zero_and_one_are_ranked():
    state = PriorityState(2, selection=NoSelection(), share_epochs=(0, 0), final_share=0.5)
    state.update(torch.tensor([0, 1]), torch.tensor([[1.0, 0.0], [0.0, 1.0]]), BOTH.expand(2, 2))
    state.start_epoch(2)
    assert state.weights.tolist() == [[1, 1], [1, 1]]
    assert ranked_alone(state) == [1, 0]


def ranked_alone(state: PriorityState) -> list[int]:
    state.selection = FixedShare(0.5)
    state.start_epoch(3)
    return state.weights.argmax(dim=0).tolist()


@pytest.mark.parametrize(
    ("setting", "value"),
    [
        ("alpha", 0.0),
        ("alpha", 1.5),
        ("initial_share", 1.1),
        ("final_share", 0.0),
        ("share_epochs", (5, 2)),
        ("share_epochs", (5,)),
        ("share_epochs", (1, 2, 3)),
        ("refresh_interval", 0),
    ],
)
def test_settings_out_of_range_are_named(setting, value):
    with pytest.raises(InputError, match=setting):
        PriorityState(**({"size": 4} | {setting: value}))


def test_a_weighting_of_ones_own_is_derived_from_ours():
    with pytest.raises(
        InputError, match="weighting: is no weighting of tasks; found 'function'; expected a class deriv"
    ):
        PriorityState(2, weighting=lambda kpis: kpis)


class ThreeWeights(TaskWeighting):
    def forward(self, kpis):
        return kpis.new_ones(3)


def test_weights_of_another_shape_are_refused():
    state = PriorityState(4, weighting=ThreeWeights(), selection=lambda *_: torch.ones(4))
    with pytest.raises(
        InputError, match=r"weighting: weights of another shape; found \(3,\); expected \(2,\): detection a"
    ):
        state.task_weights()
    with pytest.raises(
        InputError, match=r"selection: .* found \(4,\); expected \(4, 2\): samples x detection and segm"
    ):
        state.start_epoch(1)


def test_a_repeated_sample_counts_once_for_its_task():
    state = PriorityState(2)
    state.update(torch.tensor([1, 1, 0]), torch.tensor([[0.2, 0.5], [0.6, 0.7], [0.8, 0.9]]), BOTH.expand(3, 2))
    torch.testing.assert_close(state.task_kpis(), torch.tensor([(0.4 + 0.8) / 2, (0.6 + 0.9) / 2]))


def test_training_without_frames_is_refused():
    with pytest.raises(InputError, match=r"no frames to train on.*in MONAI Label, save labels first"):
        PriorityState(size=0)
