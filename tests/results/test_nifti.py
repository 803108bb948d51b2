import nibabel
import numpy as np

from custom.data.reader import open_frames, read_frame
from custom.results.nifti import NiftiMask
from tests.results.frames import COLUMNS, ROWS, make_frame, without_spacing, write_all


def test_a_cine_becomes_a_volume(folder, cine):
    (path,) = write_all(NiftiMask(folder), cine)
    image = nibabel.load(path)
    voxels = np.asarray(image.dataobj)
    assert (voxels.shape, voxels.dtype) == ((COLUMNS, ROWS, 3), np.uint8)
    for index, frame in enumerate(cine):
        np.testing.assert_array_equal(voxels[..., index].T, frame.mask)
    np.testing.assert_array_equal(image.affine, np.diag([-0.25, -0.5, 1, 1]))
    np.testing.assert_array_equal(image.get_qform(), image.get_sform())
    assert image.header.get_xyzt_units()[0] == "mm"


def test_our_reader_gets_the_mask_back(folder, cine):
    (path,) = write_all(NiftiMask(folder), cine)
    assert open_frames(path).frames == 3
    np.testing.assert_array_equal(read_frame(path, 2).pixels, cine[2].mask)


def test_a_voxel_is_a_pixel_where_the_spacing_is_unknown(folder):
    (path,) = write_all(NiftiMask(folder), [without_spacing(make_frame())])
    image = nibabel.load(path)
    assert image.header.get_zooms() == (1, 1, 1)
    assert image.header.get_xyzt_units()[0] == "unknown"


def test_only_frames_that_were_read_count(folder, cine):
    (path,) = write_all(NiftiMask(folder), cine[:2], complete=False)
    assert nibabel.load(path).shape == (COLUMNS, ROWS, 2)


def test_the_same_results_give_the_same_file(tmp_path, cine):
    first, second = (write_all(NiftiMask(tmp_path / name), cine)[0].read_bytes() for name in "ab")
    assert first == second
