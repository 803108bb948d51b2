import csv
import json

import pytest
import torch

from custom.errors import InputError
from custom.networks import lite_catheter_net
from custom.postprocessing.catheter_types.table import DEFAULT_TABLE
from custom.workflow import CatheterSequenceReport
from tests.metrics.catheter_frames import ablation, sinus, write_sequence
from tests.tiny_data import write_tiny_data


@pytest.fixture
def datalist(tmp_path):
    folder = tmp_path / "data"
    folder.mkdir()
    frames = [[sinus(2 * index, 0), ablation(0, index)] for index in range(3)]
    path = folder / "datalist.json"
    path.write_text(json.dumps({"training": [], "validation": [], "test": write_sequence(folder, frames)}))
    return path


def read(folder):
    with (folder / "catheter_frames.csv").open(newline="") as file:
        return json.loads((folder / "catheters.json").read_text()), list(csv.DictReader(file))


def test_from_the_truth(catheter, datalist, tmp_path, capsys):
    catheter("evaluate_catheters", datalist, "--truth_input", "--output", tmp_path / "report")
    document, rows = read(tmp_path / "report")

    assert (document["frames"], document["sequences"], document["catheters"], document["electrodes"]) == (3, 1, 6, 42)
    assert document["spacing_planes"] == ["isocentre"]
    assert document["metrics"]["electrode_recall"] == 1.0
    assert document["metrics"]["assignment_accuracy"] == 1.0
    assert document["metrics"]["centerline_mean_px"] < 0.5
    assert sum(document["types"]["coronary sinus"].values()) == 3
    assert [row["frame"] for row in rows] == ["0", "1", "2"]
    assert "| assignment_accuracy | 1 |" in (tmp_path / "report" / "catheters.md").read_text()
    assert str(tmp_path / "report") in capsys.readouterr().out.replace("\n", "")


def test_twice_the_same(catheter, datalist, tmp_path):
    for name in ("one", "two"):
        catheter("evaluate_catheters", datalist, "--truth_input", "--output", tmp_path / name)
    for file in ("catheters.json", "catheters.md", "catheter_frames.csv"):
        assert (tmp_path / "one" / file).read_bytes() == (tmp_path / "two" / file).read_bytes()


@pytest.mark.slow
def test_from_a_network(catheter, datalist, tmp_path):
    torch.manual_seed(0)
    network = lite_catheter_net(head_stride=2, offset=True)
    torch.save(network.state_dict(), tmp_path / "model.pt")
    options = ("--weights", tmp_path / "model.pt", "--overrides", "lite", "--device", "cpu")
    catheter("evaluate_catheters", datalist, "--output", tmp_path / "report", *options)
    document, rows = read(tmp_path / "report")
    assert document["found_from"] == "the network's masks and electrodes"
    assert len(rows) == document["frames"] == 3


def test_datalist_without_labels_is_refused(catheter, tmp_path, capsys):
    datalist = write_tiny_data(tmp_path)
    with pytest.raises(SystemExit) as stop:
        catheter("evaluate_catheters", datalist, "--truth_input", "--output", tmp_path / "report")
    message = capsys.readouterr().err
    assert stop.value.code == 2
    assert "test[0].catheters: missing" in message
    assert "test[1].sequence: missing" in message


def test_weights_have_no_part_in_the_truth(catheter, datalist, tmp_path, capsys):
    with pytest.raises(SystemExit) as stop:
        catheter("evaluate_catheters", datalist, "--truth_input", "--weights", "model.pt", "--output", tmp_path)
    assert stop.value.code == 2
    assert "--truth_input: needs no network; found 'weights'" in capsys.readouterr().err


def test_a_table_of_types_is_named_as_in_infer(catheter, datalist, tmp_path):
    table = tmp_path / "own.yaml"
    table.write_text(DEFAULT_TABLE.read_text().replace("coronary sinus:", "our sinus:"))
    catheter("evaluate_catheters", datalist, "--truth_input", "--types", table, "--output", tmp_path / "report")
    assert read(tmp_path / "report")[0]["types"]["coronary sinus"] == {"our sinus": 3}


def test_a_report_without_a_tracker_is_refused(tmp_path):
    with pytest.raises(InputError, match="tracker: identity from frame to frame cannot be evaluated without it"):
        CatheterSequenceReport([], tmp_path, tracker=None)
