import json

import numpy as np
import pytest
from PIL import Image

TEST_SET = ("--validation", 0, "--test", 1)


@pytest.fixture
def duke(tmp_path):
    for name in ("train", "val", "test"):
        for kind in ("images", "masks"):
            folder = tmp_path / "DukeData" / name / kind
            folder.mkdir(parents=True)
            for number in range(4):
                np.save(folder / f"{number}.npy", np.eye(12, 20) * (number + 1))
    return tmp_path / "DukeData"


def test_a_layout_becomes_a_valid_datalist(duke, tmp_path, catheter, capsys):
    catheter("convert", "duke", duke, tmp_path / "out")
    printed = capsys.readouterr()
    assert "note: the layout tells no patients" in printed.out
    assert "training: 4 frames, validation: 4 frames, test: 4 frames" in printed.out
    assert printed.out.endswith(f"check it with: catheter validate {tmp_path / 'out' / 'datalist.json'}\n")
    catheter("validate", tmp_path / "out" / "datalist.json")
    assert "no faults in 12 frames" in capsys.readouterr().out


def test_shares_and_seed_choose_splits(duke, tmp_path, catheter, capsys):
    for name in ("one", "two"):
        catheter("convert", "duke", duke, tmp_path / name, "--validation", 0.25, "--test", 0.25, "--seed", 4)
    assert "training: 6 frames, validation: 3 frames, test: 3 frames" in capsys.readouterr().out
    assert (tmp_path / "one" / "datalist.json").read_text() == (tmp_path / "two" / "datalist.json").read_text()


def test_sequences_of_a_patient_come_to_one_split(tmp_path, catheter, capsys):
    for patient in range(4):
        for sequence in ("left", "right"):
            for kind in ("images", "masks"):
                folder = tmp_path / "source" / f"p{patient}" / sequence / kind
                folder.mkdir(parents=True)
                Image.fromarray(np.eye(24, 40, dtype=np.uint8)).save(folder / "a.png")
    catheter("convert", "folders", tmp_path / "source", tmp_path / "out", "--case", "^[^/]+")
    assert "note: 4 cases, from p0 to p3\ntraining: 4 frames, validation: 2 frames" in capsys.readouterr().out
    entries = json.loads((tmp_path / "out" / "datalist.json").read_text())
    assert all(entry["image"].split("/")[2] == entry["case"] for split in entries.values() for entry in split)


def test_nothing_is_overwritten_unasked(duke, tmp_path, catheter, capsys):
    catheter("convert", "duke", duke, tmp_path / "out")
    with pytest.raises(SystemExit) as exit_:
        catheter("convert", "duke", duke, tmp_path / "out")
    assert exit_.value.code == 2
    assert "already there" in capsys.readouterr().err
    catheter("convert", "duke", duke, tmp_path / "out", "--overwrite")


def test_the_users_own_masks_stay(tmp_path, catheter, capsys):
    for name in ("images", "masks"):
        (tmp_path / name).mkdir()
        Image.fromarray(np.eye(24, 40, dtype=np.uint8)).save(tmp_path / name / "a.png")
    before = (tmp_path / "masks" / "a.png").read_bytes()
    image = {"id": 1, "file_name": "a.png", "width": 40, "height": 24}
    annotation = {"image_id": 1, "category_id": 1, "segmentation": [[1, 2, 9, 2, 9, 5]]}
    document = {"images": [image], "annotations": [annotation], "categories": [{"id": 1, "name": "catheter"}]}
    (tmp_path / "coco.json").write_text(json.dumps(document))
    with pytest.raises(SystemExit) as exit_:
        catheter("convert", "coco", tmp_path / "coco.json", tmp_path, "--images", tmp_path / "images", *TEST_SET)
    assert exit_.value.code == 2
    assert f"{tmp_path / 'masks' / 'a.png'}: the mask is already there. Use --overwrite" in capsys.readouterr().err
    assert (tmp_path / "masks" / "a.png").read_bytes() == before


def test_an_output_that_cannot_be_written_is_refused(duke, tmp_path, catheter, capsys):
    (tmp_path / "file").touch()
    with pytest.raises(SystemExit) as exit_:
        catheter("convert", "duke", duke, tmp_path / "file" / "out")
    assert exit_.value.code == 2
    assert f"{tmp_path / 'file' / 'out'}: cannot be written" in capsys.readouterr().err


def test_unknown_layouts_name_the_known_ones(tmp_path, catheter, capsys):
    with pytest.raises(SystemExit) as exit_:
        catheter("convert", "voc", tmp_path, tmp_path / "out")
    assert exit_.value.code == 2
    assert "unknown layout; found 'voc'; expected xraycath, ucl, duke, coco, folders." in capsys.readouterr().err


@pytest.mark.parametrize(
    ("option", "value"), [("--images", "pictures"), ("--keypoint_side", 4), ("--leave_out", "bone")]
)
def test_options_of_coco_are_not_ignored_in_another_layout(duke, tmp_path, catheter, capsys, option, value):
    with pytest.raises(SystemExit) as exit_:
        catheter("convert", "duke", duke, tmp_path / "out", option, value)
    assert exit_.value.code == 2
    assert f"{option}: this layout has no such option; found 'duke'; expected coco" in capsys.readouterr().err
    assert not (tmp_path / "out").exists()


def test_coco_there_and_back(tmp_path, catheter, capsys):
    Image.fromarray(np.eye(24, 40, dtype=np.uint8)).save(tmp_path / "a.png")
    image = {"id": 1, "file_name": "a.png", "width": 40, "height": 24}
    annotation = {"image_id": 1, "category_id": 1, "bbox": [1, 2, 3, 4]}
    document = {"images": [image], "annotations": [annotation], "categories": [{"id": 1, "name": "electrode"}]}
    (tmp_path / "coco.json").write_text(json.dumps(document))
    catheter("convert", "coco", tmp_path / "coco.json", tmp_path / "out", "--validation", 0, "--test", 0)
    catheter("to_coco", tmp_path / "out" / "datalist.json", tmp_path / "back")
    assert f"wrote {tmp_path / 'back' / 'training.json'}" in capsys.readouterr().out
    back = json.loads((tmp_path / "back" / "training.json").read_text())
    assert back["annotations"][0]["bbox"] == [1, 2, 3, 4]
    with pytest.raises(SystemExit):
        catheter("to_coco", tmp_path / "out" / "datalist.json", tmp_path / "back")
