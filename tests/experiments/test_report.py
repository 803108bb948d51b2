from __future__ import annotations

import csv
from dataclasses import replace

import numpy as np
import pytest
from PIL import Image

from custom.experiments import report_files
from custom.experiments.definitions import Experiment, Row
from custom.experiments.report import summary_rows, write_markdown
from custom.experiments.report_files import write_report
from custom.experiments.results import read_results
from tests.experiments.made_up_runs import history_of, write_kpis, write_run

OURS = Row("ours", "Ours, twice", paper={"AP": 84.15, "J": 65.37, "hours": 5.5})
PLAIN = Row("plain", "Plain", paper={"AP": 82.0})
EXPERIMENT = Experiment("table9", "Table 9: made up", "Rows that nobody ran.", "ours", (PLAIN, OURS))


@pytest.fixture
def runs(tmp_path):
    weights = {"kpi_detection": 0.5, "kpi_segmentation": 0.25, "weight_detection": 2, "weight_segmentation": 4}
    history = [line | weights | {"kept_share": 0.7} for line in history_of([0.2, 0.6])]
    figures = [(PLAIN, 0, 0.40, 0.5), (PLAIN, 1, 0.44, 0.5), (OURS, 0, 0.5, 0.6), (OURS, 1, 0.6, 0.6)]
    return [write_run(row, seed, tmp_path, ap=ap, j=j, history=history) for row, seed, ap, j in figures]


def report(runs, tmp_path, target=50.0):
    folder = tmp_path / "table9"
    written = write_report(folder, EXPERIMENT, runs, target=target, settings={"overrides": "lite"})
    return {path.name: path for path in written}


def test_markdown_has_the_numbers_and_the_papers_marked_as_on_other_data(runs, tmp_path):
    text = report(runs, tmp_path)["report.md"].read_text()
    assert text.startswith("# Table 9: made up\n")
    # Mean KPIs 45 and 47 against 55 and 60: differences -10 and -13, t = -23 / 3 with one degree of freedom.
    assert "| Plain | 42.0 ± 2.8 (2) | 82.00 | 50.0 ± 0.0 (2) |  | 46.0 ± 1.4 (2) | -11.5 ± 2.1 (2) | 0.083 |" in text
    assert "| Ours, twice | 55.0 ± 7.1 (2) | 84.15 | 60.0 ± 0.0 (2) | 65.37 | 57.5 ± 3.5 (2) |  |  |" in text
    assert "| Ours, twice | 0.500 ± 0.000 (2) | 20 ± 0 (2) | 20 ± 0 (2) | 8 ± 0 (2) | 5.5 |" in text
    assert "**other data, other hardware**" in text
    assert "Fewer than 3 seeds" in text
    assert "- overrides: lite" in text


def test_what_needs_no_warning_has_none_and_a_single_task_says_what_it_is_compared_by(tmp_path):
    alone = Row("alone", "Alone", tasks=("detection",))
    history = history_of([0.2, 0.6])
    runs = [
        write_run(row, seed, tmp_path, ap=ap + seed / 10 + seed**2 / 1000, j=0.5, history=history)
        for row, ap in ((alone, 0.3), (OURS, 0.2))
        for seed in range(3)
    ]
    single, ours = read_results(runs)
    # AP differs by 10 percent, but for 0.01 of one seed: p is far below 0.001.
    single.runs[0].metrics["AP"] += 0.01
    rows = summary_rows([single, ours], ours, 50.0)
    experiment = replace(EXPERIMENT, rows=(PLAIN, alone, OURS))
    write_markdown(tmp_path / "a.md", experiment, rows, target=50.0, settings={}, pictures=[], missing=[])
    text = (tmp_path / "a.md").read_text()
    assert "| +10.0 ± 0.0 (3) AP | < 0.001 |" in text
    assert 'is that of the row to "Ours, twice", over the seeds' in text
    assert "a mean KPI of 50.0 %" in text
    assert "seeds: a difference says little" not in text
    assert "Not finished" not in text


