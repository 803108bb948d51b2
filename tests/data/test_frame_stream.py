import os
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from custom.data import FrameStream, find_frame_files
from custom.errors import InputError
from tests.data.dicom_files import write_dicom


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "a").mkdir()
    Image.fromarray(np.full((5, 7), 3, np.uint8)).save(tmp_path / "a" / "one.png")
    write_dicom(tmp_path / "cine", np.arange(3 * 5 * 7, dtype=np.uint8).reshape(3, 5, 7))
    (tmp_path / "LICENSE").write_text("text")
    (tmp_path / ".hidden.png").write_text("")
    (tmp_path / "broken.png").write_text("no image")
    return tmp_path


def test_files_are_found_below_the_folder_and_dicom_under_any_name(folder):
    assert [file["source"] for file in find_frame_files(folder)] == ["a/one.png", "broken.png", "cine"]


def test_several_files_and_folders_are_named_from_the_folder_that_they_share(folder, monkeypatch):
    files = find_frame_files([folder / "cine", folder / "a"])
    assert files == [
        {"image": str(folder / "cine"), "source": "cine"},
        {"image": str(folder / "a" / "one.png"), "source": "a/one.png"},
    ]
    monkeypatch.chdir(folder)
    assert find_frame_files(["a/one.png", folder / "broken.png"]) == [
        {"image": "a/one.png", "source": "a/one.png"},
        {"image": str(folder / "broken.png"), "source": "broken.png"},
    ]


def test_a_file_that_is_named_twice_counts_once(folder):
    sources = [folder / "a" / "one.png", folder, folder / "cine", folder / "a" / ".." / "cine"]
    assert [file["source"] for file in find_frame_files(sources)] == ["a/one.png", "broken.png", "cine"]


def test_one_of_several_sources_that_is_not_there_is_named(folder):
    with pytest.raises(InputError, match=r"missing: there is no such file or folder\. .*--output"):
        find_frame_files([folder / "cine", folder / "missing"])
    with pytest.raises(InputError, match="no file or folder was named"):
        find_frame_files([])


def test_a_folder_of_results_inside_is_left_out(folder):
    assert [file["source"] for file in find_frame_files(folder, exclude=folder / "a")] == ["broken.png", "cine"]


def test_results_beside_or_above_the_frames_hide_none(folder):
    for elsewhere in (folder.parent, folder.parent / "results"):
        assert len(find_frame_files(folder, exclude=elsewhere)) == 3


def test_folders_behind_links_are_searched_once(folder, tmp_path_factory):
    study = tmp_path_factory.mktemp("study")
    Image.fromarray(np.full((5, 7), 3, np.uint8)).save(study / "two.png")
    (folder / "linked").symlink_to(study)
    (study / "back").symlink_to(folder)
    (folder / "again").symlink_to(folder)
    found = [file["source"] for file in find_frame_files(folder)]
    assert found == ["a/one.png", "broken.png", "cine", "linked/two.png"]
    left = [file["source"] for file in find_frame_files(folder, exclude=folder / "linked")]
    assert left == ["a/one.png", "broken.png", "cine"]


def test_a_link_to_nowhere_is_a_fault(folder):
    (folder / "gone.png").symlink_to("moved.png")
    (folder / "notes").symlink_to("moved")
    (folder / "round.dcm").symlink_to("round.dcm")
    stream = FrameStream(find_frame_files(folder), first_pixel)
    assert [name for name, _ in stream] == ["a/one.png", "cine#0", "cine#1", "cine#2"]
    assert [str(fault).removeprefix(f"{folder}/") for fault in stream.faults][1:] == [
        "gone.png: is a link to what is no file; found 'moved.png'.",
        "round.dcm: is a link to what is no file; found 'round.dcm'.",
    ]


def test_results_among_the_frames_are_refused(folder):
    with pytest.raises(InputError, match=r"results would lie among the frames.*--output"):
        find_frame_files(folder, exclude=folder / "a" / "..")


def test_a_file_that_cannot_be_opened_is_left_to_reading(folder, monkeypatch):
    def refuse(path):
        raise PermissionError

    monkeypatch.setattr("custom.data.frame_stream.is_dicom", refuse)
    assert "LICENSE" in [file["source"] for file in find_frame_files(folder)]


def test_nothing_to_read_is_refused(tmp_path):
    with pytest.raises(InputError, match="the folder holds no images"):
        find_frame_files(tmp_path)
    with pytest.raises(InputError, match="there is no such file or folder"):
        find_frame_files(tmp_path / "missing")


def first_pixel(item):
    return item["name"], item["decoded"].pixels[0, 0]


