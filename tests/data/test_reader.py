import gzip
import struct
import zlib

import nibabel
import numpy as np
import pytest
from PIL import Image

from custom.data.reader import open_frames, read_frame, read_labels, read_mask, stream_frames
from custom.errors import InputError


@pytest.mark.parametrize("suffix", [".png", ".bmp", ".tif", ".npy", ".nii", ".nii.gz"])
def test_files_without_loss_come_back(tmp_path, ramp, suffix):
    path = tmp_path / f"frame{suffix}"
    save(path, ramp)
    frame = read_frame(path)
    assert frame.pixels.dtype == np.float32
    np.testing.assert_array_equal(frame.pixels, ramp)
    assert frame.pixel_spacing_mm is None
    assert frame.spacing_plane is None


@pytest.mark.parametrize("suffix", [".png", ".tif", ".npy"])
def test_16_bits_are_kept(tmp_path, ramp, suffix):
    path = tmp_path / f"frame{suffix}"
    save(path, ramp.astype(np.uint16) * 300)
    np.testing.assert_array_equal(read_frame(path).pixels, ramp.astype(np.float32) * 300)


def test_jpeg_comes_back_nearly(tmp_path, ramp):
    Image.fromarray(ramp).save(tmp_path / "frame.jpg", quality=95)
    np.testing.assert_allclose(read_frame(tmp_path / "frame.jpg").pixels, ramp, atol=4)


def test_grey_stored_as_colour_is_grey(tmp_path, ramp):
    colour = Image.fromarray(ramp).convert("RGB")
    colour.save(tmp_path / "frame.png")
    colour.convert("RGBA").save(tmp_path / "alpha.png")
    noise = np.random.default_rng(0).integers(0, 256, (64, 48), np.uint8)
    Image.fromarray(noise).convert("RGB").save(tmp_path / "frame.jpg", quality=60)
    np.testing.assert_array_equal(read_frame(tmp_path / "frame.png").pixels, ramp)
    np.testing.assert_array_equal(read_frame(tmp_path / "alpha.png").pixels, ramp)
    assert read_frame(tmp_path / "frame.jpg").pixels.shape == (64, 48)


GREY_AND_ALPHA, COLOUR = 4, 2  # of a PNG


def save_16_bit_png(path, channels, kind):
    rows, columns, _ = channels.shape
    lines = b"".join(b"\0" + row.astype(">u2").tobytes() for row in channels)
    header = struct.pack(">IIBBBBB", columns, rows, 16, kind, 0, 0, 0)
    chunks = [(b"IHDR", header), (b"IDAT", zlib.compress(lines)), (b"IEND", b"")]
    parts = [
        struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data)) for name, data in chunks
    ]
    path.write_bytes(b"\x89PNG\r\n\x1a\n" + b"".join(parts))


@pytest.mark.parametrize(("kind", "channels"), [(COLOUR, [1, 1, 1]), (GREY_AND_ALPHA, [1, 0])])
def test_several_channels_of_16_bits_are_refused(tmp_path, ramp, kind, channels):
    """Of 10 bits stored in 16, Pillow would leave 4 greys, and of a mask of 0 and 1 nothing."""
    save_16_bit_png(tmp_path / "frame.png", ramp.astype(np.uint16)[..., None] * np.array(channels, np.uint16), kind)
    for read in (read_frame, read_mask, read_labels):
        with pytest.raises(InputError, match=r"frame\.png: has several channels of 16 bits.* one grey channel"):
            read(tmp_path / "frame.png")


def test_white_is_zero_is_inverted_in_16_bits(tmp_path, ramp):
    Image.fromarray(ramp.astype(np.uint16)).save(tmp_path / "frame.tif", tiffinfo={262: 0})
    np.testing.assert_array_equal(read_frame(tmp_path / "frame.tif").pixels, 65535 - ramp.astype(np.float32))


def test_a_compressed_cine_is_not_opened_anew_for_every_frame(tmp_path, ramp, monkeypatch):
    path = tmp_path / "cine.nii.gz"
    frames = np.stack([ramp + index for index in range(40)])
    nibabel.save(nibabel.Nifti1Image(frames.transpose(2, 1, 0), np.eye(4)), path)
    opened = []
    initialize = gzip.GzipFile.__init__

    def count(self, *arguments, **options):
        opened.append(self)
        initialize(self, *arguments, **options)

    monkeypatch.setattr(gzip.GzipFile, "__init__", count)
    for pixels, frame in zip(frames, stream_frames(path), strict=True):
        np.testing.assert_array_equal(frame.pixels, pixels)
    assert len(opened) < 5


