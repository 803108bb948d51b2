import csv
import dataclasses

from custom.postprocessing.tracking.tracker import CatheterTracker
from custom.results.motion import MotionTable
from tests.postprocessing.frames import make_frame, moved, row_of


def write_table(folder, frames, **options):
    table, tracker = MotionTable(folder, **options), CatheterTracker()
    table.start(frames[0])
    for frame in frames:
        table.add(tracker.update(frame))
    return table.finish(complete=True)


def sinus_frame(index, **options):
    catheter = {"at": moved(row_of(10), 2 * index, 4 * index), "type": "coronary sinus"}
    return make_frame([catheter], index=index, **options)


def test_table_as_spreadsheets_read_it(tmp_path, caplog):
    frames = [sinus_frame(0, spacing=(0.5, 0.25)), make_frame([], index=1), sinus_frame(2, spacing=(0.5, 0.25))]
    (path,) = write_table(tmp_path, frames)

    assert path == tmp_path / "a.dcm_motion.csv"
    with path.open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert rows[1] == {
        "frame_index": "1",
        **dict.fromkeys(("dx_px", "dy_px", "dx_mm", "dy_mm"), ""),
        "electrodes": "0",
        "spacing_plane": "isocentre",
    }
    assert [float(rows[2][name]) for name in ("dx_px", "dy_px", "dx_mm", "dy_mm")] == [4.0, 8.0, 1.0, 4.0]
    assert "no motion" not in caplog.text


def test_single_frames_have_no_motion(tmp_path):
    assert write_table(tmp_path, [dataclasses.replace(sinus_frame(0), frames=1)]) == []
    assert list(tmp_path.iterdir()) == []


def test_reference_that_was_never_seen_is_said(tmp_path, caplog):
    write_table(tmp_path, [make_frame([]), make_frame([], index=1)])
    assert "a.dcm: no motion, 'coronary sinus' was not seen; catheters with electrodes: none" in caplog.text


def test_what_was_seen_in_place_of_the_reference_is_said(tmp_path, caplog):
    write_table(tmp_path, [sinus_frame(0), sinus_frame(1)], reference="coronry sinus")
    assert "'coronry sinus' was not seen; catheters with electrodes: coronary sinus (track 0)" in caplog.text
