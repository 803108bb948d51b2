import nibabel
import numpy as np
import pytest

from custom.data.converters.conversion import write_conversion
from custom.data.converters.folders import convert_folders
from custom.data.datalist import read_datalist
from custom.data.reader import read_mask
from custom.data.validation import validate_datalist
from custom.errors import FaultsError, InputError
from custom.files import write_image


def write_pairs(folder, names, *, masks=None):
    for name in names:
        write_image(folder / "images" / f"{name}.png", np.arange(24 * 40, dtype=np.uint8).reshape(24, 40))
    for name in names if masks is None else masks:
        mask = np.zeros((24, 40), np.uint8)
        mask[3, 4:9], mask[20, 30] = 255, 1
        write_image(folder / "masks" / f"{name}.png", mask)


def test_images_meet_the_masks_of_their_names(tmp_path):
    write_pairs(tmp_path / "source", ["000", "001"])
    conversion = convert_folders(tmp_path / "source")
    counts = write_conversion(conversion, tmp_path / "out", validation=0, test=0, seed=0)
    assert counts == {"training": 2, "validation": 0, "test": 0}
    entries = read_datalist(tmp_path / "out" / "datalist.json").training
    assert [entry["electrodes"] for entry in entries] == [None, None]
    mask = read_mask(entries[0]["mask"])
    assert mask.sum() == 6
    assert mask[20, 30]
    validate_datalist(tmp_path / "out" / "datalist.json")


def test_sequences_are_folders_and_names_before_the_number(tmp_path):
    write_pairs(tmp_path / "animal", ["000", "001"])
    write_pairs(tmp_path / "clinical" / "first", ["a_01", "a_02", "b_01"])
    cases = {frame.name: frame.case for frame in convert_folders(tmp_path).frames}
    assert cases == {
        "animal/000": "animal",
        "animal/001": "animal",
        "clinical/first/a_01": "clinical/first/a",
        "clinical/first/a_02": "clinical/first/a",
        "clinical/first/b_01": "clinical/first/b",
    }


def test_names_that_tell_no_sequences_are_said_to(tmp_path):
    """`frame (1).png`, as Windows numbers files: each would be a case of its own."""
    write_pairs(tmp_path, ["frame (1)", "frame (2)"])
    assert "every frame is a case, and splits may divide patients" in convert_folders(tmp_path).about_cases


def test_masks_without_a_folder_of_images_beside_them_are_none(tmp_path):
    write_pairs(tmp_path / "source" / "a", ["000"])
    write_pairs(tmp_path / "source" / "b", [], masks=["000"])
    conversion = convert_folders(tmp_path / "source")
    assert [frame.name for frame in conversion.frames] == ["a/000"]
    assert conversion.about_cases is None


def test_sequences_of_one_patient_are_said_to_be_cases(tmp_path):
    for patient in ("p1", "p2"):
        for sequence in ("left", "right"):
            write_pairs(tmp_path / patient / sequence, ["0", "1"])
    assert convert_folders(tmp_path).about_cases == (
        "every sequence is a case, such as p1/left: where a patient has several, splits may divide patients"
    )


def test_images_without_a_mask_are_left_out_and_counted(tmp_path):
    write_pairs(tmp_path, ["1", "2", "3"], masks=["002"])
    conversion = convert_folders(tmp_path)
    assert [frame.image.name for frame in conversion.frames] == ["2.png"]
    (remark,) = conversion.remarks
    assert "2 images without a mask left out" in remark


def test_compressed_nifti_meets_png_and_keeps_its_sequence(tmp_path):
    write_pairs(tmp_path, ["a_000", "a_001", "b_000"])
    for name in ("a_000", "a_001"):
        (tmp_path / "images" / f"{name}.png").unlink()
        volume = nibabel.Nifti1Image(np.arange(40 * 24, dtype=np.int16).reshape(40, 24), np.eye(4))
        nibabel.save(volume, tmp_path / "images" / f"{name}.nii.gz")
    frames = convert_folders(tmp_path).frames
    assert [frame.name for frame in frames] == ["a_000", "a_001", "b_000"]
    assert [frame.case for frame in frames] == [f"{tmp_path.name}/a"] * 2 + [f"{tmp_path.name}/b"]


def test_dicom_counts_as_an_image(tmp_path):
    write_pairs(tmp_path, ["1", "2"])
    (tmp_path / "images" / "2.png").rename(tmp_path / "images" / "2.dcm")
    conversion = convert_folders(tmp_path)
    assert [frame.image.name for frame in conversion.frames] == ["1.png", "2.dcm"]
    assert conversion.remarks == []


def test_whatever_is_left_out_is_said(tmp_path):
    source = tmp_path / "source"
    write_pairs(source, ["1", "2"], masks=["2", "3", "4"])
    for name in ("cine.mp4", "5", ".hidden", "._2.png"):
        (source / "images" / name).touch()
    for name in ("p1", "p2"):
        (source / "images" / name).mkdir()
    write_pairs(tmp_path / "patient", ["1"])
    (source / "patient").symlink_to(tmp_path / "patient")
    assert convert_folders(source).remarks == [
        f"{source / 'patient'}: a linked folder, left out",
        f"{source / 'images'}: 1 image without a mask left out",
        f"{source / 'images'}: 2 folders in it left out, such as p1",
        f"{source / 'images'}: 2 files without a suffix of images left out, such as 5",
        f"{source / 'masks'}: 2 masks without an image left out",
    ]


def test_pairs_in_other_places_are_told_where_there_are_none(tmp_path):
    for name in ("images", "masks"):
        (tmp_path / "inner" / name / "p1").mkdir(parents=True)
    with pytest.raises(InputError, match=r"no image has a mask .*inner/images: 1 folder in it left out"):
        convert_folders(tmp_path / "inner")
    (tmp_path / "outer").mkdir()
    (tmp_path / "outer" / "p1").symlink_to(tmp_path / "inner")
    with pytest.raises(InputError, match=r"no such folders \(.*outer/p1: a linked folder, left out\)"):
        convert_folders(tmp_path / "outer")


def test_a_mask_of_another_size_is_named(tmp_path):
    write_pairs(tmp_path, ["1", "2"])
    write_image(tmp_path / "masks" / "2.png", np.zeros((24, 41), np.uint8))
    with pytest.raises(FaultsError) as caught:
        write_conversion(convert_folders(tmp_path), tmp_path / "out", validation=0, test=0, seed=0)
    (fault,) = caught.value.faults
    assert "another size" in str(fault)
    assert str(tmp_path / "masks" / "2.png") in str(fault)


def test_what_has_no_pairs_is_refused(tmp_path):
    with pytest.raises(InputError, match="no such folders"):
        convert_folders(tmp_path)
    write_pairs(tmp_path, ["1"], masks=["2"])
    with pytest.raises(InputError, match="no image has a mask"):
        convert_folders(tmp_path)


def test_the_sources_own_masks_are_not_overwritten(tmp_path):
    write_pairs(tmp_path, ["000"])
    before = (tmp_path / "masks" / "000.png").read_bytes()
    with pytest.raises(InputError, match="own file would be overwritten"):
        write_conversion(convert_folders(tmp_path), tmp_path, validation=0, test=0, seed=0)
    assert (tmp_path / "masks" / "000.png").read_bytes() == before
