from dataclasses import replace

import numpy as np
import pytest
from PIL import ImageDraw

from custom.visualization import draw_result, picture_zoom
from custom.visualization.legend import CATHETER_COLORS, FLAG_BACKGROUND, catheter_color
from custom.visualization.overlay import ELECTRODE_COLOR
from tests.results.frames import COLUMNS, ROWS, make_empty_frame, make_frame

ZOOM = 14  # 640 / 48, rounded up


def shows(picture, color, rows, columns):
    """Whether the color stands within these rows and columns of the frame."""
    part = picture[rows[0] * ZOOM : rows[1] * ZOOM, columns[0] * ZOOM : columns[1] * ZOOM]
    return bool((part == color).all(-1).any())


def test_the_picture_is_large_enough_for_numbers():
    assert draw_result(make_frame()).shape == (ZOOM * ROWS, ZOOM * COLUMNS, 3)
    assert [picture_zoom(shape) for shape in ((640, 900), (639, 900), (1024, 1024), (256, 256))] == [1, 2, 1, 3]
    assert [picture_zoom(shape) for shape in ((20, 600), (3000, 60), (1, 16384))] == [27, 5, 1]


def test_catheters_and_electrodes_stand_where_they_are():
    picture = draw_result(make_frame())
    color = catheter_color(make_frame().catheters[0])
    # The centreline lies on row 10, from column 20 to 60.
    assert shows(picture, color, (10, 11), (45, 60))
    assert not shows(picture, color, (10, 11), (62, 80))
    assert not shows(picture, color, (14, 48), (0, 80))
    # The electrode on no catheter, x 70, y 40.
    assert shows(picture, ELECTRODE_COLOR, (36, 44), (66, 74))
    assert not shows(picture, ELECTRODE_COLOR, (5, 36), (0, 80))


@pytest.mark.parametrize(("confidence", "share"), [(0.5, 1.0), (0.49, 0.5)])
def test_what_is_less_likely_there_than_not_is_dashed(confidence, share):
    frame = make_frame()
    (catheter,) = frame.catheters
    picture = draw_result(replace(frame, catheters=(replace(catheter, confidence=confidence),)))
    line = (picture[int(10.5 * ZOOM), 35 * ZOOM : 59 * ZOOM] == catheter_color(catheter)).all(-1)
    assert line.mean() == pytest.approx(share, abs=0.1)


def test_poles_are_numbered_beside_their_electrodes():
    frame = make_frame()
    picture, without = (
        draw_result(frame),
        draw_result(replace(frame, electrodes=tuple(replace(one, pole=None) for one in frame.electrodes))),
    )
    rows, columns = np.nonzero((picture != without).any(-1))
    assert rows.size > 0
    assert (rows < 10 * ZOOM).all()  # above the catheter
    assert ((columns > 18 * ZOOM) & (columns < 33 * ZOOM)).all()


@pytest.mark.parametrize(("name", "alike"), [("unknown", True), ("ablation", False)])
def test_only_a_known_type_is_given_with_a_confidence(name, alike):
    frame = make_frame()
    (catheter,) = frame.catheters
    sure, unsure = (
        draw_result(replace(frame, catheters=(replace(catheter, type=name, type_confidence=confidence),)))
        for confidence in (1.0, 0.1)
    )
    assert np.array_equal(sure, unsure) == alike


@pytest.mark.parametrize("name", ["unknown", "ablation"])
def test_the_legend_says_what_is_less_likely_there_than_not(name):
    frame = make_frame()
    (catheter,) = frame.catheters
    likely, doubtful = (
        draw_result(replace(frame, catheters=(replace(catheter, type=name, confidence=confidence),)))[: 3 * ZOOM]
        for confidence in (0.5, 0.49)
    )
    assert not np.array_equal(likely, doubtful)


@pytest.fixture
def lines(monkeypatch):
    """Places and words that are written on pictures."""
    found = []
    text = ImageDraw.ImageDraw.text
    monkeypatch.setattr(ImageDraw.ImageDraw, "text", lambda *args, **how: (found.append(args[1:3]), text(*args, **how)))
    return found


@pytest.mark.parametrize("electrodes", [(0, 1), (0,)])
def test_numbers_of_poles_start_at_1_outside_the_circles(lines, electrodes):
    frame = make_frame()
    catheter = replace(frame.catheters[0], electrodes=electrodes)
    draw_result(replace(frame, catheters=(catheter,), electrodes=frame.electrodes[: len(electrodes)]))
    numbers = [(float(x), float(y), words) for (x, y), words in lines if words.isdecimal()]
    # Radii are half of 6 pixels and a line of 2, and the letters are 14 high: 14 * 3 + 2 + 0.6 * 14 above row 10.
    expected = [(14 * 20.5 - 0.5, 94.1, "1"), (14 * 31 - 0.5, 94.1, "2")][: len(electrodes)]
    assert numbers == [pytest.approx(one) for one in expected]


def test_the_legend_names_what_was_found_line_by_line(lines):
    frame = replace(make_frame(1, 3), flags=("saturated", "low_contrast"))
    (catheter,) = frame.catheters
    doubtful = replace(catheter, type="unknown", confidence=0.49, length_mm=None)
    typed, nameless = (replace(catheter, id=number, electrodes=()) for number in (1, 2))
    catheters = (doubtful, typed, *[replace(nameless, type="unknown")] * 2)
    draw_result(replace(frame, catheters=catheters))
    legend = lines[-5:]
    assert [words for _, words in legend] == [
        "saturated, low contrast",
        "unknown, doubtful",
        "coronary sinus 0.75, 10 mm (isocentre)",
        "2 without electrodes",
        "1 electrode on no catheter",
    ]
    heights = np.diff([y for (_, y), _ in legend])
    assert (heights > 14).all()  # of the font
    assert np.ptp(heights) == 0


def test_a_line_of_the_legend_has_the_colour_of_its_catheter():
    frame = make_frame()
    picture = draw_result(frame)
    assert shows(picture, catheter_color(frame.catheters[0]), (0, 3), (0, 3))
    assert shows(picture, ELECTRODE_COLOR, (2, 4), (0, 3))
    assert not shows(draw_result(replace(frame, electrodes=frame.electrodes[:2])), ELECTRODE_COLOR, (0, 4), (0, 3))


def test_flags_are_announced():
    flagged = draw_result(make_frame(1, 3))
    assert shows(flagged, FLAG_BACKGROUND, (0, 3), (0, 30))
    assert not shows(draw_result(make_frame(0, 3)), FLAG_BACKGROUND, (0, 3), (0, 30))


def test_a_colour_stays_with_the_track():
    (catheter,) = make_frame().catheters
    colors = {catheter_color(replace(catheter, id=number)) for number in range(4)}
    assert len(colors) == 1
    assert catheter_color(replace(catheter, track=3)) not in colors
    untracked = [catheter_color(replace(catheter, id=number, track=None)) for number in range(len(CATHETER_COLORS))]
    assert tuple(untracked) == CATHETER_COLORS


@pytest.mark.parametrize("pixels", [np.full((ROWS, COLUMNS), 7, np.float32), np.eye(ROWS, COLUMNS, dtype=np.float32)])
def test_a_frame_without_findings_is_the_frame(pixels):
    picture = draw_result(replace(make_empty_frame(), pixels=pixels))
    assert (np.ptp(picture, axis=-1) == 0).all()
