from pathlib import Path

import pytest

from custom.data import read_datalist, read_mask
from custom.errors import FaultsError, InputError
from custom.workflow import converted_datalist
from tests.pretraining_data import write_duke_data, write_ucl_data


def test_the_data_set_becomes_a_datalist(tmp_path):
    source = write_duke_data(tmp_path / "DukeData")
    path = converted_datalist(layout="duke", source=source, output=tmp_path / "out")
    assert path == str(tmp_path / "out" / "datalist.json")
    entry = read_datalist(path).training[0]
    assert entry["image"] == str(source / "train" / "images" / "Subject_00_00.npy")
    assert read_mask(entry["mask"]).shape == (62, 96)
    assert entry["electrodes"] is None


def test_it_follows_the_data_set(tmp_path):
    source = write_duke_data(tmp_path / "DukeData")
    settings = {"layout": "duke", "source": source, "output": tmp_path / "out"}
    converted_datalist(**settings)
    for kind in ("images", "masks"):
        (source / "train" / kind / "Subject_00_05.npy").unlink()
    assert len(read_datalist(converted_datalist(**settings)).training) == 5


@pytest.mark.parametrize("content", ['{"mine": 1}', '{"training": [{"image": "x.png", "mask": null, "case": "a"}]}'])
def test_a_datalist_of_other_frames_is_not_replaced(tmp_path, content):
    source = write_duke_data(tmp_path / "DukeData")
    datalist = tmp_path / "data" / "datalist.json"
    datalist.parent.mkdir()
    datalist.write_text(content)
    with pytest.raises(
        InputError, match=r"data/datalist\.json: the conversion would replace this datalist.*--output_dir"
    ):
        converted_datalist(layout="duke", source=source, output=datalist.parent)
    assert datalist.read_text() == content
    assert [path.name for path in datalist.parent.iterdir()] == ["datalist.json"]


def test_shares_choose_splits(tmp_path):
    source = write_ucl_data(tmp_path / "ucl")
    path = converted_datalist(layout="ucl", source=source, output=tmp_path / "out", validation=0.4, test=0)
    datalist = read_datalist(path)
    assert [len(split) for split in (datalist.training, datalist.validation, datalist.test)] == [12, 6, 0]


def test_another_layout_is_refused(tmp_path):
    with pytest.raises(InputError, match="train: the layout has this folder, the source does not"):
        converted_datalist(layout="duke", source=write_ucl_data(tmp_path / "ucl"), output=tmp_path / "out")
    with pytest.raises(InputError, match="unknown layout; found 'Duke'; expected xraycath, ucl, duke, coco"):
        converted_datalist(layout="Duke", source=tmp_path, output=tmp_path / "out")


def test_missing_files_are_listed(tmp_path):
    source = write_duke_data(tmp_path / "DukeData")
    (source / "val" / "masks" / "Subject_01_02.npy").unlink()
    with pytest.raises(FaultsError, match=r"Subject_01_02\.npy: there is no mask of this name"):
        converted_datalist(layout="duke", source=source, output=tmp_path / "out")


def test_an_output_that_cannot_be_written_is_refused(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(InputError, match=r"file/data: cannot be written \(Not a directory\)"):
        converted_datalist(
            layout="duke", source=write_duke_data(tmp_path / "DukeData"), output=tmp_path / "file" / "data"
        )


def test_folders_behind_links_are_converted_anew(tmp_path):
    write_duke_data(tmp_path / "disk" / "DukeData")
    (tmp_path / "disk" / "run").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "disk")
    for folder in (tmp_path / "link", tmp_path / "disk", tmp_path / "link"):
        path = converted_datalist(layout="duke", source=folder / "DukeData", output=folder / "run" / "data")
        assert Path(read_datalist(path).training[0]["image"]).is_file()
