"""Small data sets in the layouts of the pre-training stages, for tests that need files rather than realism."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from PIL import Image
from skimage.draw import line

SETS = ("train", "val", "test")
UCL_FOLDERS = ("Phantom", "T1T2", "T3-T6")


def write_duke_data(folder: Path, *, frames: int = 6) -> Path:
    """Write `{train,val,test}/{images,masks}/NAME.npy`, as many frames in each set; return `folder`."""
    generator = np.random.default_rng(0)
    for subject, name in enumerate(SETS):
        for kind in ("images", "masks"):
            (folder / name / kind).mkdir(parents=True)
        for frame in range(frames):
            image, labels = _retina(generator, rows=62, columns=96 + 8 * subject)
            file = f"Subject_{subject:02d}_{frame:02d}.npy"
            np.save(folder / name / "images" / file, image)
            np.save(folder / name / "masks" / file, labels)
    return folder


def write_ucl_data(folder: Path, *, frames: int = 6) -> Path:
    """Write `{Phantom,T1T2,T3-T6}/{JPEGImages,Annotations,ImageSets}`, as many frames in each; return `folder`."""
    generator = np.random.default_rng(1)
    for name in UCL_FOLDERS:
        for kind in ("JPEGImages", "Annotations", "ImageSets"):
            (folder / name / kind).mkdir(parents=True)
        for frame in range(frames):
            image, mask = _catheter(generator, rows=64, columns=96)
            Image.fromarray(image).save(folder / name / "JPEGImages" / f"{frame:03d}.jpg", quality=95)
            Image.fromarray(mask).save(folder / name / "Annotations" / f"{frame:03d}.png")
        names = [f"{frame:03d}" for frame in range(frames)]
        for part, listed in zip(SETS, (names[:-2], names[-2:-1], names[-1:]), strict=True):
            (folder / name / "ImageSets" / f"{part}.txt").write_text("\n".join(listed))
    return folder


def _retina(generator: np.random.Generator, *, rows: int, columns: int) -> tuple[np.ndarray, np.ndarray]:
    """Draw seven bent layers (labels 1 to 7) with fluid in them (9) between background above (0) and below (8)."""
    y, x = np.mgrid[:rows, :columns]
    top = 14 + 5 * np.sin(x / columns * 4 + generator.uniform(0, 6))
    labels = np.clip((y - top) // 4 + 1, 0, 8)
    labels[(y - top - 14) ** 2 + (x - generator.uniform(20, columns - 20)) ** 2 / 4 < 20] = 9
    brightness = np.array([10, 120, 90, 130, 80, 110, 90, 150, 30, 20], np.float32)
    image = brightness[labels.astype(int)] + generator.normal(0, 8, labels.shape)
    return image.astype(np.float32), labels.astype(np.float64)


def _catheter(generator: np.random.Generator, *, rows: int, columns: int) -> tuple[np.ndarray, np.ndarray]:
    image, mask = 150 + generator.normal(0, 4, (rows, columns)), np.zeros((rows, columns), np.uint8)
    start, end = (int(generator.integers(8, rows - 8)) for _ in range(2))
    along, across = line(start, 6, end, columns - 7)
    for offset in (-1, 0, 1):
        mask[along + offset, across] = 255
    image[mask > 0] -= 60
    return image.clip(0, 255).astype(np.uint8), mask
