import numpy as np
from PIL import Image

from custom.results.pictures import MaskPicture, OverlayPicture
from custom.visualization import draw_result
from tests.results.frames import make_frame, write_all


def test_a_mask_for_each_frame(folder, cine):
    paths = write_all(MaskPicture(folder), cine)
    assert [path.name for path in paths] == [f"cine_{index:04d}_mask.png" for index in range(3)]
    for path, frame in zip(paths, cine, strict=True):
        np.testing.assert_array_equal(np.asarray(Image.open(path)), frame.mask * 255)


def test_a_single_frame_has_no_number_and_keeps_its_folder(folder):
    (path,) = write_all(MaskPicture(folder), [make_frame(source="case 1/a.png")])
    assert path == folder / "case 1" / "a.png_mask.png"


def test_an_overlay_is_what_is_drawn(folder):
    frame = make_frame()
    (path,) = write_all(OverlayPicture(folder), [frame])
    np.testing.assert_array_equal(np.asarray(Image.open(path)), draw_result(frame))
