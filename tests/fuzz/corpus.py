"""Small right files of every kind, to be spoiled."""

from __future__ import annotations

import io
import zlib
from pathlib import Path

import numpy as np
from PIL import Image
from pydicom import dcmread
from pydicom.encaps import encapsulate
from pydicom.uid import JPEG2000Lossless, JPEGBaseline8Bit, RLELossless

from tests.data.dicom_files import change_dicom, lookup_table, write_dicom


def write_corpus(folder: Path) -> list[Path]:
    """Write DICOM cines of several transfer syntaxes and grey chains, and PNG files of several modes."""
    generator = np.random.default_rng(0)
    cine = (generator.normal(2000, 300, (3, 48, 80))).clip(0, 4095).astype(np.uint16)
    grey = (cine[0] // 16).astype(np.uint8)
    plain = write_dicom(folder / "plain.dcm", cine, WindowCenter=2000, WindowWidth=3000)
    files = [plain, _jpeg(folder / "jpeg.dcm", grey)]
    for name, syntax in (("rle", RLELossless), ("jpeg2000", JPEG2000Lossless)):
        files.append(_compressed(folder / f"{name}.dcm", cine, syntax))
    table = lookup_table(list(range(0, 4096, 16)), first=0, bits=12)
    files.append(write_dicom(folder / "lut.dcm", grey, VOILUTSequence=table, PhotometricInterpretation="MONOCHROME1"))
    for name, image in _images(grey, cine[0]).items():
        image.save(folder / f"{name}.png")
        files.append(folder / f"{name}.png")
    return files


def _images(grey: np.ndarray, deep: np.ndarray) -> dict[str, Image.Image]:
    image = Image.fromarray(grey)
    return {"grey": image, "deep": Image.fromarray(deep), "palette": image.convert("P"), "alpha": image.convert("LA")}


def _compressed(path: Path, cine: np.ndarray, syntax: str) -> Path:
    dataset = dcmread(write_dicom(path, cine))
    dataset.compress(syntax)
    dataset.save_as(path)
    return path


def _jpeg(path: Path, grey: np.ndarray) -> Path:
    buffer = io.BytesIO()
    Image.fromarray(grey).save(buffer, "JPEG")
    dataset = dcmread(write_dicom(path, np.stack([grey, grey])))
    dataset.file_meta.TransferSyntaxUID = JPEGBaseline8Bit
    dataset.PixelData = encapsulate([buffer.getvalue()] * 2)
    dataset["PixelData"].is_undefined_length = True
    dataset.save_as(path)
    return path


EXTREMES = (
    b"\0\0",
    b"\xff\xff",
    b"\xff\x7f",
    b"\0\x80",
    b"\xff\xff\xff\xff",
    b"\0\0\0\0",
    b"\xff\xff\xff\x7f",
    b"\x01\0",
)
NUMBERS = {
    "Rows": (0, 1, 23, 8000, 60000, 65535),
    "Columns": (0, 1, 41, 8000, 60000, 65535),
    "NumberOfFrames": (0, 1, 2, 50, 100_000, 1_000_000, -1),
    "BitsAllocated": (0, 1, 8, 12, 16, 32, 64),
    "BitsStored": (0, 1, 8, 12, 16, 17, 32),
    "SamplesPerPixel": (0, 1, 3, 4, 255),
    "PixelRepresentation": (0, 1, 2),
    "PhotometricInterpretation": ("MONOCHROME1", "RGB", "YBR_FULL_422", "PALETTE COLOR", "", "?"),
    "PlanarConfiguration": (0, 1, 7),
    "RescaleSlope": (0, -1, 1e30, 1e-30),
    "RescaleIntercept": (0, -1e30, 1e30),
    "WindowWidth": (0, -5, 1e-20, 1e30),
    "WindowCenter": (0, -1e30, [1, 2, 3]),
    "ImagerPixelSpacing": ([0, 0], [-1, 0.3], [1e-30, 1e30], [0.3, 0.3, 0.3], 0.3),
}


def spoil(source: Path, target: Path, seed: int) -> None:
    """Write a mutant of a file: one to eight changes that its seed alone decides."""
    generator = np.random.default_rng(seed)
    if source.suffix == ".dcm" and generator.random() < 0.3:
        names = generator.choice(list(NUMBERS), int(generator.integers(1, 3)), replace=False)
        values = {name: NUMBERS[name][int(generator.integers(len(NUMBERS[name])))] for name in names}
        target.write_bytes(source.read_bytes())
        change_dicom(target, **values)
        return
    content = bytearray(source.read_bytes())
    for _ in range(min(8, int(generator.geometric(0.5)))):
        _change(content, generator)
    if source.suffix == ".png" and generator.random() < 0.7:
        _repair_checksums(content)
    target.write_bytes(content)


def _change(content: bytearray, generator: np.random.Generator) -> None:
    if len(content) < 16:
        return
    # Half of the changes fall on the header, which is small.
    place = int(generator.integers(min(len(content), 1500 if generator.random() < 0.5 else len(content))))
    length = int(generator.integers(1, 65))
    kind = int(generator.integers(7))
    if kind == 0:
        content[place] ^= 1 << int(generator.integers(8))
    elif kind == 1:
        content[place : place + 2] = generator.bytes(2)
    elif kind == 2:
        extreme = EXTREMES[int(generator.integers(len(EXTREMES)))]
        content[place : place + len(extreme)] = extreme
    elif kind == 3:
        del content[place : place + length]
    elif kind == 4:
        content[place:place] = generator.bytes(length)
    elif kind == 5:
        content[place:place] = content[place : place + length] * int(generator.integers(1, 9))
    elif generator.random() < 0.3:
        del content[max(place, 140) :]


def _repair_checksums(content: bytearray) -> None:
    """Make the checksums of a PNG's chunks right, or a decoder would not look at what is in them."""
    start = 8
    while start + 12 <= len(content):
        end = start + 8 + int.from_bytes(content[start : start + 4])
        if end + 4 > len(content):
            return
        content[end : end + 4] = zlib.crc32(content[start + 4 : end]).to_bytes(4)
        start = end + 4
