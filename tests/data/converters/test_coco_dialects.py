"""COCO as CVAT, VGG Image Annotator, Roboflow and labelme2coco write it."""

import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from custom.data.converters.coco import convert_coco
from custom.data.converters.coco_dialects import in_one_form
from custom.data.converters.conversion import write_conversion
from custom.errors import FaultsError, InputError

ROWS, COLUMNS = 24, 40
RECTANGLE = [[10, 3, 16, 3, 16, 8, 10, 8]]
CATEGORIES = [{"id": 0, "name": "catheter"}, {"id": 1, "name": "electrode"}, {"id": 2, "name": "bone"}]


def write_source(path, annotations, **image):
    """One image, 40 wide and 24 high, with annotations."""
    (path.parent / "images").mkdir(parents=True, exist_ok=True)
    Image.fromarray(np.eye(ROWS, COLUMNS, dtype=np.uint8)).save(path.parent / "images" / "a.png")
    images = [{"id": 0, "file_name": "images/a.png", "width": COLUMNS, "height": ROWS, **image}]
    annotations = [{"image_id": 0, "category_id": 0, **annotation} for annotation in annotations]
    path.write_text(json.dumps({"images": images, "annotations": annotations, "categories": CATEGORIES}))
    return path


def only_frame(path, **options):
    (frame,) = convert_coco(path, **options).frames
    return frame


def test_a_keypoint_of_cvat_has_a_box_of_no_size(tmp_path):
    """CVAT measures points as boxes, from the frame's edge: 40 is the right one, 39.5 between pixel centres."""
    point = {"keypoints": [40.0, 13.25, 2], "num_keypoints": 1, "bbox": [40.0, 13.25, 0.0, 0.0], "segmentation": []}
    frame = only_frame(write_source(tmp_path / "coco.json", [point]))
    assert frame.electrodes == [{"x": 39.5, "y": 12.75, "width": 8.0, "height": 8.0}]


def test_a_box_of_no_size_is_still_no_electrode(tmp_path):
    path = write_source(tmp_path / "coco.json", [{"bbox": [4, 5, 0, 3], "segmentation": []}])
    with pytest.raises(FaultsError, match=r"annotations\[0\].bbox: wrong value; found '\[4, 5, 0, 3\]'"):
        convert_coco(path)


def test_polygons_and_ids_of_vgg_image_annotator(tmp_path):
    annotation = {"image_id": "0", "segmentation": [10, 3, 20, 3, 20, 8, 10, 8], "bbox": [10, 3, 10, 5]}
    mask = only_frame(write_source(tmp_path / "coco.json", [annotation])).read_mask()
    assert mask.sum() == mask[3:8, 10:20].sum() == 50


def test_ids_that_are_text_stay_text():
    document = {"images": [{"id": "0"}, {"id": 0}], "annotations": [{"image_id": "0"}, {"image_id": 0}]}
    assert [one["image_id"] for one in in_one_form(document, Path(), frozenset())["annotations"]] == ["0", 0]


def test_paths_of_windows(tmp_path):
    frame = only_frame(write_source(tmp_path / "coco.json", [], file_name=r"images\a.png"))
    assert (frame.name, frame.image) == ("images/a", tmp_path / "images" / "a.png")


def test_a_backslash_in_a_name_stays(tmp_path):
    path = write_source(tmp_path / "coco.json", [], file_name=r"images/a\1.png")
    (tmp_path / "images" / "a.png").rename(tmp_path / "images" / r"a\1.png")
    assert only_frame(path).image == tmp_path / "images" / r"a\1.png"


def test_a_missing_image_tells_where_names_start(tmp_path):
    path = write_source(tmp_path / "coco.json", [], file_name="images/b%20c.png")
    with pytest.raises(FaultsError, match=f"no such file. file_name starts at {tmp_path}; --images names another"):
        convert_coco(path)


