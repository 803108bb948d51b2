import json
import logging
import threading
from dataclasses import replace

import pytest
from ignite.engine import Engine
from PIL import Image
from rich.console import Console

from custom.error_report import find_user_error
from custom.errors import InputError
from custom.results.json_document import JsonDocument
from custom.workflow import ResultWriter
from custom.workflow.result_summary import FileSummary, summary_table
from tests.results.frames import make_frame, write_cine
from tests.small_disk import files_of_at_most


@pytest.fixture
def cine(tmp_path):
    path = write_cine(tmp_path / "Lovelace_Ada.dcm")
    return [make_frame(index, 3, source="Lovelace_Ada.dcm", path=path) for index in range(3)]


@pytest.fixture
def picture(tmp_path):
    path = tmp_path / "a.png"
    Image.new("L", (80, 48)).save(path)
    return make_frame(source="a.png", path=path)


@pytest.fixture
def folder(tmp_path):
    return tmp_path / "results"


def write(writer, frames):
    for frame in frames:
        writer.add(frame)
    writer.close()
    return writer


def names(folder):
    return sorted(path.name for path in folder.iterdir())


def test_each_file_gets_its_results(folder, cine, picture, capsys, caplog, monkeypatch):
    monkeypatch.setenv("COLUMNS", "120")
    caplog.set_level(logging.INFO, "catheter.infer")
    write(ResultWriter(folder, ["json"]), [*cine, picture])
    image, dicom = names(folder)
    assert dicom.startswith("dicom_")
    assert image == "a.png.json"
    document = json.loads((folder / dicom).read_text())
    assert (len(document["frames"]), document["complete"]) == (3, True)
    assert document["source"] + ".json" == dicom
    printed = capsys.readouterr().out
    assert "Lovelace_Ada.dcm" in printed
    assert dicom.removesuffix(".json") in printed
    assert "coronary sinus (3)" in printed
    assert f"wrote 2 files about 4 frames to {folder}" in caplog.text


def test_files_of_the_same_content_count_once(folder, cine, tmp_path, caplog):
    caplog.set_level(logging.INFO, "catheter.infer")
    copy = tmp_path / "copy.dcm"
    copy.write_bytes((tmp_path / "Lovelace_Ada.dcm").read_bytes())
    copies = [replace(frame, source=copy.name, path=str(copy)) for frame in cine]
    write(ResultWriter(folder, ["json", "coco"]), [*cine, *copies])
    assert len(names(folder)) == 2
    assert f"wrote 2 files about 6 frames to {folder}" in caplog.text


def test_one_frame_is_called_so(folder, picture, caplog):
    caplog.set_level(logging.INFO, "catheter.infer")
    write(ResultWriter(folder, ["json", "mask"]), [picture])
    assert f"wrote 2 files about 1 frame to {folder}" in caplog.text


def test_results_of_an_earlier_run_are_not_taken_for_those_of_this_one(folder, cine, picture, caplog):
    caplog.set_level(logging.INFO, "catheter.infer")
    write(ResultWriter(folder, ["json", "mask"]), cine)
    (folder / ".DS_Store").touch()
    assert "older" not in caplog.text
    write(ResultWriter(folder, ["json"]), [picture])
    assert f"wrote 1 file about 1 frame to {folder}; 4 older files there are not of this run" in caplog.text
    write(ResultWriter(folder, ["json"]), [picture])
    assert caplog.text.count("; 4 older files") == 2
    write(ResultWriter(folder, ["json", "mask"]), [*cine, picture])
    assert caplog.messages[-1] == f"wrote 6 files about 4 frames to {folder}"


def test_names_of_dicom_files_are_kept_where_that_is_wanted(folder, cine):
    write(ResultWriter(folder, ["json"], keep_identifiers=True), cine)
    assert names(folder) == ["Lovelace_Ada.dcm.json"]


def test_fewer_frames_than_promised_are_marked(folder, cine, picture, capsys, monkeypatch):
    monkeypatch.setenv("COLUMNS", "120")
    write(ResultWriter(folder, ["json"], keep_identifiers=True), [*cine[:2], picture])
    assert json.loads((folder / "Lovelace_Ada.dcm.json").read_text())["complete"] is False
    assert "2 of 3" in capsys.readouterr().out


class CountingTracker:
    def start(self):
        self.frames = 0

    def update(self, result):
        self.frames += 1
        return replace(result, flags=(f"frame_{self.frames}",))


