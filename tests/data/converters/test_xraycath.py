import numpy as np
import pytest
from PIL import Image

from custom.data.converters.conversion import write_conversion
from custom.data.converters.xraycath import convert_xraycath
from custom.data.datalist import read_datalist
from custom.data.reader import read_mask
from custom.data.validation import validate_datalist
from custom.errors import FaultsError, InputError

ROWS, COLUMNS = 64, 128
HEADER = "imageId,Center X,Center Y,Strength"


@pytest.fixture
def source(tmp_path):
    """Five frames whose images, masks, lists and table write their numbers with another number of digits."""
    folder = tmp_path / "XRayCath" / "trainval"
    for name in ("images", "masks", "imagesets", "csv"):
        (folder / name).mkdir(parents=True)
    for number in range(5):
        mask = np.zeros((ROWS, COLUMNS), np.uint8)
        mask[8 * number : 8 * number + 8, 40:90] = 255
        Image.fromarray(mask // 2 + 60).convert("RGB").save(folder / "images" / f"{number:05d}.jpg")
        # The authors' masks are JPEGs with another suffix.
        Image.fromarray(mask).save(folder / "masks" / f"{number:04d}.png", format="JPEG", quality=80)
    (folder / "imagesets" / "train.txt").write_text("00003\n00000\n\n00001\n")
    (folder / "imagesets" / "val.txt").write_text("00002\n")
    rows = ["0003.jpg,0.25,0.5,0.37", "0000.jpg,0.5,0.75,0.72", "0000.jpg,0,1,0.05"]
    (folder / "csv" / "blob.csv").write_text("\n".join([HEADER, *rows]) + "\n")
    return tmp_path / "XRayCath"


def converted(source, output):
    conversion = convert_xraycath(source)
    write_conversion(conversion, output, validation=None, test=None, seed=0)
    return conversion, read_datalist(output / "datalist.json")


def test_labels_join_by_number(source, tmp_path):
    _, datalist = converted(source, tmp_path / "out")
    assert [entry["case"] for entry in datalist.training] == ["00003", "00000", "00001"]
    assert [entry["case"] for entry in datalist.validation] == ["00002"]
    third = datalist.training[0]
    assert third["image"] == str(source / "trainval" / "images" / "00003.jpg")
    # A quarter of 128 columns and half of 64 rows; half-width int(3.7) cells, of which 64 make a frame.
    assert third["electrodes"] == [{"x": 31.5, "y": 31.5, "width": 12, "height": 6}]
    assert [electrode["width"] for electrode in datalist.training[1]["electrodes"]] == [28, 4]
    assert datalist.training[2]["electrodes"] == []


def test_masks_lose_their_smear(source, tmp_path):
    _, datalist = converted(source, tmp_path / "out")
    for entry in datalist.training:
        number = int(entry["case"])
        expected = np.zeros((ROWS, COLUMNS), bool)
        expected[8 * number : 8 * number + 8, 40:90] = True
        np.testing.assert_array_equal(read_mask(entry["mask"]), expected)


def test_the_datalist_is_valid_and_what_is_odd_is_said(source, tmp_path):
    conversion, _ = converted(source / "trainval", tmp_path / "out")
    summary = validate_datalist(tmp_path / "out" / "datalist.json")
    assert (summary.splits["training"].frames, summary.splits["validation"].frames) == (3, 1)
    assert summary.warnings == [
        "validation: no electrodes on its 1 frame, but on training's: they cannot be measured there"
    ]
    assert "the layout tells no patients" in conversion.about_cases
    assert conversion.remarks == [
        "2 frames have no row in blob.csv: they count as annotated, without electrodes",
        "1 images are in no list and are left out",
    ]


def test_where_everything_is_listed_nothing_is_odd(source):
    folder = source / "trainval"
    (folder / "imagesets" / "train.txt").write_text("00000\n00003\n")
    (folder / "imagesets" / "val.txt").unlink()
    for number in (1, 2, 4):
        (folder / "images" / f"{number:05d}.jpg").unlink()
    assert convert_xraycath(source).remarks == []


def test_the_source_s_own_masks_are_not_overwritten(source):
    masks = source / "trainval" / "masks"
    for path in masks.iterdir():
        path.rename(masks / f"0{path.name}")
    before = {path.name: path.read_bytes() for path in masks.iterdir()}
    with pytest.raises(InputError, match=r"0000\d\.png: the source's own file would be overwritten"):
        write_conversion(
            convert_xraycath(source), source / "trainval", validation=None, test=None, seed=0, overwrite=True
        )
    assert {path.name: path.read_bytes() for path in masks.iterdir()} == before


def test_all_bad_rows_are_listed_with_their_lines(source):
    folder = source / "trainval"
    rows = [
        "0009.jpg,0.5,0.5,0.3",
        "0001.jpg,0.5,1.5,0.3",
        "0001.jpg,x,0.5,0.3",
        "0001.jpg,0.5,0.5,nan",
        "0001.jpg,0.5",
    ]
    (folder / "csv" / "blob.csv").write_text("\n".join([HEADER, *rows]) + "\n")
    (folder / "imagesets" / "val.txt").write_text("00002\n1\n00007\n")
    with pytest.raises(FaultsError) as caught:
        convert_xraycath(source)
    found = [str(fault).replace(str(folder), "") for fault in caught.value.faults]
    assert found == [
        "/imagesets/val.txt: line 2: the name stands in train.txt line 4 too; found '1'.",
        "/imagesets/val.txt: line 3: there is no image and no mask of this name; found '00007'.",
        "/csv/blob.csv: line 2: imageId '0009.jpg': there is no such image.",
        "/csv/blob.csv: line 3: Center Y 1.5: not from 0 to 1.",
        "/csv/blob.csv: line 4: Center X 'x': no number.",
        "/csv/blob.csv: line 5: Strength nan: not from 0 to 1.",
        "/csv/blob.csv: line 6: Center Y None: no number.",
    ]


def test_other_layouts_are_refused(source, tmp_path):
    with pytest.raises(InputError, match="the layout has this folder"):
        convert_xraycath(tmp_path)
    for header in ("imageId,x,y\n", ""):
        (source / "trainval" / "csv" / "blob.csv").write_text(header)
        with pytest.raises(InputError, match="columns are missing"):
            convert_xraycath(source)
    (source / "trainval" / "csv" / "blob.csv").unlink()
    with pytest.raises(InputError, match="cannot be read"):
        convert_xraycath(source)


def test_masks_of_another_size_write_no_datalist(source, tmp_path):
    Image.new("L", (ROWS, COLUMNS)).save(source / "trainval" / "masks" / "0001.png")
    with pytest.raises(FaultsError, match="another size; found \\(128, 64\\)"):
        converted(source, tmp_path / "out")
    assert not (tmp_path / "out" / "datalist.json").exists()
