from __future__ import annotations

import math

import pytest

from custom.experiments.definitions import Row
from custom.experiments.results import RowResult, RunResult, common_target, read_results, spread
from tests.experiments.made_up_runs import history_of, write_run

OURS, OTHER = Row("ours", "Ours"), Row("other", "Other")
SINGLE = Row("single", "Single", tasks=("detection",))


def test_spread_by_hand():
    total = spread([1.0, math.nan, 2.0, 6.0])
    assert (total.mean, total.count) == (3, 3)
    assert total.deviation == pytest.approx(math.sqrt((4 + 1 + 9) / 2))
    assert spread([1.0, 3.0]).deviation == pytest.approx(math.sqrt(2))
    assert math.isnan(spread([5.0]).deviation)
    assert math.isnan(spread([]).mean)


@pytest.fixture
def results(tmp_path):
    """Mean KPIs 40, 50, 60 % against 44, 50, 66 %; detection alone 70 %."""
    write = lambda row, seed, ap, j, kpis: write_run(row, seed, tmp_path, ap=ap, j=j, history=history_of(kpis))  # noqa: E731
    runs = [
        write(OTHER, 0, 0.3, 0.5, [0.1, 0.4]),
        write(OTHER, 1, 0.4, 0.6, [0.2, 0.3]),
        write(OTHER, 2, 0.5, 0.7, [0.3, 0.2]),
        write(SINGLE, 0, 0.7, None, [0.7, 0.8]),
        write(OURS, 0, 0.34, 0.54, [0.4, 0.5]),
        write(OURS, 1, 0.4, 0.6, [0.25, 0.5]),
        write(OURS, 2, 0.56, 0.76, [math.nan, 0.5]),
    ]
    return {result.row.name: result for result in read_results(runs)}


def test_percent_over_seeds(results):
    other = results["other"]
    assert other.spread("AP").mean == pytest.approx(40)
    assert other.spread("mean_kpi").mean == pytest.approx(50)
    assert other.spread("mean_kpi").deviation == pytest.approx(10)
    assert other.spread("seconds_per_frame").mean == 0.5


def test_the_difference_is_paired_by_seed(results):
    difference = results["other"].difference(results["ours"])
    # -4, 0, -6: mean -10/3, SD sqrt(28/3), t = mean / (SD / sqrt 3) = -1.8898 with two degrees of freedom.
    assert difference.spread.mean == pytest.approx(-10 / 3)
    assert difference.spread.deviation == pytest.approx(math.sqrt(28 / 3))
    assert difference.p == pytest.approx(0.1994, abs=1e-4)


def test_seeds_that_one_row_lacks_are_left_out_of_the_difference(results):
    ours = RowResult(OURS, results["ours"].runs[:2])
    # -4 and 0: mean -2, SD sqrt(8), t = -1 with one degree of freedom.
    for difference in (results["other"].difference(ours), ours.difference(results["other"])):
        assert (abs(difference.spread.mean), difference.spread.count) == (pytest.approx(2), 2)
        assert difference.p == pytest.approx(0.5)


def test_time_and_best_validation_of_a_run():
    run = RunResult(0, {}, history_of([math.nan, 0.5, 0.25]))
    assert (run.training_seconds, run.best_validation) == (30, 50)


def test_a_single_task_is_compared_by_its_own_metric_and_has_no_mean_kpi(results):
    single = results["single"]
    assert single.spread("mean_kpi").count == 0
    assert single.spread("J").count == 0
    difference = single.difference(results["ours"])
    assert (difference.metric, difference.spread.count) == ("AP", 1)
    assert difference.spread.mean == pytest.approx(70 - 34)
    assert math.isnan(difference.p)
    assert all(math.isnan(value) for value in single.reaches(single.runs[0], 1.0))


def test_equal_differences_have_no_p(results):
    assert math.isnan(results["ours"].difference(results["ours"]).p)


def test_differences_that_are_equal_but_for_rounding_have_no_p():
    """They differ in the 15th digit, which made p 1e-28."""
    ours, other = (
        RowResult(row, tuple(RunResult(seed, {"mean_kpi": kpi}, []) for seed, kpi in enumerate(kpis)))
        for row, kpis in ((OURS, (71.2, 72.3, 73.4)), (OTHER, (70.1, 71.2, 72.3)))
    )
    difference = ours.difference(other)
    assert difference.spread.mean == pytest.approx(1.1)
    assert math.isnan(difference.p)


def made_up(row, *kpis):
    return RowResult(row, tuple(RunResult(seed, {"mean_kpi": kpi}, []) for seed, kpi in enumerate(kpis)))


def test_a_seed_whose_metric_is_undefined_leaves_the_others_comparable():
    difference = made_up(OURS, 44.0, math.nan, 50.0, 66.0).difference(made_up(OTHER, 40.0, 10.0, 50.0, 60.0))
    # 4, 0, 6: mean 10/3, SD sqrt(28/3), t = 1.8898 with two degrees of freedom.
    assert difference.spread.mean == pytest.approx(10 / 3)
    assert difference.spread.count == 3
    assert difference.p == pytest.approx(0.1994, abs=1e-4)
    assert math.isnan(made_up(OURS, math.nan, 1.0).difference(made_up(OTHER, 1.0, 2.0)).p)


@pytest.mark.parametrize("order", [(0, 1), (1, 0)])
def test_a_run_whose_validation_was_never_defined_does_not_set_the_target(order):
    histories = [history_of([math.nan, math.nan]), history_of([0.2, 0.3])]
    runs = tuple(RunResult(seed, {}, histories[index]) for seed, index in enumerate(order))
    assert common_target([RowResult(OURS, runs)]) == pytest.approx(30)


def test_time_to_a_target(results):
    other, ours = results["other"], results["ours"]
    assert other.reaches(other.runs[0], 30.0) == (20, 8)
    assert other.reaches(other.runs[2], 30.0) == (10, 4)
    assert ours.reaches(ours.runs[2], 30.0) == (20, 8), "an epoch without validation is passed over"
    assert all(math.isnan(value) for value in other.reaches(other.runs[1], 31.0))


def test_the_common_target_is_the_highest_that_every_run_reached(results):
    assert common_target(list(results.values())) == pytest.approx(30)
    assert math.isnan(common_target([results["single"]]))


def test_unfinished_runs_are_left_out(tmp_path):
    first = write_run(OURS, 0, tmp_path, ap=0.5, j=0.5, history=history_of([0.1]))
    second = write_run(OURS, 1, tmp_path, ap=0.5, j=0.5, history=history_of([0.1]))
    third = write_run(OTHER, 0, tmp_path, ap=0.5, j=0.5, history=history_of([0.1]))
    for run in (second, third):
        run.metrics_path.unlink()
    (result,) = read_results([first, second, third])
    assert [run.seed for run in result.runs] == [0]