def test_the_tracker_starts_anew_with_each_file(folder, cine, picture):
    write(ResultWriter(folder, "json", tracker=CountingTracker(), keep_identifiers=True), [*cine, picture])
    flags = {
        name: [frame["flags"] for frame in json.loads((folder / name).read_text())["frames"]] for name in names(folder)
    }
    assert flags == {"Lovelace_Ada.dcm.json": [["frame_1"], ["frame_2"], ["frame_3"]], "a.png.json": [["frame_1"]]}


def test_a_format_that_does_not_suit_a_file_leaves_the_others(folder, cine, picture):
    writer = write(ResultWriter(folder, ["sr", "secondary_capture", "json"], keep_identifiers=True), [picture, *cine])
    assert names(folder) == [
        "Lovelace_Ada.dcm.json",
        "Lovelace_Ada.dcm_secondary_capture.dcm",
        "Lovelace_Ada.dcm_sr.dcm",
        "a.png.json",
    ]
    (fault,) = writer.faults
    assert "need a DICOM input" in str(fault)
    assert "a.png" in str(fault)


def test_motion_without_a_tracker_is_refused(folder):
    with pytest.raises(InputError, match=r"tracker: motion cannot be told without .*; found 'null'"):
        ResultWriter(folder, "json,motion")


def test_an_interrupted_run_keeps_finished_files_and_no_others(folder, cine, picture):
    writer = ResultWriter(folder, ["json", "csv", "video", "sr", "secondary_capture", "nifti"])
    for frame in [picture, *cine[:2]]:
        writer.add(frame)
    writer.discard()
    assert names(folder) == ["a.png.json", "a.png_catheters.csv", "a.png_electrodes.csv", "a.png_mask.nii.gz"]


def test_a_full_disk_is_explained_and_what_was_complete_stays(folder, cine, picture, monkeypatch):
    writer = ResultWriter(folder, ["json", "csv"])
    writer.add(picture)
    writer.add(cine[0])
    monkeypatch.setattr(JsonDocument, "add", full)
    with pytest.raises(InputError, match=r"results cannot be written \(No space left on device\)"):
        writer.add(cine[1])
    writer.discard()
    assert names(folder) == ["a.png.json", "a.png_catheters.csv", "a.png_electrodes.csv"]


def test_a_full_disk_under_a_report_is_explained_without_a_traceback(folder, cine):
    writer = ResultWriter(folder, ["sr"])
    for frame in cine:
        writer.add(frame)
    problem = r"results: results cannot be written \(.*File too large\)"
    with files_of_at_most(4096), pytest.raises(InputError, match=problem) as raised:
        writer.close()
    assert "Traceback" not in str(raised.value)
    writer.discard()
    assert names(folder) == []


def full(*_):
    raise OSError(28, "No space left on device")


def test_a_full_disk_stops_an_engine_that_is_ahead_of_the_writing(folder, cine, monkeypatch):
    monkeypatch.setattr("custom.workflow.result_writer.frame_result", lambda index, _: cine[index])
    monkeypatch.setattr(JsonDocument, "add", full)
    engine = Engine(lambda engine, batch: batch)
    writer = ResultWriter(folder, ["json"])
    writer.attach(engine)
    with pytest.raises(InputError, match="No space left on device"):
        engine.run([[index] for index in range(3)])
    writer.discard()
    assert names(folder) == []


def run_with_postprocessing(writer, monkeypatch, cine):
    monkeypatch.setattr("custom.workflow.result_writer.frame_result", lambda item, output: cine[output["found"]])
    engine = Engine(lambda engine, batch: [{"logits": item["index"] - 1} for item in batch])
    writer.attach(engine)
    engine.run([[{"index": index}] for index in range(3)])


def test_frames_are_finished_in_another_thread_than_the_engine_s(folder, cine, monkeypatch):
    threads = set()

    def postprocessing(data):
        threads.add(threading.current_thread())
        return {**data, "found": data["logits"] + 1}

    run_with_postprocessing(ResultWriter(folder, ["json"], postprocessing=postprocessing), monkeypatch, cine)
    (path,) = folder.iterdir()
    assert [frame["frame"] for frame in json.loads(path.read_text())["frames"]] == [0, 1, 2]
    assert len(threads) == 1
    assert threading.main_thread() not in threads


def test_a_frame_that_cannot_be_finished_ends_the_run(folder, cine, monkeypatch):
    def postprocessing(data):
        if data["index"] == 2:
            raise InputError("no logits")
        return {**data, "found": data["index"]}

    writer = ResultWriter(folder, ["json"], postprocessing=postprocessing)
    with pytest.raises((InputError, RuntimeError)) as caught:
        run_with_postprocessing(writer, monkeypatch, cine)
    assert "no logits" in str(find_user_error(caught.value))
    writer.discard()
    assert names(folder) == []


