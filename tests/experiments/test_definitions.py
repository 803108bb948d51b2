from __future__ import annotations

import csv

import pytest

from custom.errors import InputError
from custom.experiments.definitions import EXPERIMENTS, load_experiment

NAMES = ["choices", "figure3", "peers", "table3", "table4", "table5", "table6", "table7"]


def write_definitions(folder, **rows):
    (folder / "rows").mkdir()
    (folder / "table9.yaml").write_text("title: Table 9\ndescription: Made up.\nreference: best\n")
    for name, text in rows.items():
        (folder / "rows" / f"{name}.yaml").write_text(text)
    return folder


def test_all_experiments_are_there():
    assert sorted(path.stem for path in EXPERIMENTS.glob("*.yaml")) == NAMES


@pytest.mark.parametrize("name", NAMES)
def test_every_row_names_overrides_that_exist_and_the_reference_is_last(name):
    experiment = load_experiment(name)
    for row in experiment.rows:
        for override in row.overrides:
            assert (EXPERIMENTS.parent / "overrides" / f"{override}.yaml").is_file(), row.name
    assert experiment.rows[-1].name == experiment.reference
    assert len({row.title for row in experiment.rows}) == len(experiment.rows)


def test_every_row_is_in_a_table():
    used = {row.name for name in NAMES for row in load_experiment(name).rows}
    assert used == {path.stem for path in (EXPERIMENTS / "rows").glob("*.yaml")}


def test_a_row_is_a_short_file(tmp_path):
    folder = write_definitions(
        tmp_path,
        best="title: Best\ntables: {table9: {AP: 90}}",
        alone="title: Alone\noverrides: [lite]\nvalues: {alpha: 0.5}\ntasks: [detection]\ntables: {table9: {title: A}}",
        elsewhere="title: Elsewhere\ntables: {table8: {}}",
    )
    alone, best = load_experiment("table9", folder).rows
    assert (best.title, best.paper, best.tasks) == ("Best", {"AP": 90}, ("detection", "segmentation"))
    assert (alone.title, alone.overrides, alone.values) == ("A", ("lite",), {"alpha": 0.5})
    assert (alone.paper, alone.tasks) == ({}, ("detection",))


def test_rows_are_selected_by_name():
    experiment = load_experiment("table7")
    assert [row.name for row in experiment.select(["ours", "soft"])] == ["ours", "soft"]
    assert experiment.select([]) == experiment.rows
    with pytest.raises(InputError, match=r"rows.*no such row.*'sooft'.*hardest_30.*soft.*ours"):
        experiment.select(["soft", "sooft"])


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("title: [", "is not YAML"),
        ("", "has no keys"),
        ("titel: Typo", "'titel'.*tables"),
        ("tables: {table9: {AUC: 1}}", "'AUC'.*AP"),
        ("overrides: lite\ntables: {table9: {}}", "overrides: .*'lite'.*a list"),
        ("tasks: detection\ntables: {table9: {}}", "tasks: .*'detection'.*a list"),
        ("tasks: [detect]\ntables: {table9: {}}", "tasks: .*'detect'.*detection, segmentation"),
        ("values: 3\ntables: {table9: {}}", "values: .*3.*a mapping"),
        ("tables: [table9]", "tables: .*a mapping"),
        ("tables: {table9: 80}", r"tables\.table9: .*80.*a mapping"),
        ("tables: {table9: {AP: good}}", r"tables\.table9\.AP: .*'good'.*a number"),
    ],
)
def test_a_wrong_definition_is_named(tmp_path, text, message):
    folder = write_definitions(tmp_path, wrong=text)
    with pytest.raises(InputError, match=rf"wrong\.yaml.*{message}"):
        load_experiment("table9", folder)


@pytest.mark.parametrize(
    ("text", "message"), [("description: D", "missing keys.*'title'"), ("title: 3\ndescription: D", "title: .*3.*str")]
)
def test_a_wrong_experiment_is_named(tmp_path, text, message):
    folder = write_definitions(tmp_path)
    (folder / "table9.yaml").write_text(text)
    with pytest.raises(InputError, match=rf"table9\.yaml: {message}"):
        load_experiment("table9", folder)


def test_what_is_left_blank_is_as_if_it_were_not_there(tmp_path):
    folder = write_definitions(tmp_path, best="title: Best\noverrides:\ntables: {table9: {AP: }}", other="tables:")
    (best,) = load_experiment("table9", folder).rows
    assert (best.overrides, best.paper) == ((), {})


def test_an_unknown_experiment_is_answered_with_the_known_ones():
    with pytest.raises(InputError, match=r"'table2'.*figure3, peers, table3, table4, table5, table6, table7"):
        load_experiment("table2")


PUBLISHED = {
    "table3": ("table3_strategies.csv", {"val_ap": "AP", "val_j": "J", "runtime_s_per_frame": "seconds_per_frame"}),
    "table4": ("table4_convergence.csv", {"convergence_hours": "hours"}),
    "table5": ("table5_task_weights.csv", {"val_ap": "AP", "val_j": "J", "mean_kpi": "mean_kpi"}),
    "table6": ("table6_kpi_metrics.csv", {"val_ap": "AP", "val_j": "J", "mean_kpi": "mean_kpi"}),
    "table7": ("table7_sample_selection.csv", {"val_ap": "AP", "val_j": "J", "mean_kpi": "mean_kpi"}),
}


@pytest.mark.parametrize("name", PUBLISHED)
def test_the_papers_figures_are_the_papers(name, shared_data):
    file, columns = PUBLISHED[name]
    with (shared_data.parent / "paper" / "tables" / file).open(newline="") as table:
        published = [
            {key: float(line[column]) for column, key in columns.items() if line[column]}
            for line in csv.DictReader(table)
        ]
    ours = [dict(row.paper) for row in load_experiment(name).rows if row.paper]
    assert sorted(ours, key=str) == sorted(published, key=str)
