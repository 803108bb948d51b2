"""What was seen last comes before what was missed."""

import numpy as np

from custom.postprocessing.tracking.catheters import CatheterTracks, Shape
from custom.postprocessing.tracking.electrodes import ElectrodeTracks


def test_an_electrode_is_not_taken_for_its_neighbour_that_was_missed():
    tracks = ElectrodeTracks(max_missed=5)

    def match(frame, *columns):
        return tracks.match(np.array([(x, 50.0) for x in columns]), frame, limit=30, tolerance=5)

    assert match(0, 0, 20, 50, 54) == [0, 1, 2, 3]
    assert match(1, 0, 20, 50) == [0, 1, 2]
    assert match(2, 0, 20, 53) == [0, 1, 2]  # nearer to where the last one was


def test_a_missed_electrode_is_still_found_again_beside_its_neighbour():
    tracks = ElectrodeTracks(max_missed=5)
    found = [
        tracks.match(np.array([(x, 50.0) for x in columns]), frame, limit=30, tolerance=5)
        for frame, columns in enumerate([(50, 60), (51,), (52,), (63, 53)])
    ]
    assert found == [[0, 1], [0], [0], [1, 0]]


def test_a_wire_is_not_taken_for_its_neighbour_that_was_missed():
    tracks = CatheterTracks(max_missed=5)

    def match(frame, *rows):
        lines = [Shape({}, np.array([(x, row) for x in range(0, 100, 4)], dtype=float)) for row in rows]
        return [track.number for track in tracks.match(lines, frame, limit=30, tolerance=2)]

    assert match(0, 10, 20) == [0, 1]
    assert match(1, 10) == [0]
    # 6 pixels from the one and 4 from the other: 1 - 0.5 * 6 / 30 = 0.9, and (1 - 0.5 * 4 / 30) * 0.5 = 0.47.
    assert match(2, 16) == [0]
