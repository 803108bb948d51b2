import json
import re
from pathlib import Path

import pytest

from custom.data.datalist import Datalist, datalist_section, read_datalist, write_datalist
from custom.errors import FaultsError, InputError


def test_paths_start_at_the_file(document, write, tmp_path, monkeypatch):
    path = write(document)
    monkeypatch.chdir(tmp_path.parent)
    datalist = read_datalist(path.relative_to(tmp_path.parent))
    assert datalist.training[0]["image"] == str(tmp_path / "a.png")
    assert datalist.training[0]["mask"] == str(tmp_path / "mask.png")
    assert datalist.training[1]["mask"] is None
    assert datalist.test == []


def test_writing_and_reading_are_inverse(document, write, tmp_path):
    datalist = read_datalist(write(document))
    splits = {"training": datalist.training, "validation": datalist.validation}
    write_datalist(tmp_path / "deeper" / "list.json", splits)
    assert read_datalist(tmp_path / "deeper" / "list.json") == datalist
    assert json.loads((tmp_path / "deeper" / "list.json").read_text())["training"][0]["image"] == "../a.png"


def test_a_linked_folder_is_the_one_that_it_leads_to(document, write, tmp_path, monkeypatch):
    datalist = read_datalist(write(document))
    (tmp_path / "far" / "away").mkdir(parents=True)
    (tmp_path / "link").symlink_to(tmp_path / "far" / "away")
    write_datalist(tmp_path / "link" / "list.json", {"training": datalist.training, "validation": datalist.validation})
    monkeypatch.chdir(tmp_path / "link")
    for path in ("list.json", tmp_path / "link" / "list.json", tmp_path / "far" / "away" / "list.json"):
        assert read_datalist(path) == datalist
    assert json.loads(Path("list.json").read_text())["training"][0]["image"] == "../../a.png"


def test_links_between_the_list_and_its_frames_keep_their_names(document, write, tmp_path):
    (tmp_path / "frames").mkdir()
    (tmp_path / "a.png").rename(tmp_path / "frames" / "a.png")
    (tmp_path / "linked").symlink_to(tmp_path / "frames")
    document["training"][0]["image"] = "linked/a.png"
    training = read_datalist(write(document)).training
    write_datalist(tmp_path / "out" / "list.json", {"training": training})
    assert json.loads((tmp_path / "out" / "list.json").read_text())["training"][0]["image"] == "../linked/a.png"


def test_writing_keeps_relative_paths_and_one_entry_a_line(document, tmp_path):
    write_datalist(tmp_path / "list.json", document)
    text = (tmp_path / "list.json").read_text()
    assert json.loads(text) == document
    assert sum(line.startswith("  {") for line in text.splitlines()) == 3


def test_a_folder_is_told_from_a_datalist(document, tmp_path):
    folder = re.escape(str(tmp_path))
    with pytest.raises(InputError, match=f"{folder}: is a folder, not a JSON file\\.$"):
        read_datalist(tmp_path)
    write_datalist(tmp_path / "datalist.json", document)
    with pytest.raises(
        InputError, match=f"is a folder, not a JSON file. Name one in it, such as {folder}/datalist.json"
    ):
        read_datalist(tmp_path)


def test_a_failed_write_keeps_the_old_file(document, tmp_path):
    write_datalist(tmp_path / "list.json", document)
    before = (tmp_path / "list.json").read_text()
    document["training"][0]["electrodes"][0]["x"] = float("nan")
    with pytest.raises(ValueError, match="not JSON compliant"):
        write_datalist(tmp_path / "list.json", document)
    assert (tmp_path / "list.json").read_text() == before


def test_a_section_keeps_its_order(document, write):
    section = datalist_section(write(document), "training")
    assert [entry["case"] for entry in section] == [entry["case"] for entry in document["training"]]


def test_a_section_can_leave_labels_out(document, write):
    path = write(document)
    complete = datalist_section(path, "training")
    for task, kept, left_out in (("detection", "electrodes", "mask"), ("segmentation", "mask", "electrodes")):
        section = datalist_section(path, "training", tasks=[task])
        assert [entry[kept] for entry in section] == [entry[kept] for entry in complete]
        assert [entry[left_out] for entry in section] == [None] * len(section)
    assert complete[0]["mask"] is not None
    assert complete[0]["electrodes"] is not None


@pytest.mark.parametrize(("split", "problem"), [("test", "no entries"), ("train", "unknown split")])
def test_a_section_that_is_not_there_is_refused(document, write, split, problem):
    with pytest.raises(InputError, match=problem):
        datalist_section(write(document), split)


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("", "empty"),
        ("{", "line 1: is not JSON"),
        ('{"training": [], "test": [], "training": []}', "training: the key stands more than once .*'2 times'"),
        ("[]", "expected an object with training, validation, test"),
        ("9" * 5000, "cannot be read .*5000 digits"),
        ("[" * 100_000, "cannot be read .*recursion"),
    ],
)
def test_files_that_are_no_datalist_are_refused(write, text, problem):
    with pytest.raises((InputError, FaultsError), match=problem):
        read_datalist(write(text))


def test_a_byte_order_mark_is_no_fault(document, write, tmp_path):
    """Editors on Windows write it."""
    path = write(document)
    datalist = read_datalist(path)
    path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes())
    assert read_datalist(path) == datalist


def test_a_missing_file_is_refused(tmp_path):
    with pytest.raises(InputError, match="No such file"):
        read_datalist(tmp_path / "nothing.json")


def test_unknown_splits_are_not_written(tmp_path):
    with pytest.raises(InputError, match="'train'"):
        write_datalist(tmp_path / "list.json", {"train": []})


def test_splits_are_found_by_name():
    assert Datalist(training=[{"a": 1}], validation=[], test=[]).split("training") == [{"a": 1}]
