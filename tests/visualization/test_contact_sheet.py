import gc
import math
from dataclasses import replace

import numpy as np
import pytest
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from PIL import Image

from custom.metrics import FramePicture
from custom.transforms import FrameGeometry
from custom.visualization import contact_sheet
from custom.visualization.contact_sheet import _picture, _rows, frame_quality
from custom.visualization.overlay import MISSED_COLOR, TRUE_ELECTRODE_COLOR
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
    assert {title: list(members) for title, members in _rows(list(range(count))).items()} == expected


@pytest.mark.parametrize("count", [0, 1, 7])
def test_a_picture_is_written(tmp_path, count):
    records = [pictured(index, index / 10, true=[BOX], found=[(*BOX, 0.9)]) for index in range(count)]
    contact_sheet([*records, record(j=0.5), pictured(99, math.nan)], tmp_path / "sub" / "sheet.png")
    pixels = np.asarray(Image.open(tmp_path / "sub" / "sheet.png"))
    red, green, blue = pixels[..., :3].astype(int).transpose(2, 0, 1)
    yellow = (red - blue > 60) & (abs(red - green) < 40)
    assert yellow.any() == (count > 0)
    assert list((tmp_path / "sub").iterdir()) == [tmp_path / "sub" / "sheet.png"]


def test_frames_stand_from_best_to_worst_with_their_numbers(tmp_path, monkeypatch):
    titles = []
    monkeypatch.setattr(Axes, "set_title", lambda axis, title, **_: titles.append(title))
    monkeypatch.setattr(Figure, "savefig", lambda figure, path, **_: path.touch())  # which takes its time
    found = [(*BOX, 0.9), (80, 50, 8, 8, 0.9), (5, 50, 8, 8, 0.9)]
    records = [pictured(index, index / 10, true=[BOX, (60, 10, 8, 8)], found=found) for index in (3, 6, 4, 5, 0, 1, 2)]
    contact_sheet([*records, pictured(99, math.nan)], tmp_path / "sheet.png")
    shown = {"best": [6, 5], "median": [4, 3], "worst": [1, 0]}
    assert titles == [
        f"{title}: frame{index}.png\nJ 0.{index}0, electrodes 1 of 2, 2 false"
        for title, members in shown.items()
        for index in members
    ]
    contact_sheet([pictured(7, math.nan, true=[BOX])], tmp_path / "sheet.png")
    assert titles[-1] == "best to worst: frame7.png\nelectrodes 0 of 1, 0 false"


def test_a_picture_shows_what_is_missed():
    one = pictured(0, 0.5, true=[(60, 50, 8, 8)])
    true = np.zeros((60, 90), dtype=bool)
    true[10:20] = True
    picture = _picture(one, replace(one.picture, true_mask=np.packbits(true)))
    missed = [round(0.4 * 128 + 0.6 * channel) for channel in MISSED_COLOR]
    rows, columns = np.nonzero((picture == missed).all(-1))
    assert (rows.min(), rows.max(), columns.min(), columns.max()) == (110, 219, 0, 989)  # 11 for a pixel of the frame
    cross = np.argwhere((picture == TRUE_ELECTRODE_COLOR).all(-1))
    assert cross.mean(0) == pytest.approx([50.5 * 11 - 0.5, 60.5 * 11 - 0.5], abs=1)


def test_a_narrow_frame_is_not_enlarged_beyond_measure():
    mask = np.packbits(np.zeros((4, 2000), dtype=bool))
    geometry = FrameGeometry.at_scale(4, 2000, 1.0)[0]
    picture = FramePicture(np.zeros((4, 2000), np.uint8), geometry, mask, mask)
    assert _picture(record(picture=picture), picture).shape == (32, 16000, 3)  # not 640 rows of 320000


def test_no_figure_is_held_afterwards(tmp_path):
    contact_sheet([pictured(0, 0.5)], tmp_path / "sheet.png")
    assert not [held for held in gc.get_objects() if issubclass(type(held), Figure)]