def test_pages_of_a_tiff_are_frames(tmp_path, ramp):
    path = tmp_path / "cine.tif"
    Image.fromarray(ramp).save(path, save_all=True, append_images=[Image.fromarray(ramp + 1)])
    assert open_frames(path).frames == 2
    np.testing.assert_array_equal([frame.pixels for frame in stream_frames(path)], [ramp, ramp + 1])
    np.testing.assert_array_equal(read_frame(path, 1).pixels, ramp + 1)
    with pytest.raises(InputError, match="holds 2 frames, say which"):
        read_frame(path)
    with pytest.raises(InputError, match="no such frame; found 2; expected 0 to 1"):
        read_frame(path, 2)
    with pytest.raises(InputError, match="no such frame; found -1"):
        read_frame(path, -1)
    for read in (read_mask, read_labels):
        with pytest.raises(InputError, match=r"a mask is one frame; found '2 frames'\. Store the mask of each"):
            read(path)


def test_the_third_axis_of_nifti_is_the_frame(tmp_path, ramp):
    path = tmp_path / "cine.nii.gz"
    nibabel.save(nibabel.Nifti1Image(np.stack([ramp.T, ramp.T + 1], -1), np.eye(4)), path)
    assert open_frames(path).frames == 2
    np.testing.assert_array_equal(read_frame(path, 1).pixels, ramp + 1)


def test_axes_of_length_one_are_dropped(tmp_path, ramp):
    nibabel.save(nibabel.Nifti1Image(ramp.T[:, :, None, None], np.eye(4)), tmp_path / "frame.nii")
    np.save(tmp_path / "frame.npy", ramp[None])
    np.testing.assert_array_equal(read_frame(tmp_path / "frame.nii").pixels, ramp)
    np.testing.assert_array_equal(read_frame(tmp_path / "frame.npy", 0).pixels, ramp)


def test_monai_writes_nifti_that_comes_back(tmp_path, ramp):
    from monai.data import NibabelWriter

    writer = NibabelWriter(output_dtype=np.uint8)
    writer.set_data_array(ramp.T, channel_dim=None)
    writer.write(str(tmp_path / "frame.nii.gz"))
    np.testing.assert_array_equal(read_frame(tmp_path / "frame.nii.gz").pixels, ramp)


