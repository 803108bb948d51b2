import gc
import math

import numpy as np
import pytest
from matplotlib.figure import Figure
from PIL import Image

from custom.metrics import FramePicture
from custom.transforms import FrameGeometry
from custom.visualization import contact_sheet
from custom.visualization.contact_sheet import _picture, _rows, frame_quality
from tests.metrics.records import record

BOX = (20, 30, 10, 6)


def pictured(index, j, **labels):
    mask = np.packbits(np.zeros((60, 90), dtype=bool))
    picture = FramePicture(
        np.full((64, 96), index, np.uint8), FrameGeometry.at_scale(60, 90, 1.0, multiple=16)[0], mask, mask
    )
    return record(labels.get("true"), labels.get("found", ()), j=j, index=index, picture=picture)


def test_quality_is_the_mean_of_what_is_annotated():
    assert frame_quality(record(j=0.4)) == 0.4
    # One of two found, and one false one: F1 is one half.
    found = [(*BOX, 0.9), (90, 90, 8, 8, 0.9)]
    assert frame_quality(record([BOX, (60, 60, 8, 8)], found)) == 0.5
    assert frame_quality(record([BOX, (60, 60, 8, 8)], found, j=1.0)) == 0.75
    assert frame_quality(record([], [])) == 1
    assert frame_quality(record([], [(*BOX, 0.9)])) == 0
    assert math.isnan(frame_quality(record()))


@pytest.mark.parametrize(
    ("count", "expected"),
    [
        (10, {"best": [0, 1, 2], "median": [3, 4, 5], "worst": [7, 8, 9]}),
        (100, {"best": [0, 1, 2, 3], "median": [48, 49, 50, 51], "worst": [96, 97, 98, 99]}),
        (2, {"best to worst": [0, 1]}),
        (0, {"best to worst": []}),
    ],
)
def test_no_frame_is_shown_twice(count, expected):
    assert {title: list(members) for title, members in _rows(list(range(count)), 4).items()} == expected


@pytest.mark.parametrize("count", [0, 1, 7])
def test_a_picture_is_written(tmp_path, count):
    records = [pictured(index, index / 10, true=[BOX], found=[(*BOX, 0.9)]) for index in range(count)]
    contact_sheet([*records, record(j=0.5), pictured(99, math.nan)], tmp_path / "sub" / "sheet.png")
    pixels = np.asarray(Image.open(tmp_path / "sub" / "sheet.png"))
    red, green, blue = pixels[..., :3].astype(int).transpose(2, 0, 1)
    yellow = (red - blue > 60) & (abs(red - green) < 40)
    assert yellow.any() == (count > 0)
    assert list((tmp_path / "sub").iterdir()) == [tmp_path / "sub" / "sheet.png"]


def test_a_narrow_frame_is_not_enlarged_beyond_measure():
    mask = np.packbits(np.zeros((4, 2000), dtype=bool))
    geometry = FrameGeometry.at_scale(4, 2000, 1.0)[0]
    picture = FramePicture(np.zeros((4, 2000), np.uint8), geometry, mask, mask)
    assert _picture(record(picture=picture), picture).shape == (32, 16000, 3)  # not 640 rows of 320000


def test_no_figure_is_held_afterwards(tmp_path):
    contact_sheet([pictured(0, 0.5)], tmp_path / "sheet.png")
    assert not [held for held in gc.get_objects() if issubclass(type(held), Figure)]
