import shutil

import numpy as np
import pytest

from custom.data.converters.conversion import write_conversion
from custom.data.converters.duke import convert_duke
from custom.data.datalist import read_datalist
from custom.data.reader import read_mask
from custom.data.validation import validate_datalist
from custom.errors import FaultsError, InputError

SETS = ("train", "val", "test")


@pytest.fixture
def source(tmp_path):
    folder = tmp_path / "DukeData"
    labels = np.tile(np.arange(10, dtype=np.uint8), (12, 2))
    for name in SETS:
        for kind in ("images", "masks"):
            (folder / name / kind).mkdir(parents=True)
        for number in range(3):
            np.save(folder / name / "images" / f"{number}.npy", np.random.default_rng(number).random((12, 20)))
            np.save(folder / name / "masks" / f"{number:02d}.npy", np.roll(labels, number, axis=1))
    return folder


def test_layers_are_one_class_but_8(source, tmp_path):
    write_conversion(convert_duke(source), tmp_path / "out", validation=None, test=None, seed=0)
    mask = read_mask(tmp_path / "out" / "masks" / "train" / "0.png")
    assert mask[5].tolist() == [False, *[True] * 7, False, True] * 2
    np.testing.assert_array_equal(read_mask(tmp_path / "out" / "masks" / "test" / "2.png"), np.roll(mask, 2, axis=1))


def test_the_own_sets_are_kept(source, tmp_path):
    counts = write_conversion(convert_duke(source), tmp_path / "out", validation=None, test=None, seed=0)
    assert counts == {"training": 3, "validation": 3, "test": 3}
    datalist = read_datalist(tmp_path / "out" / "datalist.json")
    assert datalist.test[1]["image"] == str(source / "test" / "images" / "1.npy")
    assert datalist.test[1]["electrodes"] is None
    validate_datalist(tmp_path / "out" / "datalist.json")


@pytest.mark.parametrize(("validation", "test"), [(4 / 9, 0), (4 / 9, None), (None, 4 / 9)])
def test_a_share_that_is_asked_for_outranks_the_own_sets(source, tmp_path, validation, test):
    counts = write_conversion(convert_duke(source), tmp_path / "out", validation=validation, test=test, seed=0)
    assert 4 in counts.values()


def test_the_set_for_training_is_enough(source):
    for name in SETS[1:]:
        shutil.rmtree(source / name)
    conversion = convert_duke(source)
    assert {frame.split for frame in conversion.frames} == {"training"}
    assert "the layout tells no patients" in conversion.about_cases


def test_images_and_masks_without_a_counterpart_are_listed(source):
    (source / "train" / "masks" / "01.npy").unlink()
    (source / "val" / "images" / "2.npy").rename(source / "val" / "images" / "other.npy")
    with pytest.raises(FaultsError) as caught:
        convert_duke(source)
    assert [str(fault).removeprefix(f"{source}/") for fault in caught.value.faults] == [
        "train/images/1.npy: there is no mask of this name.",
        "val/images/other.npy: there is no mask of this name.",
        "val/masks/02.npy: there is no image of this name.",
    ]


def test_other_labels_are_listed(source, tmp_path):
    for name in ("train/masks/00.npy", "val/masks/01.npy"):
        np.save(source / name, np.full((12, 20), 10.5))
    with pytest.raises(FaultsError, match=r"2 files cannot be used") as caught:
        write_conversion(convert_duke(source), tmp_path / "out", validation=None, test=None, seed=0)
    assert "wrong labels; found [10.5]; expected whole numbers from 0 to 9" in str(caught.value)


def test_a_mask_of_another_size_is_named(source, tmp_path):
    np.save(source / "train" / "masks" / "00.npy", np.zeros((20, 12), np.uint8))
    with pytest.raises(FaultsError, match=r"masks/00\.npy: the mask has another size; found \(20, 12\); .*\(12, 20\)"):
        write_conversion(convert_duke(source), tmp_path / "out", validation=None, test=None, seed=0)


def test_other_layouts_are_refused(tmp_path):
    with pytest.raises(InputError, match="train: the layout has this folder"):
        convert_duke(tmp_path)
