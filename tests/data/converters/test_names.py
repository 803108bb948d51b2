import pytest

from custom.data.converters.names import files_by_name, name_key, stem_of
from custom.errors import FaultsError, InputError


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("0000.jpg", "000.png", True),
        ("0010", "010.jpg", True),
        ("10.jpg", "1.jpg", False),
        ("a01.jpg", "a1.png", False),
        ("a_1.nii.gz", "a_1.png", True),
        ("07.NII.GZ", "007.dcm", True),
        ("p.0", "p.0.jpg", True),
        ("p.0", "p.1", False),
        ("images/a.png", "a.jpg", True),
    ],
)
def test_numbers_compare_as_numbers(one, other, same):
    assert (name_key(one) == name_key(other)) is same


@pytest.mark.parametrize(
    ("name", "stem"),
    [("a_000.nii.gz", "a_000"), ("1.2.840.1", "1.2.840.1"), ("p/p.0.JPG", "p/p.0"), (".png", ".png"), ("a", "a")],
)
def test_only_suffixes_of_images_are_no_part_of_a_name(name, stem):
    assert stem_of(name) == stem


def test_hidden_files_and_those_of_another_kind_are_left_out(tmp_path):
    for name in ("x.png", "._x.png", ".y.png", "z.txt"):
        (tmp_path / name).touch()
    assert files_by_name(tmp_path, [".png"]) == {"x": tmp_path / "x.png"}


def test_names_that_are_one_number_are_refused(tmp_path):
    for name in ("01.jpg", "001.jpg", "1.txt"):
        (tmp_path / name).touch()
    with pytest.raises(FaultsError, match=r"01\.jpg: the same name as 001\.jpg"):
        files_by_name(tmp_path, [".jpg"])


def test_a_missing_folder_is_refused(tmp_path):
    with pytest.raises(InputError, match="the layout has this folder"):
        files_by_name(tmp_path / "images", [".jpg"])
    with pytest.raises(InputError, match="nowhere: there is no such folder"):
        files_by_name(tmp_path / "nowhere" / "images", [".jpg"])
