import pytest

from custom.data.converters.names import files_by_name, name_key
from custom.errors import FaultsError, InputError


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("0000.jpg", "000.png", True),
        ("0010", "010.jpg", True),
        ("10.jpg", "1.jpg", False),
        ("a01.jpg", "a1.png", False),
    ],
)
def test_numbers_compare_as_numbers(one, other, same):
    assert (name_key(one) == name_key(other)) is same


def test_names_that_are_one_number_are_refused(tmp_path):
    for name in ("01.jpg", "001.jpg", "1.txt"):
        (tmp_path / name).touch()
    with pytest.raises(FaultsError, match=r"01\.jpg: the same name as 001\.jpg"):
        files_by_name(tmp_path, [".jpg"])


def test_a_missing_folder_is_refused(tmp_path):
    with pytest.raises(InputError, match="the layout has this folder"):
        files_by_name(tmp_path / "images", [".jpg"])