def make_colour(path, ramp):
    Image.fromarray(np.stack([ramp, ramp, ramp // 2], -1)).save(path / "bad.png")
    return "bad.png", "is a colour image"


def make_coloured_palette(path, ramp):
    image = Image.fromarray(ramp, mode="P")
    image.putpalette([value for index in range(256) for value in (index, 0, 0)])
    image.save(path / "bad.png")
    return "bad.png", "is a colour image"


def make_empty(path, ramp):
    (path / "bad.png").write_bytes(b"")
    return "bad.png", "the file is empty"


def make_text(path, ramp):
    (path / "bad.png").write_text("no image at all")
    return "bad.png", "is no image; expected"


def make_truncated(path, ramp):
    Image.fromarray(np.random.default_rng(0).integers(0, 256, (64, 64), np.uint8)).save(path / "whole.png")
    (path / "bad.png").write_bytes((path / "whole.png").read_bytes()[:2000])
    return "bad.png", "cannot be decoded"


def make_truncated_jpeg(path, ramp):
    Image.fromarray(np.random.default_rng(0).integers(0, 256, (64, 64), np.uint8)).save(path / "whole.jpg")
    (path / "bad.jpg").write_bytes((path / "whole.jpg").read_bytes()[:2000])
    return "bad.jpg", "cannot be decoded"


def make_truncated_nifti(path, ramp):
    save(path / "whole.nii", ramp)
    (path / "bad.nii").write_bytes((path / "whole.nii").read_bytes()[:-100])
    return "bad.nii", "cannot be decoded"


def make_truncated_npy(path, ramp):
    np.save(path / "whole.npy", ramp)
    (path / "bad.npy").write_bytes((path / "whole.npy").read_bytes()[:-100])
    return "bad.npy", "cannot be decoded"


def make_nan(path, ramp):
    pixels = ramp.astype(np.float32)
    pixels[3, 5] = np.nan
    np.save(path / "bad.npy", pixels)
    return "bad.npy", "not finite numbers; found '1 of 960'"


def make_volume(path, ramp):
    np.save(path / "bad.npy", np.stack([ramp] * 5))
    return "bad.npy", r"wrong shape; found \(5, 24, 40\)"


def make_vector(path, ramp):
    np.save(path / "bad.npy", ramp[0])
    return "bad.npy", "wrong shape"


def make_complex(path, ramp):
    np.save(path / "bad.npy", ramp.astype(complex))
    return "bad.npy", "wrong data type; found 'complex128'"


def make_objects(path, ramp):
    np.save(path / "bad.npy", np.array([[{}]], dtype=object), allow_pickle=True)
    return "bad.npy", "cannot be decoded"


def make_no_pixels(path, ramp):
    np.save(path / "bad.npy", np.zeros((0, 40)))
    return "bad.npy", "wrong size; found '0 x 40 pixels'"


def make_huge(path, ramp):
    # A header that promises 1.6 TB, which must be refused before anything is allocated.
    header = b"{'descr': '<f8', 'fortran_order': False, 'shape': (1000000, 200000), }"
    with (path / "bad.npy").open("wb") as file:
        file.write(b"\x93NUMPY\x01\x00" + len(header).to_bytes(2, "little") + header)
        file.truncate(10 + len(header) + 1_600_000_000_000)
    return "bad.npy", "wrong size; found '1000000 x 200000 pixels'; expected '?1 to 16384"


def make_huge_png(path, ramp):
    Image.new("1", (20000, 8)).save(path / "bad.png")
    return "bad.png", "wrong size; found '8 x 20000 pixels'"


def make_large_png(path, ramp):
    Image.new("1", (12000, 6000)).save(path / "bad.png")
    return "bad.png", "wrong size; found '6000 x 12000 pixels'; expected .* at most 67108864 in all"


def make_volume_nifti(path, ramp):
    nibabel.save(nibabel.Nifti1Image(np.zeros((4, 5, 6, 7), np.uint8), np.eye(4)), path / "bad.nii")
    return "bad.nii", "wrong shape"


def make_missing(path, ramp):
    return "bad.png", "there is no such file"


def make_folder(path, ramp):
    (path / "bad.png").mkdir()
    return "bad.png", "is a folder"


MAKERS = [value for name, value in list(globals().items()) if name.startswith("make_")]


@pytest.mark.parametrize("make", MAKERS, ids=lambda make: make.__name__)
def test_what_is_no_frame_is_refused(tmp_path, ramp, make):
    name, problem = make(tmp_path, ramp)
    with pytest.raises(InputError, match=problem) as caught:
        read_frame(tmp_path / name)
    assert str(tmp_path / name) in str(caught.value)


@pytest.mark.parametrize("value", [1, 255])
def test_masks_have_two_values(tmp_path, value):
    mask = np.zeros((24, 40), np.uint8)
    mask[2:5, 7] = value
    Image.fromarray(mask).save(tmp_path / "mask.png")
    found = read_mask(tmp_path / "mask.png")
    assert found.dtype == bool
    np.testing.assert_array_equal(found, mask > 0)


@pytest.mark.parametrize("value", [0, 255])
def test_masks_may_be_empty_or_full(tmp_path, value):
    Image.fromarray(np.full((24, 40), value, np.uint8)).save(tmp_path / "mask.png")
    assert (read_mask(tmp_path / "mask.png") == bool(value)).all()


def test_the_indices_of_a_palette_are_the_mask(tmp_path):
    labels = np.zeros((24, 40), np.uint8)
    labels[3, 4:9] = 1
    image = Image.fromarray(labels, mode="P")
    image.putpalette([0, 0, 0, 128, 0, 0])
    image.save(tmp_path / "mask.png")
    np.testing.assert_array_equal(read_mask(tmp_path / "mask.png"), labels == 1)


def test_masks_with_classes_or_colours_are_refused(tmp_path, ramp):
    Image.fromarray((ramp > 50).astype(np.uint8) + 1).save(tmp_path / "shifted.png")
    Image.fromarray(ramp).convert("RGB").save(tmp_path / "colour.png")
    with pytest.raises(InputError, match="two values; found '1, 2'; expected 0 and one other"):
        read_mask(tmp_path / "shifted.png")
    with pytest.raises(InputError, match="one channel; found '3 channels'"):
        read_mask(tmp_path / "colour.png")


def test_real_frames_and_masks_decode(shared_data):
    frames = sorted(shared_data.glob("frames/*/images/*.png"))
    assert len(frames) == 4
    for path in frames:
        mask = read_mask(path.parents[1] / "masks" / path.name)
        assert read_frame(path).pixels.shape == mask.shape
        assert 0 < mask.mean() < 0.2


def save(path, pixels):
    if path.suffix == ".npy":
        np.save(path, pixels)
    elif ".nii" in path.name:
        nibabel.save(nibabel.Nifti1Image(pixels.T, np.eye(4)), path)
    else:
        Image.fromarray(pixels).save(path)


def test_a_page_of_another_size_ends_the_file(tmp_path):
    first, second = (Image.new("L", size) for size in ((30, 20), (30, 22)))
    path = tmp_path / "pages.tif"
    first.save(path, save_all=True, append_images=[first, second])
    frames = stream_frames(path)
    assert [next(frames).pixels.shape for _ in range(2)] == [(20, 30)] * 2
    with pytest.raises(InputError, match=r"frame 2: another size; found \(22, 30\); expected .* \(20, 30\)"):
        next(frames)


@pytest.mark.parametrize("suffix", [".npy", ".nii"])
def test_numbers_beyond_float32_are_named(tmp_path, suffix, recwarn):
    pixels = np.ones((4, 5))
    pixels[1, 2] = 1e300
    save(tmp_path / f"frame{suffix}", pixels)
    with pytest.raises(InputError, match=r"too large for float32; found '1e\+300'; expected numbers to 3\.40282e\+38"):
        read_frame(tmp_path / f"frame{suffix}")
    assert not [warning for warning in recwarn if issubclass(warning.category, RuntimeWarning)]


def test_pixels_of_an_array_file_can_be_written_to(tmp_path):
    save(tmp_path / "frame.npy", np.ones((4, 5), np.float32))
    assert read_frame(tmp_path / "frame.npy").pixels.flags.writeable
