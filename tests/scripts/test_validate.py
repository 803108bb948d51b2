import io
import sys

import numpy as np
import pytest
from PIL import Image

from custom.data.datalist import write_datalist


@pytest.fixture
def entries(tmp_path):
    pixels = np.arange(24 * 40, dtype=np.uint16).reshape(24, 40)
    Image.fromarray(pixels).save(tmp_path / "a.png")
    electrodes = [{"x": 3, "y": 20, "width": 4, "height": 4}]
    return [{"image": "a.png", "mask": None, "electrodes": electrodes, "case": "p1"}]


def test_a_right_datalist_is_described(tmp_path, entries, catheter, capsys):
    write_datalist(tmp_path / "list.json", {"training": entries})
    catheter("validate", tmp_path / "list.json")
    printed = capsys.readouterr()
    assert "24 x 40 (1)" in printed.out
    assert "mean 1.0, at most 1" in printed.out
    assert printed.out.endswith(f"{tmp_path / 'list.json'}: no faults in 1 frame.\n")
    assert printed.err == ""


def test_electrodes_that_nobody_annotated_are_not_none(tmp_path, entries, catheter, capsys):
    Image.new("L", (40, 24)).save(tmp_path / "mask.png")
    write_datalist(tmp_path / "list.json", {"training": [{**entries[0], "mask": "mask.png", "electrodes": None}]})
    catheter("validate", tmp_path / "list.json")
    (line,) = (line for line in capsys.readouterr().out.splitlines() if "electrodes a frame" in line)
    assert "not annotated" in line


def test_names_beyond_the_terminal_s_alphabet_are_no_fault(tmp_path, entries, catheter, monkeypatch):
    path = tmp_path / "ł.json"
    (tmp_path / "a.png").rename(tmp_path / "ü.png")
    write_datalist(path, {"training": [dict(entries[0], image="ü.png")]})
    printed = io.BytesIO()
    monkeypatch.setattr("sys.stdout", io.TextIOWrapper(printed, encoding="ascii"))
    catheter("validate", path)
    sys.stdout.flush()
    assert b"\\u0142.json: no faults in 1 frame." in printed.getvalue()


def test_many_warnings_are_counted(tmp_path, entries, catheter, capsys):
    for number in range(25):
        entries[0][f"key{number}"] = 1
    write_datalist(tmp_path / "list.json", {"training": entries})
    catheter("validate", tmp_path / "list.json")
    printed = capsys.readouterr().out
    assert printed.count("unknown key, ignored") == 20
    assert "5 more like these" in printed


def test_faults_are_listed_and_end_with_2(tmp_path, entries, catheter, capsys):
    entries[0]["electrodes"] += [{"x": 90, "y": 1, "width": 0, "height": 1}]
    write_datalist(tmp_path / "list.json", {"training": entries, "test": [dict(entries[0], image="b.png")]})
    with pytest.raises(SystemExit) as exit_:
        catheter("validate", tmp_path / "list.json")
    printed = capsys.readouterr()
    assert exit_.value.code == 2
    assert "training[0].electrodes[1].width: wrong value; found 0" in printed.err
    assert "test[0].electrodes[1].width: wrong value; found 0" in printed.err
    assert printed.out == ""
