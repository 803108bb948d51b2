from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from custom.data.converters.conversion import write_conversion
from custom.data.converters.source_frame import Conversion, SourceFrame
from custom.data.datalist import read_datalist
from custom.data.reader import read_mask
from custom.data.validation import validate_datalist
from custom.errors import FaultsError, InputError
from custom.files import write_image

ROWS, COLUMNS = 24, 40


@pytest.fixture
def frame(tmp_path):
    """Make a frame whose mask has one row of foreground."""

    def make(name, file, row, **more):
        path = tmp_path / "source" / file
        write_image(path, np.eye(ROWS, COLUMNS, dtype=np.uint8))
        mask = np.zeros((ROWS, COLUMNS), bool)
        mask[row] = True
        return SourceFrame(name, path, case=name, read_mask=lambda: mask, **more)

    return make


def written(frames, output, **options):
    write_conversion(Conversion(frames), output, validation=0, test=0, seed=0, **options)
    return read_datalist(output / "datalist.json").training


def test_masks_of_one_name_are_numbered(frame, tmp_path):
    frames = [frame("x", "x.png", 1), frame("x", "x.tif", 2), frame("X", "X.bmp", 3), frame("x_2", "x_2.png", 4)]
    entries = written(frames, tmp_path / "out")
    assert [Path(entry["mask"]).stem for entry in entries] == ["x", "x_2", "X_3", "x_2_2"]
    for row, entry in enumerate(entries, start=1):
        assert np.flatnonzero(read_mask(entry["mask"]).any(axis=1)).tolist() == [row]


def test_frames_that_occur_twice_are_listed(frame, tmp_path):
    frames = [frame("a", "a.png", 1), frame("b", "b.png", 2), frame("c", "../source/a.png", 3)]
    with pytest.raises(FaultsError) as caught:
        written(frames, tmp_path / "out")
    (fault,) = caught.value.faults
    assert "source/a.png: frame 0: the source has this frame twice." in str(fault)
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("name", ["/outside", "../../outside", "p/../../outside"])
def test_no_mask_is_written_elsewhere(frame, tmp_path, name):
    with pytest.raises(InputError, match="the mask would be written elsewhere"):
        written([frame(f"{tmp_path}{name}" if name == "/outside" else name, "a.png", 1)], tmp_path / "out")
    assert [path.name for path in tmp_path.iterdir()] == ["source"]


def test_masks_that_are_there_stay_unasked(frame, tmp_path):
    write_image(tmp_path / "out" / "masks" / "b.png", np.eye(ROWS, COLUMNS, dtype=np.uint8))
    before = (tmp_path / "out" / "masks" / "b.png").read_bytes()
    frames = [frame("a", "a.png", 1), frame("b", "b.png", 2)]
    with pytest.raises(InputError, match=r"masks/b\.png: the mask is already there. Use --overwrite"):
        written(frames, tmp_path / "out", overwrite=False)
    assert (tmp_path / "out" / "masks" / "b.png").read_bytes() == before
    assert not (tmp_path / "out" / "masks" / "a.png").exists()
    written(frames, tmp_path / "out", overwrite=True)
    assert (tmp_path / "out" / "masks" / "b.png").read_bytes() != before


def test_images_and_masks_of_the_source_are_never_overwritten(frame, tmp_path):
    masks = tmp_path / "out" / "masks"
    with pytest.raises(InputError, match="own file would be overwritten"):
        written([frame("a", masks / "b.png", 1), frame("b", "b.png", 2)], tmp_path / "out")
    with pytest.raises(InputError, match="own file would be overwritten"):
        written([frame("1", "1.png", 1), frame("2", "2.png", 2, mask_file=masks / "1.png")], tmp_path / "out")


def test_a_failure_leaves_earlier_masks_as_they_were(frame, tmp_path):
    written([frame("a", "a.png", 1), frame("b", "b.png", 2)], tmp_path / "out")
    before = {path: path.read_bytes() for path in (tmp_path / "out").rglob("*") if path.is_file()}
    other = frame("b", "b.png", 4)
    write_image(other.image, np.zeros((COLUMNS, ROWS), np.uint8))
    with pytest.raises(FaultsError, match=r"1 file cannot be used"):
        written([frame("a", "a.png", 3), other], tmp_path / "out", overwrite=True)
    assert {path: path.read_bytes() for path in (tmp_path / "out").rglob("*") if path.is_file()} == before


def test_a_file_of_several_frames_needs_an_index(frame, tmp_path):
    cine = frame("cine", "cine.tif", 1)
    pages = [Image.fromarray(np.full((ROWS, COLUMNS), value, np.uint8)) for value in range(1, 4)]
    pages[0].save(cine.image, save_all=True, append_images=pages[1:])
    beyond = SourceFrame("beyond", cine.image, case="p", electrodes=[], more={"frame": 3})
    with pytest.raises(FaultsError) as caught:
        written([cine, beyond], tmp_path / "out")
    first, second = (str(fault).removeprefix(f"{cine.image}: ") for fault in caught.value.faults)
    assert first.startswith("the file holds 3 frames, and nothing tells which one is meant.")
    assert second == "frame: there is no such frame; found 3; expected 0 to 2."
    written([SourceFrame("last", cine.image, case="p", electrodes=[], more={"frame": 2})], tmp_path / "out")
    validate_datalist(tmp_path / "out" / "datalist.json")


def test_the_mask_of_another_size_is_named(frame, tmp_path):
    one = frame("a", "a.png", 1, mask_file=tmp_path / "labels" / "other.png")
    write_image(one.image, np.zeros((COLUMNS, ROWS), np.uint8))
    with pytest.raises(FaultsError, match=r"other\.png: the mask has another size; found \(24, 40\)"):
        written([one], tmp_path / "out")


def test_a_broken_image_is_listed_once(frame, tmp_path):
    one = frame("a", "a.png", 1)
    one.image.write_bytes(b"no image")
    with pytest.raises(FaultsError, match="1 file cannot be used"):
        written([one], tmp_path / "out")
