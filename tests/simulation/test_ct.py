from __future__ import annotations

import nibabel
import numpy as np
import pytest
import torch

from custom.errors import InputError
from custom.simulation.ct import load_ct
from custom.simulation.dataset import SimulatedSequences
from custom.simulation.geometry import CameraBatch


def _write(path, values, spacing=(2.0, 2.0, 4.0), flip=False):
    # Patient right, front and head along the axes of the array.
    affine = np.diag([*spacing, 1.0])
    if flip:
        values, affine = values[::-1], np.diag([-spacing[0], spacing[1], spacing[2], 1.0])
    nibabel.save(nibabel.Nifti1Image(values.astype(np.int16), affine), path)
    return path


@pytest.fixture
def block() -> np.ndarray:
    """128 x 96 x 160 mm of air with water in the patient's left, lower quarter and bone inside it."""
    values = np.full((64, 48, 40), -1000.0)
    values[:32, :, :20] = 0
    values[10:14, 20:30, 8:10] = 1700
    return values


@pytest.mark.parametrize("flip", [False, True])
def test_line_integrals_through_a_block(tmp_path, block, view, flip):
    volume = load_ct(_write(tmp_path / "block.nii.gz", block, flip=flip))
    paths = volume.paths(CameraBatch.of([view], torch.device("cpu")))[0]
    assert paths.shape == (3, 96, 160)
    # 30 mm to the left and 15 mm down: 96 mm of water, a little more as the ray is slanted.
    assert float(paths[0, 78, 139]) == pytest.approx(96, rel=0.04)
    for row, column in ((78, 20), (10, 139), (10, 20)):
        assert float(paths[0, row, column]) < 3
    assert not paths[2].any()


def test_bone_is_where_it_was(tmp_path, block, view):
    volume = load_ct(_write(tmp_path / "block.nii", block))
    values = np.zeros_like(block) - 1000
    values[20:22, 23:25, 18:20] = 1700
    bone = load_ct(_write(tmp_path / "bone.nii", values)).paths(CameraBatch.of([view], torch.device("cpu")))[0, 1]
    row, column = np.unravel_index(int(bone.argmax()), bone.shape)
    # Voxels 20-21 of 64 from the right: 2 * (32 - 21) = 22 mm to the left; 18-19 of 40: 4 mm below the middle.
    assert (column, row) == (pytest.approx(79.5 - -44, abs=2.5), pytest.approx(47.5 + 8, abs=4))
    assert volume.half_extent_mm.tolist() == [64, 48, 80]


def test_a_volume_takes_the_anatomys_place(tmp_path, block, config):
    volume = load_ct(_write(tmp_path / "block.nii.gz", block))
    with_ct, without = (
        SimulatedSequences(config, size=64, sequences=1, frames=1, ct=ct).render([0]) for ct in (volume, None)
    )
    assert not torch.equal(with_ct.images, without.images)
    assert with_ct.labels[0].electrodes == without.labels[0].electrodes


def test_volumes_that_are_none(tmp_path, block):
    cases = {
        "two.nii": (block[..., 0], "not a 3D volume|cannot be read"),
        "four.nii": (np.repeat(block[..., None], 2, axis=3), "not a 3D volume"),
        "positive.nii": (block + 1000, "not in Hounsfield units"),
        "air.nii": (np.full_like(block, -1000), "not in Hounsfield units"),
    }
    for name, (values, message) in cases.items():
        with pytest.raises(InputError, match=message) as caught:
            load_ct(_write(tmp_path / name, values))
        assert name in str(caught.value)
    (tmp_path / "text.nii.gz").write_text("no volume")
    for name in ("text.nii.gz", "absent.nii.gz"):
        with pytest.raises(InputError, match="cannot be read"):
            load_ct(tmp_path / name)
