from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from custom.data.converters.conversion import write_conversion
from custom.data.converters.ucl import convert_ucl
from custom.data.datalist import SPLITS, read_datalist
from custom.data.reader import read_mask
from custom.data.validation import validate_datalist
from custom.errors import FaultsError, InputError


def write_folder(folder, frames, prefix=""):
    for name in ("JPEGImages", "Annotations", "ImageSets"):
        (folder / name).mkdir(parents=True)
    names = [f"{prefix}{number:03d}" for number in range(frames)]
    for number, name in enumerate(names):
        labels = np.zeros((24, 40), np.uint8)
        labels[number, 4:9] = 1
        labels[number, 20] = 2
        Image.fromarray(labels * 50 + 90).save(folder / "JPEGImages" / f"{name}.jpg")
        image = Image.fromarray(labels, mode="P")
        image.putpalette([0, 0, 0, 128, 0, 0, 0, 128, 0])
        image.save(folder / "Annotations" / f"{name}.png")
    for name, part in (("train", names[:-2]), ("val", names[-2:-1]), ("test", names[-1:])):
        (folder / "ImageSets" / f"{name}.txt").write_text("\n".join(part))


@pytest.fixture
def source(tmp_path):
    for name, frames in (("Phantom", 12), ("T1T2", 4), ("T3-T6", 5)):
        write_folder(tmp_path / "data" / name, frames)
    return tmp_path / "data"


def test_splits_go_by_sequence(source, tmp_path):
    conversion = convert_ucl(source)
    counts = write_conversion(conversion, tmp_path / "out", validation=0.25, test=0.25, seed=0)
    assert counts["training"] == 12
    assert sorted(counts.values()) == [4, 5, 12]
    datalist = read_datalist(tmp_path / "out" / "datalist.json")
    assert {entry["case"] for entry in datalist.training} == {"Phantom"}
    assert datalist.training[0]["electrodes"] is None
    assert "splits go by sequence, of which there are 3" in conversion.about_cases
    validate_datalist(tmp_path / "out" / "datalist.json")


def test_every_label_is_foreground(source, tmp_path):
    write_conversion(convert_ucl(source), tmp_path / "out", validation=None, test=None, seed=0)
    mask = read_mask(tmp_path / "out" / "masks" / "Phantom" / "003.png")
    assert mask.sum() == 6
    assert mask[3, [4, 8, 20]].all()


def test_names_tell_sequences(tmp_path):
    for prefix in ("T1_", "T2_", "T3-"):
        write_folder(tmp_path / prefix / "T1T2", 3, prefix)
    write_folder(tmp_path / "data" / "T1T2", 3)
    folder = tmp_path / "data" / "T1T2"
    for prefix in ("T1_", "T2_", "T3-"):
        for path in (tmp_path / prefix / "T1T2").rglob("*.[jp]*g"):
            path.rename(folder / path.parent.name / path.name)
    (folder / "ImageSets" / "train.txt").write_text("000\nT1_000\nT1_001\nT2_001\nT3-002")
    cases = {frame.name: frame.case for frame in convert_ucl(tmp_path / "data").frames}
    assert cases == {
        "T1T2/000": "T1T2",
        "T1T2/T1_000": "T1T2/T1",
        "T1T2/T1_001": "T1T2/T1",
        "T1T2/T2_001": "T1T2/T2",
        "T1T2/T3-002": "T1T2/T3",
        "T1T2/001": "T1T2",
        "T1T2/002": "T1T2",
    }


def test_few_sequences_keep_the_own_sets(source, tmp_path):
    conversion = convert_ucl(source / "Phantom")
    own = {split: [frame.name for frame in conversion.frames if frame.split == split] for split in SPLITS}
    assert (len(own["training"]), own["validation"], own["test"]) == (10, ["Phantom/010"], ["Phantom/011"])
    counts = write_conversion(conversion, tmp_path / "out", validation=None, test=None, seed=0)
    assert counts == {"training": 10, "validation": 1, "test": 1}
    assert "too few to split: the layout's own sets are kept" in conversion.about_cases
    validate_datalist(tmp_path / "out" / "datalist.json")


@pytest.mark.parametrize(("inside", "path"), [("Phantom", "."), ("Phantom/JPEGImages", "..")])
def test_a_folder_may_be_named_from_inside(source, tmp_path, monkeypatch, inside, path):
    monkeypatch.chdir(source / inside)
    conversion = convert_ucl(Path(path))
    assert {frame.name.rpartition("/")[0] for frame in conversion.frames} == {"Phantom"}
    write_conversion(conversion, tmp_path / "out", validation=None, test=None, seed=0)
    assert len(list((tmp_path / "out" / "masks" / "Phantom").iterdir())) == 12


def test_listed_names_may_have_a_dot(tmp_path):
    write_folder(tmp_path / "T1T2", 3, "p.")
    assert [frame.name for frame in convert_ucl(tmp_path).frames] == ["T1T2/p.000", "T1T2/p.001", "T1T2/p.002"]


def test_missing_files_are_listed(source):
    (source / "T1T2" / "Annotations" / "001.png").unlink()
    (source / "T3-T6" / "JPEGImages" / "004.jpg").unlink()
    with pytest.raises(FaultsError) as caught:
        convert_ucl(source)
    assert [str(fault).removeprefix(f"{source}/") for fault in caught.value.faults] == [
        "T1T2/ImageSets/train.txt: line 2: there is no mask of this name; found '001'.",
        "T3-T6/ImageSets/test.txt: line 1: there is no image of this name; found '004'.",
    ]


def test_other_layouts_are_refused(source, tmp_path):
    with pytest.raises(InputError, match="no folder with JPEGImages"):
        convert_ucl(tmp_path / "nothing")
    for path in (source / "T1T2" / "ImageSets").iterdir():
        path.unlink()
    with pytest.raises(InputError, match="there is no list in the folder"):
        convert_ucl(source)