def test_rectangles_that_are_polygons_are_said_and_become_electrodes_on_demand(tmp_path):
    """As labelme2coco and VGG Image Annotator write a rectangle; from 10 to 16 its middle is 12.5 between centres."""
    annotations = [
        {"segmentation": [[1, 1, 9, 1, 9, 9]], "bbox": [1, 1, 8, 8]},
        {"category_id": 1, "segmentation": RECTANGLE, "bbox": [10, 3, 6, 5]},
    ]
    path = write_source(tmp_path / "coco.json", annotations)
    assert (
        "coco.json: 1 of category 'electrode' taken as mask, all of them rectangles: electrodes, with --electrodes "
        in (convert_coco(path).remarks[1])
    )
    frame = only_frame(path, electrodes="electrode")
    assert frame.electrodes == [{"x": 12.5, "y": 5.0, "width": 6, "height": 5, "kind": "electrode"}]
    assert not frame.read_mask()[3:8, 10:16].any()


def test_categories_are_left_out_on_demand(tmp_path):
    annotations = [
        {"category_id": 2, "segmentation": RECTANGLE},
        {"category_id": 1, "bbox": [1, 1, 2, 2]},
    ]
    path = write_source(tmp_path / "coco.json", annotations)
    assert only_frame(path).read_mask is not None
    frame = only_frame(path, leave_out=["bone"])
    assert frame.read_mask is None
    assert len(frame.electrodes) == 1


def test_faults_keep_their_places_beside_what_is_left_out(tmp_path):
    annotations = [
        {"category_id": 2, "segmentation": [[90, 3, 96, 3, 96, 8]]},
        {"category_id": 1, "bbox": [90, 1, 2, 2]},
    ]
    with pytest.raises(FaultsError) as caught:
        convert_coco(write_source(tmp_path / "coco.json", annotations), leave_out="bone")
    (fault,) = caught.value.faults
    assert "annotations[1].bbox: the centre of an electrode is outside" in str(fault)


def test_blanks_around_the_name_of_a_category_do_not_count(tmp_path):
    path = write_source(tmp_path / "coco.json", [{"category_id": 1, "segmentation": RECTANGLE, "bbox": [10, 3, 6, 5]}])
    path.write_text(path.read_text().replace('"electrode"', '" electrode "'))
    (electrode,) = only_frame(path, electrodes="electrode").electrodes
    assert electrode["kind"] == "electrode"


@pytest.mark.parametrize("option", ["electrodes", "leave_out"])
def test_unknown_categories_name_the_known_ones(tmp_path, option):
    path = write_source(tmp_path / "coco.json", [])
    with pytest.raises(
        InputError, match=f"--{option}: no such category; found 'ring'; expected bone, catheter, electr"
    ):
        convert_coco(path, **{option: "electrode,ring"})


def test_an_electrode_without_a_box_is_listed(tmp_path):
    path = write_source(tmp_path / "coco.json", [{"category_id": 1, "segmentation": RECTANGLE}])
    with pytest.raises(FaultsError, match=r"annotations\[0\]: there is neither a box nor keypoints"):
        convert_coco(path, electrodes="electrode")


def test_folders_of_roboflow_are_splits(tmp_path):
    for name in ("train", "valid", "test"):
        (tmp_path / name).mkdir()
        annotation = {"category_id": 1, "bbox": [1, 1, 2, 2], "segmentation": []}
        path = write_source(tmp_path / name / "_annotations.coco.json", [annotation], file_name=f"{name}.jpg")
        (tmp_path / name / "images" / "a.png").rename(tmp_path / name / f"{name}.jpg")
        assert path.is_file()
    conversion = convert_coco(tmp_path)
    counts = write_conversion(conversion, tmp_path / "out", validation=None, test=None, seed=0)
    assert counts == {"training": 1, "validation": 1, "test": 1}
    assert conversion.remarks == [
        f"{name}/_annotations.coco.json: 1 of category 'electrode' taken as electrode"
        for name in ("train", "valid", "test")
    ]


@pytest.mark.parametrize(
    "document",
    [[], {}, {"images": 3, "annotations": [4]}, {"images": [None], "categories": [5]}, {"categories": [{"name": []}]}],
)
def test_what_is_no_coco_passes_to_the_checks(document):
    assert in_one_form(document, Path(), frozenset(["electrode"])) == document
