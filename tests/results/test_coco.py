import json
from pathlib import Path

import numpy as np
import pytest
from faster_coco_eval import COCO
from faster_coco_eval import mask as run_lengths
from PIL import Image

from custom.data.converters.coco import convert_coco
from custom.results.coco import CocoDocument
from tests.results.frames import COLUMNS, ROWS, make_empty_frame, make_frame, without_spacing, write_all


def test_coco_tools_read_masks_and_boxes(folder, cine):
    (path,) = write_all(CocoDocument(folder), cine)
    coco = COCO(str(path))
    assert len(coco.imgs) == 3
    assert {(image["height"], image["width"]) for image in coco.imgs.values()} == {(ROWS, COLUMNS)}
    mask, *electrodes = (coco.anns[number] for number in coco.getAnnIds(imgIds=[3]))
    np.testing.assert_array_equal(run_lengths.decode(mask["segmentation"]), cine[2].mask)
    # x 30.5, y 12, 4 x 6 around the pixel's centre; COCO starts at the first pixel's edge.
    assert electrodes[1]["bbox"] == [29, 9.5, 4, 6]
    assert [electrode["score"] for electrode in electrodes] == [0.9, 0.8, 0.4]
    assert coco.imgs[3]["datalist"]["frame"] == 2
    assert {annotation["iscrowd"] for annotation in coco.anns.values()} == {0}
    assert [annotation["area"] for annotation in (mask, *electrodes)] == [41, 24, 24, 25]


def test_one_document_for_all_files(folder):
    document = CocoDocument(folder)
    for source in ("a.png", "sub/b.png"):
        document.start(make_frame(source=source))
        document.add(make_frame(source=source))
        assert document.finish(complete=True) == []
        assert not folder.exists()
    (path,) = document.close()
    content = json.loads(path.read_text())
    assert [image["file_name"] for image in content["images"]] == ["a.png", "sub/b.png"]
    assert [annotation["id"] for annotation in content["annotations"]] == list(range(1, 9))
    assert [annotation["image_id"] for annotation in content["annotations"]] == [1] * 4 + [2] * 4


@pytest.mark.parametrize(("frames", "more"), [(1, {}), (2, {"frame": 0})])
def test_a_frame_has_a_number_in_a_cine_and_a_spacing_where_it_is_known(folder, frames, more):
    known, unknown = make_frame(0, frames), without_spacing(make_frame(0, frames))
    (path,) = write_all(CocoDocument(folder), [known, unknown])
    annotated = {"annotated": ["mask", "electrodes"], **more}
    spacing = {"pixel_spacing_mm": [0.5, 0.25], "spacing_plane": "isocentre"}
    assert [image["datalist"] for image in json.loads(path.read_text())["images"]] == [annotated | spacing, annotated]


def test_an_empty_mask_is_no_annotation(folder):
    (path,) = write_all(CocoDocument(folder), [make_empty_frame()])
    assert json.loads(path.read_text())["annotations"] == []


def test_what_was_found_becomes_a_datalist_to_correct(folder, tmp_path):
    frame, empty = make_frame(source="a.png"), make_empty_frame(source="b.png")
    for name in ("a.png", "b.png"):
        Image.fromarray(frame.pixels.astype(np.uint8)).save(tmp_path / name)
    document = CocoDocument(folder)
    for one in (frame, empty):
        document.start(one)
        document.add(one)
    (path,) = document.close()
    found, nothing = convert_coco(path, images=Path(tmp_path)).frames
    np.testing.assert_array_equal(found.read_mask(), frame.mask)
    assert found.electrodes[1] == {"x": 30.5, "y": 10, "width": 4, "height": 6, "catheter": 0, "pole": 1}
    assert (found.more["pixel_spacing_mm"], found.more["spacing_plane"]) == ([0.5, 0.25], "isocentre")
    assert nothing.electrodes == []
    assert not nothing.read_mask().any()


@pytest.mark.parametrize(("rank", "name"), [(0, "coco.json"), (2, "coco_2.json")])
def test_processes_do_not_overwrite_each_other(folder, monkeypatch, rank, name):
    monkeypatch.setattr("ignite.distributed.get_rank", lambda: rank)
    (path,) = write_all(CocoDocument(folder), [make_frame()])
    assert path.name == name