def test_csv_has_a_line_for_each_row_and_run(runs, tmp_path):
    written = report(runs, tmp_path)
    plain, ours = csv.DictReader(written["rows.csv"].open())
    assert (plain["row"], float(plain["difference"]), plain["difference_n"]) == ("plain", pytest.approx(-11.5), "2")
    assert (plain["paper_AP_percent"], ours["paper_hours"], ours["difference"]) == ("82.0", "5.5", "")
    lines = list(csv.DictReader(written["runs.csv"].open()))
    assert [(line["row"], line["seed"]) for line in lines] == [
        ("plain", "0"),
        ("plain", "1"),
        ("ours", "0"),
        ("ours", "1"),
    ]
    assert [float(line["AP_percent"]) for line in lines] == pytest.approx([40, 44, 50, 60])


def test_the_size_of_the_networks_stands_beside_their_speed(tmp_path):
    history = history_of([0.2, 0.6])
    runs = [
        write_run(PLAIN, 0, tmp_path, ap=0.4, j=0.5, history=history, million_parameters=23.67),
        write_run(OURS, 0, tmp_path, ap=0.4, j=0.5, history=history),
    ]
    text = report(runs, tmp_path)["report.md"].read_text()
    assert "| Plain | 23.7 | 0.500 (1) |" in text
    assert "| Ours, twice |  | 0.500 (1) |" in text


def test_plots_are_drawn(runs, tmp_path):
    written = report(runs, tmp_path)
    for name in ("accuracy.png", "convergence.png", "training.png"):
        assert len(Image.open(written[name]).convert("RGB").getcolors(1 << 24)) > 20, name
    assert "difficulty.png" not in written


def test_difficulties_are_drawn_where_they_were_recorded(runs, tmp_path):
    for run in runs:
        write_kpis(run.kpis_path, seed=run.seed)
    assert Image.open(report(runs, tmp_path)["difficulty.png"]).width > 500


def test_difficulties_are_those_of_the_first_finished_run_of_each_row(runs, tmp_path, monkeypatch):
    drawn = []
    monkeypatch.setattr(report_files, "plot_difficulty", lambda path, records: drawn.extend(records))
    for run in runs:
        write_kpis(run.kpis_path, seed=run.seed)
    runs[0].metrics_path.unlink()
    report(runs, tmp_path)
    assert drawn == [("Plain", runs[1].kpis_path), ("Ours, twice", runs[2].kpis_path)]


def test_a_task_that_was_never_seen_has_no_difficulties(runs, tmp_path):
    write_kpis(runs[0].kpis_path)
    with np.load(runs[0].kpis_path) as stored:
        record = dict(stored)
    record["difficulty"][:, :, 1] = np.inf
    np.savez(runs[0].kpis_path, **record)
    assert "difficulty.png" in report(runs[:2], tmp_path)


def test_runs_that_are_not_finished_are_named(runs, tmp_path):
    runs[1].metrics_path.unlink()
    text = report(runs, tmp_path)["report.md"].read_text()
    assert "Not finished, and not in the tables: plain/seed_1." in text
    assert "| Plain | 40.0 (1) |" in text


def test_without_the_reference_nothing_is_compared(runs, tmp_path):
    text = report(runs[:2], tmp_path)["report.md"].read_text()
    assert "| Plain | 42.0 ± 2.8 (2) |" in text
    assert "-11.5" not in text


def test_a_single_task_alone_has_a_report_without_a_target(tmp_path):
    alone = Row("alone", "Alone", tasks=("detection",))
    runs = [write_run(alone, 0, tmp_path, ap=0.4, j=None, history=history_of([0.2, 0.6]))]
    written = report(runs, tmp_path, target=None)
    assert set(written) == {"report.md", "rows.csv", "runs.csv", "accuracy.png", "training.png"}
    assert "| Alone | 40.0 (1) |" in written["report.md"].read_text()
    assert "target" not in written["report.md"].read_text()


def test_without_a_finished_run_nothing_is_written(runs, tmp_path):
    for run in runs:
        run.metrics_path.unlink()
    assert report(runs, tmp_path) == {}
