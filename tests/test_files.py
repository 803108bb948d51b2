import errno
import os
import stat

import pytest

from custom.error_report import find_user_error
from custom.files import replacing


def test_new_content_replaces_the_old(tmp_path):
    path = tmp_path / "folder" / "a.json"
    for text in ("old", "new"):
        with replacing(path) as temporary:
            temporary.write_text(text)
    assert path.read_text() == "new"
    assert list(path.parent.iterdir()) == [path]


def write_half(path):
    with replacing(path) as temporary:
        temporary.write_text("half")
        raise OSError("disk full")


def test_a_failure_while_writing_keeps_the_old_file(tmp_path):
    path = tmp_path / "a.json"
    path.write_text("old")
    with pytest.raises(OSError, match="disk full"):
        write_half(path)
    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]


def test_others_may_read_what_the_umask_lets_them_read(tmp_path):
    path = tmp_path / "a.json"
    previous = os.umask(0o022)
    try:
        with replacing(path) as temporary:
            temporary.write_text("x")
    finally:
        os.umask(previous)
    assert stat.S_IMODE(path.stat().st_mode) == 0o644


def test_other_threads_are_never_without_a_umask(tmp_path, monkeypatch):
    asked = []
    monkeypatch.setattr(os, "umask", asked.append)
    with replacing(tmp_path / "a.json") as temporary:
        temporary.write_text("x")
    assert asked == []


def test_a_full_disk_is_named_with_the_file(tmp_path):
    path = tmp_path / "a.json"
    with pytest.raises(OSError, match="No space") as caught, replacing(path):
        raise OSError(errno.ENOSPC, "No space left on device")  # as `write` raises it, without a name
    expected = f"{path}: could not be written (No space left on device). Make room, then try again."
    assert str(find_user_error(caught.value)) == expected


def test_a_file_that_is_missing_is_no_full_disk(tmp_path):
    with pytest.raises(FileNotFoundError) as caught, replacing(tmp_path / "a.json"):
        (tmp_path / "b.json").read_text()
    assert caught.value.filename == str(tmp_path / "b.json")
    assert find_user_error(caught.value) is None