def test_frames_come_in_order_and_a_broken_file_does_not_stop_them(folder):
    stream = FrameStream(find_frame_files(folder), first_pixel)
    for _ in range(2):  # a second pass starts anew
        assert list(stream) == [("a/one.png", 3), ("cine#0", 0), ("cine#1", 35), ("cine#2", 70)]
        assert len(stream.faults) == 1
        assert "broken.png" in str(stream.faults[0])
        assert stream.incomplete == set()


def test_capital_suffixes_are_found(tmp_path):
    Image.fromarray(np.zeros((5, 7), np.uint8)).save(tmp_path / "ONE.PNG")
    assert [file["source"] for file in find_frame_files(tmp_path)] == ["ONE.PNG"]


def test_frames_before_a_cut_are_given_and_the_file_is_noted(folder, caplog):
    (folder / "cine").write_bytes((folder / "cine").read_bytes()[:-20])
    stream = FrameStream(find_frame_files(folder), first_pixel)
    assert list(stream) == [("a/one.png", 3), ("cine#0", 0), ("cine#1", 35)]
    assert stream.incomplete == {"cine"}
    assert [message.partition(":")[0] for message in caplog.messages] == ["left out", "left out from frame 2 on"]
    assert "broken.png" in str(stream.faults[0])
    assert "cine: the file ends early; found '2 of 3 frames'" in str(stream.faults[1])


def test_what_a_transform_finds_wrong_with_a_frame_ends_its_file(folder):
    def refuse_the_second(item):
        if item["frame_index"] == 1:
            raise RuntimeError("applying transform") from InputError("bad frame", source=item["name"])
        return first_pixel(item)

    stream = FrameStream(find_frame_files(folder, exclude=folder / "a"), refuse_the_second)
    assert list(stream) == [("cine#0", 0)]
    assert stream.incomplete == {"cine"}
    assert "cine#1: bad frame" in str(stream.faults[1])


def test_a_directory_of_dicom_files_is_no_image(folder):
    (folder / "cine").rename(folder / "DICOMDIR")
    assert [file["source"] for file in find_frame_files(folder)] == ["a/one.png", "broken.png"]


def lock(monkeypatch, locked):
    """Refuse to list a folder and to look up what is in it, as for a user without permission; root may do anything."""

    def guard(function):
        def guarded(path=".", *args, **options):
            if isinstance(path, str | Path) and locked in (Path(path), *Path(path).parents):
                raise PermissionError(13, "Permission denied", str(path))
            return function(path, *args, **options)

        return guarded

    monkeypatch.setattr("os.scandir", guard(os.scandir))
    is_below = [("is_file", Path.is_file), ("is_dir", Path.is_dir)]
    for name, function in is_below:
        refused = guard(function)
        monkeypatch.setattr(Path, name, lambda path, f=function, r=refused: f(path) if path == locked else r(path))


def test_a_locked_folder_is_a_fault_and_does_not_stop_the_others(folder, monkeypatch):
    (folder / "b").mkdir()
    lock(monkeypatch, folder / "b")
    stream = FrameStream(find_frame_files(folder), first_pixel)
    assert [name for name, _ in stream] == ["a/one.png", "cine#0", "cine#1", "cine#2"]
    assert str(stream.faults[0]).startswith(f"{folder / 'b'}: cannot be read (Permission denied). Check its name, and")


def test_files_of_a_folder_that_only_lists_them_are_faults(folder, monkeypatch):
    one = folder / "a" / "one.png"
    is_file = Path.is_file

    def refuse(path):
        if path == one:
            raise PermissionError(13, "Permission denied")
        return is_file(path)

    monkeypatch.setattr(Path, "is_file", refuse)
    stream = FrameStream(find_frame_files(folder), first_pixel)
    assert [name for name, _ in stream] == ["cine#0", "cine#1", "cine#2"]
    assert f"{one}: cannot be read (Permission denied)" in str(stream.faults[0])


def test_hidden_and_excluded_folders_may_be_locked(folder, monkeypatch):
    for name in (".cache", "results"):
        (folder / name).mkdir()
    for name in (".cache", "results"):
        lock(monkeypatch, folder / name)
    found = find_frame_files(folder, exclude=folder / "results")
    assert [file["source"] for file in found] == ["a/one.png", "broken.png", "cine"]


def test_a_source_that_cannot_be_looked_up_is_refused(folder, monkeypatch):
    with pytest.raises(InputError, match=r"cannot be read \(File name too long\)\. Check its name"):
        find_frame_files(folder / ("x" * 300))
    lock(monkeypatch, folder / "a")
    for source in (folder / "a", folder / "a" / "one.png"):
        with pytest.raises(InputError, match=r"cannot be read \(Permission denied\)\. .*permissions"):
            find_frame_files(source)
