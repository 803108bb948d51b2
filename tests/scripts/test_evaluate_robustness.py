"""`catheter evaluate_robustness`, and the groups of `catheter evaluate`, as users type them."""

import csv
import json
from collections import Counter

import pytest
from PIL import Image

from tests.tiny_data import write_tiny_data
from tests.tiny_weights import write_tiny_weights


@pytest.fixture(scope="module")
def data(tmp_path_factory):
    return write_tiny_data(tmp_path_factory.mktemp("data"), frames=3)


@pytest.fixture(scope="module")
def weights(tmp_path_factory):
    return write_tiny_weights(tmp_path_factory.mktemp("weights") / "model.pt")


def passes(folder):
    with (folder / "robustness" / "robustness.csv").open(newline="") as file:
        return list(csv.DictReader(file))


@pytest.mark.slow
def test_every_corruption_has_five_strengths(catheter, data, weights, tmp_path):
    options = ("--weights", weights, "--overrides", "lite", "--device", "cpu")
    catheter("evaluate_robustness", data, "--output", tmp_path, "--frames", 1, *options)
    rows = passes(tmp_path)
    assert (rows[0]["corruption"], len(rows)) == ("none", 1 + 16 * 5)
    assert set(Counter(row["corruption"] for row in rows[1:]).values()) == {5}
    assert 0 < float(rows[0]["J"]) < 1
    assert Image.open(tmp_path / "robustness" / "robustness.png").height > 1000
    assert (tmp_path / "robustness" / "robustness.md").read_text().startswith("# Robustness\n\nFrames: 1.")


@pytest.mark.slow
def test_a_seed_gives_the_same_numbers_twice_and_clean_frames_those_of_evaluate(catheter, data, weights, tmp_path):
    options = ("--weights", weights, "--only", "noise,wires", "--device", "cpu")
    for name in ("one", "two"):
        catheter("evaluate_robustness", data, "--output", tmp_path / name, *options)
    assert len(passes(tmp_path / "one")) == 11
    assert passes(tmp_path / "one") == passes(tmp_path / "two")
    catheter("evaluate", data, "--output", tmp_path / "clean", *options[:2], "--device", "cpu")
    metrics = json.loads((tmp_path / "clean" / "evaluation" / "metrics.json").read_text())["metrics"]
    assert float(passes(tmp_path / "one")[0]["J"]) == pytest.approx(metrics["J"], abs=1e-9)
    groups = (tmp_path / "clean" / "evaluation" / "groups.md").read_text()
    assert "## dose_ngy\n\nNot known of any frame." in groups


def test_no_frame_at_all_is_refused(catheter, data, weights, tmp_path, capsys):
    with pytest.raises(SystemExit, match="2"):
        catheter("evaluate_robustness", data, "--output", tmp_path, "--weights", weights, "--frames", "0")
    assert "--frames: too few; found 0; expected 1 or more" in capsys.readouterr().err


def test_an_unknown_corruption_is_answered_with_the_known_ones(catheter, data, weights, tmp_path, capsys):
    with pytest.raises(SystemExit) as stop:
        catheter("evaluate_robustness", data, "--output", tmp_path, "--weights", weights, "--only", "noise,fog")
    assert stop.value.code == 2
    printed = capsys.readouterr().err
    assert "unknown corruption; found 'fog'; expected some of dose, noise, blur" in printed
