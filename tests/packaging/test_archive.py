import zipfile

import pytest

from custom.packaging import write_archive

FILES = {"b/two.txt": b"2", "a.txt": b"one\n" * 100}


def test_the_same_files_give_the_same_bytes_in_any_order(tmp_path):
    write_archive(tmp_path / "one.zip", FILES)
    write_archive(tmp_path / "two.zip", dict(reversed(FILES.items())))
    assert (tmp_path / "one.zip").read_bytes() == (tmp_path / "two.zip").read_bytes()


def test_contents_come_back_and_can_be_read(tmp_path):
    write_archive(tmp_path / "new" / "one.zip", FILES)
    with zipfile.ZipFile(tmp_path / "new" / "one.zip") as archive:
        assert archive.namelist() == ["a.txt", "b/two.txt"]
        assert {name: archive.read(name) for name in archive.namelist()} == FILES
        assert [entry.external_attr >> 16 for entry in archive.infolist()] == [0o100644, 0o100644]


def test_a_failed_write_leaves_the_old_archive(tmp_path):
    write_archive(tmp_path / "one.zip", FILES)
    before = (tmp_path / "one.zip").read_bytes()
    with pytest.raises(TypeError):
        write_archive(tmp_path / "one.zip", {"a.txt": 3})
    assert (tmp_path / "one.zip").read_bytes() == before
    assert [path.name for path in tmp_path.iterdir()] == ["one.zip"]