def test_a_disk_that_is_full_at_the_end_of_a_file_is_explained_too(folder, cine, monkeypatch):
    writer = ResultWriter(folder, ["csv", "json"])
    for frame in cine:
        writer.add(frame)
    monkeypatch.setattr("custom.files.os.fsync", full)
    with pytest.raises(InputError, match="No space left on device"):
        writer.close()
    writer.discard()
    assert names(folder) == []


def test_a_run_without_frames_writes_nothing(folder, capsys):
    write(ResultWriter(folder), [])
    assert not folder.exists()
    assert capsys.readouterr().out == ""


def test_the_summary_counts_frames_with_a_type_not_catheters():
    summary = FileSummary("a.dcm", "a", promised=2)
    frame = make_frame()
    two = replace(frame, catheters=frame.catheters * 2)
    for one in (two, frame):
        summary.add(one)
    assert summary.types == {"coronary_sinus": 2}
    assert (summary.electrodes, summary.complete) == (6, True)


def test_the_summary_names_the_most_frequent_first_and_equals_by_their_names(capsys):
    summary = FileSummary("a.dcm", "a", promised=1, frames=1)
    summary.types.update(["star_mapping", "unknown", "lasso_20", "ablation", "unknown"])
    Console(width=200).print(summary_table([summary]))
    assert "unknown (2), ablation (1), lasso 20 (1), star mapping (1)" in capsys.readouterr().out


@pytest.mark.parametrize("moment", ["start", "add", "finish"])
def test_a_library_that_fails_on_a_file_costs_that_file_one_format(folder, cine, picture, monkeypatch, moment):
    def fail(self, *args, **kwargs):
        monkeypatch.undo()
        raise ValueError("no such colour")

    monkeypatch.setattr(JsonDocument, moment, fail)
    writer = write(ResultWriter(folder, ["json", "csv"]), [picture, *cine])
    (fault,) = writer.faults
    assert "a.png: cannot be written as JsonDocument (ValueError: no such colour)" in str(fault)
    assert names(folder)[:2] == ["a.png_catheters.csv", "a.png_electrodes.csv"]
    assert sum(name.endswith(".json") for name in names(folder)) == 1


def test_a_name_that_is_too_long_for_results_costs_only_that_file_its_results(folder, picture, tmp_path, capsys):
    path = tmp_path / f"{'x' * 241}.png"
    path.touch()
    long = replace(picture, source=path.name, path=str(path))
    writer = write(ResultWriter(folder, ["json", "mask"]), [long, picture])
    (fault,) = writer.faults
    assert str(fault) == (
        f"{long.path}: results of this name cannot be written (File name too long). "
        "Rename the file, shorter where it is too long."
    )
    assert names(folder) == ["a.png.json", "a.png_mask.png"]
    assert "a.png" in capsys.readouterr().out


@pytest.mark.parametrize("keep_identifiers", [False, True])
def test_a_file_that_vanishes_after_it_was_read_costs_no_other_its_results(
    folder, cine, picture, tmp_path, keep_identifiers
):
    (tmp_path / "Lovelace_Ada.dcm").unlink()
    writer = ResultWriter(folder, ["secondary_capture", "json"], keep_identifiers=keep_identifiers)
    write(writer, [*cine, picture])
    assert "a.png.json" in names(folder)
    assert ("Lovelace_Ada.dcm.json" in names(folder)) == keep_identifiers
    assert not [name for name in names(folder) if name.startswith(".")]
    assert "Lovelace_Ada.dcm: cannot be read a second time (No such file or directory)" in str(writer.faults[0])


def test_a_folder_in_the_place_of_a_result_costs_only_that_file_this_result(folder, cine, picture):
    (folder / "a.png.json").mkdir(parents=True)
    writer = write(ResultWriter(folder, ["json"], keep_identifiers=True), [picture, *cine])
    (fault,) = writer.faults
    assert "a.png: results of this name cannot be written (Is a directory)" in str(fault)
    assert names(folder) == ["Lovelace_Ada.dcm.json", "a.png.json"]


def test_names_that_hold_markup_or_line_breaks_are_shown_as_they_are(capsys):
    name = "[rao 30]/two\nlines.png"
    summary = FileSummary(name, name, promised=1, frames=1)
    summary.types.update(["lead [/x]", "[red]"])
    summary.flags.update(["a\x1b[2Jb"])
    Console(width=200).print(summary_table([summary]))
    printed = capsys.readouterr().out
    assert "[rao 30]/two\\nlines.png" in printed
    assert "[red] (1), lead [/x] (1)" in printed
    assert "a\\x1b[2Jb (1)" in printed
