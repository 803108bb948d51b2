import numpy as np
import pytest
from PIL import Image

from custom.data.converters.label_files import read_any_label, read_label_mask, read_smeared_mask
from custom.data.reader import read_mask
from custom.errors import InputError

ROWS, COLUMNS = 24, 40


@pytest.fixture
def wire():
    """(24, 40) bool: three rows, 30 columns."""
    mask = np.zeros((ROWS, COLUMNS), bool)
    mask[9:12, 5:35] = True
    return mask


@pytest.mark.parametrize("suffix", [".jpg", ".png"])
def test_the_smear_of_a_jpeg_is_no_label(tmp_path, wire, suffix):
    Image.fromarray(wire.astype(np.uint8) * 255).save(tmp_path / f"mask{suffix}", format="JPEG", quality=75)
    np.testing.assert_array_equal(read_any_label(tmp_path / f"mask{suffix}"), wire)


def test_labels_in_a_jpeg_are_refused(tmp_path, wire):
    Image.fromarray(wire.astype(np.uint8) * 60).save(tmp_path / "mask.jpg")
    with pytest.raises(InputError, match="labels of a JPEG cannot be told from its smear"):
        read_any_label(tmp_path / "mask.jpg")
    Image.new("L", (COLUMNS, ROWS)).save(tmp_path / "empty.jpg")
    assert not read_any_label(tmp_path / "empty.jpg").any()


@pytest.mark.parametrize(("grey", "foreground"), [(0, False), (1, None), (127, None), (128, True)])
def test_half_of_the_grey_of_a_jpeg_is_foreground(tmp_path, grey, foreground):
    Image.new("L", (COLUMNS, ROWS), grey).save(tmp_path / "mask.jpg")
    if foreground is None:
        with pytest.raises(InputError, match=f"found 'grey up to {grey}'; expected foreground of 128 or more"):
            read_any_label(tmp_path / "mask.jpg")
    else:
        assert (read_any_label(tmp_path / "mask.jpg") == foreground).all()


@pytest.mark.parametrize(
    ("values", "foreground"),
    [
        ([0, 0, 0], [False, False, False]),
        ([0, 1, 0], [False, True, False]),  # labels of a file without smear
        ([0, 127, 128], [False, False, True]),
        ([127, 128, 127], [False, True, False]),
    ],
)
def test_two_values_from_0_on_are_no_smear(tmp_path, values, foreground):
    np.save(tmp_path / "mask.npy", np.array([values], np.uint8))
    assert read_smeared_mask(tmp_path / "mask.npy").tolist() == [foreground]


def test_labels_become_one_class_and_others_are_refused(tmp_path):
    np.save(tmp_path / "mask.npy", np.array([[0, 1, 8, 9]]))
    assert read_label_mask(tmp_path / "mask.npy", {1, 9}).tolist() == [[False, True, False, True]]
    np.save(tmp_path / "mask.npy", np.array([[0, 11, 1, 10]]))
    with pytest.raises(InputError, match=r"wrong labels; found \[10.0, 11.0\]; expected whole numbers from 0 to 9"):
        read_label_mask(tmp_path / "mask.npy", {1, 9})


@pytest.mark.parametrize("read", [read_any_label, read_mask])
def test_a_palette_starts_with_the_background(tmp_path, wire, read):
    image = Image.fromarray((~wire).astype(np.uint8), mode="P")
    image.putpalette([255, 255, 255, 0, 0, 0])
    image.save(tmp_path / "mask.png", bits=1)
    with pytest.raises(InputError, match=r"does not start with black, the background; found \(255, 255, 255\)"):
        read(tmp_path / "mask.png")
    empty = Image.new("P", (COLUMNS, ROWS))
    empty.putpalette([255, 255, 255, 0, 0, 0])
    empty.save(tmp_path / "empty.png")
    assert not read(tmp_path / "empty.png").any()


@pytest.mark.parametrize("mode", ["LA", "RGBA"])
def test_masks_that_are_transparent_in_places_are_refused(tmp_path, wire, mode):
    image = Image.fromarray(wire.astype(np.uint8) * 255).convert(mode)
    image.save(tmp_path / "mask.png")
    np.testing.assert_array_equal(read_any_label(tmp_path / "mask.png"), wire)
    image.putalpha(Image.fromarray(wire.astype(np.uint8) * 255))
    image.save(tmp_path / "mask.png")
    with pytest.raises(InputError, match="transparent in places"):
        read_any_label(tmp_path / "mask.png")


@pytest.mark.parametrize("background", [np.nan, np.inf])
def test_labels_that_are_not_finite_are_refused(tmp_path, wire, background):
    np.save(tmp_path / "mask.npy", np.where(wire, 1.0, background))
    with pytest.raises(InputError, match="not finite numbers; found '870 of 960'"):
        read_any_label(tmp_path / "mask.npy")
