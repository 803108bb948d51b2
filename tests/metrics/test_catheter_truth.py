import json

import numpy as np
import pytest

from custom.data import datalist_section
from custom.errors import FaultsError
from custom.metrics.catheter_truth import annotated_sequences, true_frames, unlabelled_frames
from tests.metrics.catheter_frames import SPACING, ablation, sinus, write_sequence
from tests.postprocessing.frames import COLUMNS, ROWS


def sequences_of(folder, entries):
    path = folder / "datalist.json"
    path.write_text(json.dumps({"training": [], "validation": [], "test": entries}))
    return annotated_sequences(datalist_section(path, "test"), source="datalist.json", split="test")


def truth_of(folder, *frames):
    (sequence,) = sequences_of(folder, write_sequence(folder, frames))
    return list(true_frames(sequence))


def test_truth_of_a_frame(tmp_path):
    frame = truth_of(tmp_path, [sinus(), ablation()], [ablation(), sinus()])[1]

    assert (frame.source, frame.frame_index, frame.frames) == ("case/run", 1, 2)
    assert frame.mask.shape == (ROWS, COLUMNS)
    assert frame.pixel_spacing_mm == SPACING
    assert [catheter.type for catheter in frame.catheters] == ["ablation", "coronary sinus"]
    assert frame.catheters[1].electrodes == tuple(range(4, 14))
    assert frame.electrodes[4].pole == 0


def test_tracks_follow_the_ids_of_the_datalist(tmp_path):
    first, second = truth_of(tmp_path, [sinus(), ablation()], [sinus(2, 0), ablation(2, 0)])
    assert [e.track for e in first.electrodes] == [e.track for e in second.electrodes]
    assert [c.track for c in first.catheters] == [c.track for c in second.catheters]
    assert len({c.track for c in first.catheters} - {None}) == 2
    assert len({e.track for e in first.electrodes}) == 14


@pytest.mark.parametrize(
    ("catheter", "tip_known"),
    [
        ({"at": [], "line": [(50, 50), (100, 60)], "type": "guidewire"}, True),
        ({"at": [], "line": [(0, 50), (100, 60)], "type": "guidewire"}, False),
        ({"at": [], "line": [(50, ROWS - 2), (100, 60)], "type": "guidewire"}, False),
        ({"at": [], "line": [], "type": "guidewire"}, False),
        *(
            ({"at": [], "line": [tip], "type": "guidewire"}, False)
            for tip in [(3, 50), (COLUMNS - 4, 50), (50, ROWS - 4)]
        ),
        *(
            ({"at": [], "line": [tip], "type": "guidewire"}, True)
            for tip in [(4, 50), (COLUMNS - 5, 50), (50, ROWS - 5)]
        ),
        (ablation(), True),
    ],
)
def test_tip_is_in_view_off_the_border(tmp_path, catheter, tip_known):
    assert truth_of(tmp_path, [catheter])[0].catheters[0].tip_known == tip_known


def test_tip_is_out_of_view_where_its_electrode_is(tmp_path):
    (entry,) = write_sequence(tmp_path, [[ablation()]])
    del entry["electrodes"][0]
    (sequence,) = sequences_of(tmp_path, [entry])
    (frame,) = true_frames(sequence)
    assert not frame.catheters[0].tip_known
    assert [frame.electrodes[index].pole for index in frame.catheters[0].electrodes] == [1, 2, 3]


def test_electrodes_stand_in_the_order_of_their_poles_and_loose_ones_on_no_catheter(tmp_path):
    (entry,) = write_sequence(tmp_path, [[ablation()]])
    entry["electrodes"] = [{"x": 9.0, "y": 90.0, "width": 6, "height": 6}, *entry["electrodes"][::-1]]
    (sequence,) = sequences_of(tmp_path, [entry])
    (frame,) = true_frames(sequence)
    assert frame.catheters[0].electrodes == (4, 3, 2, 1)
    assert [(one.catheter, one.pole) for one in frame.electrodes] == [(None, None), (0, 3), (0, 2), (0, 1), (0, 0)]
    assert frame.electrodes[0].track is None


def test_sequences_keep_the_order_of_the_datalist(tmp_path):
    entries = write_sequence(tmp_path, [[sinus()]] * 4)
    for entry, name in zip(entries, "abab", strict=True):
        entry["sequence"] = name
    sequences = sequences_of(tmp_path, entries)
    assert [[entry["image"][-5] for entry in sequence] for sequence in sequences] == [["0", "2"], ["1", "3"]]


def test_network_sees_no_label(tmp_path):
    frames = unlabelled_frames(sequences_of(tmp_path, write_sequence(tmp_path, [[sinus()]] * 2)))
    assert [frame["frame_index"] for frame in frames] == [0, 1]
    assert not {"mask", "electrodes", "catheters"} & set(frames[0])
    assert (frames[0]["pixel_spacing_mm"], frames[0]["spacing_plane"]) == (list(SPACING), "isocentre")


def test_missing_labels_are_all_named(tmp_path):
    entries = write_sequence(tmp_path, [[sinus()]] * 3)
    del entries[0]["catheters"]
    for electrode in entries[0]["electrodes"]:
        del electrode["catheter"], electrode["pole"]
    del entries[1]["sequence"], entries[1]["electrodes"][3]["pole"]
    entries[2]["mask"] = entries[2]["electrodes"] = None
    with pytest.raises(FaultsError) as error:
        sequences_of(tmp_path, entries)
    for place in ("[0].catheters", "[1].sequence", "[1].electrodes[3].pole", "[2].mask", "[2].electrodes"):
        assert f"datalist.json: test{place}: missing" in str(error.value)


def test_long_lists_of_faults_are_cut(tmp_path):
    entries = write_sequence(tmp_path, [[sinus()]] * 30)
    for entry in entries:
        del entry["sequence"]
    with pytest.raises(FaultsError, match="30 fault") as error:
        sequences_of(tmp_path, entries)
    assert "and 10 more" in str(error.value)
    with pytest.raises(FaultsError) as error:
        sequences_of(tmp_path, entries[:20])
    assert len(error.value.faults) == 20


def test_centerline_of_one_point_and_none(tmp_path):
    frame = truth_of(tmp_path, [{"at": [(20, 30)], "type": "sheath"}, {"at": [], "line": [], "type": "lasso"}])[0]
    assert [len(catheter.centerline) for catheter in frame.catheters] == [1, 0]
    assert np.asarray(frame.catheters[0].length_px) == 0
