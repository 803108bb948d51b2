import json

import numpy as np
import pytest
from faster_coco_eval import mask as run_lengths
from PIL import Image

from custom.data.converters.coco import convert_coco
from custom.data.converters.conversion import write_conversion
from custom.data.converters.to_coco import write_coco
from custom.data.datalist import read_datalist, write_datalist
from custom.data.reader import read_mask
from custom.data.validation import validate_datalist
from custom.errors import FaultsError, InputError
from tests.data.dicom_files import write_dicom

ROWS, COLUMNS = 24, 40


@pytest.fixture
def square():
    """(24, 40) bool: rows 3 to 7, columns 10 to 19."""
    mask = np.zeros((ROWS, COLUMNS), bool)
    mask[3:8, 10:20] = True
    return mask


def counts_of(mask):
    """Run lengths by hand: down the columns, background first."""
    flat = mask.T.ravel().astype(int)
    edges = np.flatnonzero(np.diff(flat)) + 1
    return [int(part) for part in np.diff([0, *edges, flat.size])]


@pytest.fixture
def source(tmp_path, square):
    """Six images: polygon, run lengths, compressed run lengths, box, keypoints, nothing."""
    (tmp_path / "images").mkdir()
    for number in range(6):
        Image.fromarray(np.full((ROWS, COLUMNS), number, np.uint8)).save(tmp_path / "images" / f"{number}.png")
    images = [
        {"id": number + 10, "file_name": f"images/{number}.png", "width": COLUMNS, "height": ROWS}
        for number in range(6)
    ]
    compressed = run_lengths.encode(np.asfortranarray(square, np.uint8))["counts"].decode()
    box = [10, 3, 10, 5]
    annotations = [
        {"image_id": 10, "category_id": 1, "segmentation": [[10, 3, 20, 3, 20, 8, 10, 8]], "bbox": box},
        {"image_id": 11, "category_id": 1, "segmentation": {"size": [ROWS, COLUMNS], "counts": counts_of(square)}},
        {"image_id": 12, "category_id": 1, "segmentation": {"size": [ROWS, COLUMNS], "counts": compressed}},
        {"image_id": 13, "category_id": 2, "bbox": [10, 4, 6.5, 5], "segmentation": []},
        {"image_id": 14, "category_id": 2, "keypoints": [12, 5, 2, 20, 6.5, 1, 0, 0, 0], "bbox": box},
    ]
    categories = [{"id": 1, "name": "catheter"}, {"id": 2, "name": "ring"}]
    path = tmp_path / "coco.json"
    path.write_text(json.dumps({"images": images, "annotations": annotations, "categories": categories}))
    return path


def converted(source, output, **options):
    conversion = convert_coco(source, **options)
    write_conversion(conversion, output, validation=0, test=0, seed=0)
    return conversion, read_datalist(output / "datalist.json")


def change(source, **values):
    document = json.loads(source.read_text())
    for place, value in values.items():
        kind, index, key = place.split("__")
        document[kind][int(index)][key] = value
    source.write_text(json.dumps(document))


def test_polygons_and_run_lengths_become_masks(source, tmp_path, square):
    _, datalist = converted(source, tmp_path / "out")
    for entry in datalist.training[:3]:
        np.testing.assert_array_equal(read_mask(entry["mask"]), square)
        assert entry["electrodes"] == []
    assert not read_mask(datalist.training[5]["mask"]).any()


def test_boxes_and_keypoints_become_electrodes(source, tmp_path):
    _, datalist = converted(source, tmp_path / "out", keypoint_side=7)
    # From x = 10 to 16.5 between outer edges: the middle, 13.25, is 12.75 between pixel centres.
    assert datalist.training[3]["electrodes"] == [{"x": 12.75, "y": 6.0, "width": 6.5, "height": 5, "kind": "ring"}]
    assert datalist.training[4]["electrodes"] == [
        {"x": 11.5, "y": 4.5, "width": 7, "height": 7},
        {"x": 19.5, "y": 6, "width": 7, "height": 7},
    ]


def test_what_became_of_the_categories_is_said(source, tmp_path):
    conversion, _ = converted(source, tmp_path / "out")
    assert conversion.all_remarks() == [
        "coco.json: 3 of category 'catheter' taken as mask",
        "coco.json: 3 of category 'ring' taken as electrode",
        "coco.json: 1 of category 'ring' with several keypoints: which electrodes these put on one catheter, and in "
        "which order, is not kept, since COCO does not tell where the tip is; `catheter` and `pole` in the datalist "
        "say so",
        "coco.json: 1 of 6 images without annotations: they count as annotated, with nothing there; take out of the "
        "file what nobody annotated",
        "nothing tells patients: every frame is a case, and frames of one patient may be in two splits",
    ]
    validate_datalist(tmp_path / "out" / "datalist.json")


def test_single_keypoints_have_no_order_to_lose(source, tmp_path):
    change(source, annotations__4__keypoints=[12, 5, 2, 0, 0, 0])
    conversion, _ = converted(source, tmp_path / "out")
    assert not any("order" in remark for remark in conversion.all_remarks())


def test_a_file_of_boxes_only_has_no_masks(source, tmp_path):
    document = json.loads(source.read_text())
    document["annotations"] = document["annotations"][3:]
    source.write_text(json.dumps(document))
    _, datalist = converted(source, tmp_path / "out")
    assert all(entry["mask"] is None for entry in datalist.training)
    assert datalist.training[0]["electrodes"] == []


def test_folders_of_images_are_cases(source, tmp_path):
    (tmp_path / "other").mkdir()
    (tmp_path / "images" / "5.png").rename(tmp_path / "other" / "5.png")
    change(source, images__5__file_name="other/5.png")
    _, datalist = converted(source, tmp_path / "out")
    assert [entry["case"] for entry in datalist.training] == ["images"] * 5 + ["other"]


def test_the_frames_of_a_cine_are_one_case(tmp_path):
    """Annotations of two DICOM cines, as `catheter infer --formats coco` gives them to be corrected."""
    for name in ("a", "b"):
        write_dicom(tmp_path / f"{name}.dcm", np.zeros((2, ROWS, COLUMNS), np.uint8))
    cines = [(name, frame) for name in ("a", "b") for frame in (0, 1)]
    images = [
        {"id": i, "file_name": f"{name}.dcm", "width": COLUMNS, "height": ROWS, "datalist": {"frame": frame}}
        for i, (name, frame) in enumerate(cines)
    ]
    annotations = [{"image_id": i, "category_id": 1, "bbox": [30 + i, 4, 6, 5]} for i in range(4)]
    document = {"images": images, "annotations": annotations, "categories": [{"id": 1, "name": "ring"}]}
    (tmp_path / "coco.json").write_text(json.dumps(document))
    conversion, datalist = converted(tmp_path / "coco.json", tmp_path / "out")
    assert conversion.about_cases == (
        "nothing tells patients: every file is a case, and files of one patient may be in two splits"
    )
    assert [(entry["case"], entry["frame"]) for entry in datalist.training] == cines
    centres = [(entry["electrodes"][0]["x"], entry["electrodes"][0]["y"]) for entry in datalist.training]
    assert centres == [(32.5 + i, 6.0) for i in range(4)]
    report = validate_datalist(tmp_path / "out" / "datalist.json")
    assert (report.splits["training"].frames, report.splits["training"].cases) == (4, 2)


def test_images_may_be_elsewhere(source, tmp_path):
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "images").rename(tmp_path / "elsewhere" / "images")
    _, datalist = converted(source, tmp_path / "out", images=tmp_path / "elsewhere")
    assert datalist.training[0]["image"] == str(tmp_path / "elsewhere" / "images" / "0.png")


def test_masks_stay_in_the_output(source, tmp_path):
    (tmp_path / "deep").mkdir()
    source.rename(tmp_path / "deep" / "coco.json")
    change(tmp_path / "deep" / "coco.json", **{f"images__{n}__file_name": f"../images/{n}.png" for n in range(6)})
    _, datalist = converted(tmp_path / "deep" / "coco.json", tmp_path / "out")
    assert datalist.training[0]["mask"] == str(tmp_path / "out" / "masks" / "images" / "0.png")


@pytest.mark.parametrize(
    ("changes", "messages"),
    [
        (
            {"annotations__0__image_id": 99, "annotations__3__category_id": 7, "images__2__file_name": "images/9.png"},
            [
                "annotations[0].image_id: the id is unknown; found 99.",
                "annotations[3].category_id: the id is unknown; found 7.",
                "images[2].file_name: ",
            ],
        ),
        (
            {"annotations__3__bbox": [1, 2, 0, 4], "annotations__0__segmentation": [[1, 2, 3]], "images__1__id": None},
            [
                "images[1].id: wrong value",
                "annotations[0].segmentation: wrong value",
                "annotations[3].bbox: wrong value",
            ],
        ),
        (
            {"categories__1__id": 1},
            [
                "categories[1].id: the id occurs twice; found 1.",
                "annotations[3].category_id: the id is unknown",
                "annotations[4].category_id: the id is unknown",
            ],
        ),
        (
            {"annotations__0__segmentation": [[41, 3, 50, 3, 50, 8]]},
            ["annotations[0].segmentation: lies outside its image; found 'x from 41 to 50'; expected a part of"],
        ),
        (
            {"annotations__0__segmentation": [[1, -3, 5, -3, 5, -8], [1, -1, 2, 0, 3, 0]]},
            ["annotations[0].segmentation: lies outside its image; found 'y from -8 to 0'"],
        ),
        (
            {"annotations__1__segmentation": {"size": [ROWS, COLUMNS], "counts": [3, -4, 961]}},
            ["annotations[1].segmentation: wrong value"],
        ),
        ({"annotations__3__bbox": []}, ["annotations[3]: there is neither a box nor keypoints nor a segmentation."]),
        ({"images__0__width": 41}, ["images[0]: height and width are wrong; found (24, 41)"]),
        (
            {"images__0__id": 11},
            ["images[1].id: the id occurs twice; found 11.", "annotations[0].image_id: the id is unknown"],
        ),
        ({"annotations__4__keypoints": [1, 2]}, ["annotations[4].keypoints: wrong value"]),
    ],
)
def test_all_faults_are_listed(source, changes, messages):
    change(source, **changes)
    with pytest.raises(FaultsError) as caught:
        convert_coco(source)
    found = [str(fault).removeprefix(f"{source}: ") for fault in caught.value.faults]
    assert len(found) == len(messages)
    for fault, message in zip(found, messages, strict=True):
        assert fault.startswith(message)


def test_names_without_a_suffix_stay_whole(source, tmp_path):
    for number in range(6):
        (tmp_path / "images" / f"{number}.png").rename(tmp_path / "images" / f"1.2.840.{number}")
    change(source, **{f"images__{n}__file_name": f"images/1.2.840.{n}" for n in range(6)})
    _, datalist = converted(source, tmp_path / "out")
    assert [entry["case"] for entry in datalist.training] == [f"images/1.2.840.{n}" for n in range(6)]
    assert read_mask(datalist.training[0]["mask"]).any()
    assert not read_mask(datalist.training[5]["mask"]).any()


def test_null_counts_as_absent(source, tmp_path, square):
    change(
        source,
        annotations__0__bbox=None,
        annotations__0__keypoints=None,
        annotations__3__segmentation=None,
        annotations__4__segmentation=None,
    )
    _, datalist = converted(source, tmp_path / "out")
    np.testing.assert_array_equal(read_mask(datalist.training[0]["mask"]), square)
    assert [len(entry["electrodes"]) for entry in datalist.training] == [0, 0, 0, 1, 2, 0]


def test_all_electrodes_outside_their_image_are_listed(source):
    change(source, annotations__3__bbox=[-30, 5, 4, 4], annotations__4__keypoints=[12, 5, 2, 500, 6.5, 1, 0, 99, 0])
    with pytest.raises(FaultsError) as caught:
        convert_coco(source)
    expected = "expected x from -0.5 to 39.5 and y from -0.5 to 23.5."
    assert [str(fault).removeprefix(f"{source}: ") for fault in caught.value.faults] == [
        f"annotations[3].bbox: the centre of an electrode is outside its image; found (-28.5, 6.5); {expected}",
        f"annotations[4].keypoints: the centre of an electrode is outside its image; found (499.5, 6.0); {expected}",
    ]


@pytest.mark.parametrize(
    ("key", "more", "message"),
    [
        ("images", {"frame": "x"}, "images[0].datalist.frame: wrong value; found 'x'"),
        ("images", {"annotated": None}, "images[0].datalist.annotated: wrong value; found 'null'"),
        ("images", {"annotated": ["masks"]}, "images[0].datalist.annotated: wrong value"),
        ("images", {"case": 5}, "images[0].datalist.case: wrong value; found 5"),
        ("images", {"mask": "x.png"}, "images[0].datalist.mask: the key is taken from the image and its annotations"),
        ("images", {"electrodes": None}, "images[0].datalist.electrodes: the key is taken from the image"),
        ("annotations", {"x": 3}, "annotations[0].datalist.x: the key is taken from the image and its annotations"),
        ("annotations", {"pole": "tip"}, "annotations[0].datalist.pole: wrong value; found 'tip'"),
    ],
)
def test_edited_fields_of_a_datalist_are_checked(source, key, more, message):
    change(source, **{f"{key}__0__datalist": more})
    with pytest.raises(FaultsError) as caught:
        convert_coco(source)
    (fault,) = caught.value.faults
    assert str(fault).removeprefix(f"{source}: ").startswith(message)


def test_fields_that_do_not_go_together_are_listed(source):
    catheters = [{"id": "cs", "type": "decapolar", "centerline": []}]
    change(
        source,
        images__0__datalist={"pixel_spacing_mm": [0.2, 0.3]},
        images__3__datalist={"catheters": catheters},
        annotations__3__datalist={"catheter": "lasso"},
    )
    with pytest.raises(FaultsError) as caught:
        convert_coco(source)
    assert [str(fault).removeprefix(f"{source}: ") for fault in caught.value.faults] == [
        "images[0].spacing_plane: missing; expected detector or isocentre, beside pixel_spacing_mm.",
        "images[3].electrodes[0].catheter: no such catheter; found 'lasso'; expected an id of its catheters ('cs').",
    ]


def test_keys_that_nothing_reads_are_kept_and_said(source, tmp_path):
    change(source, images__0__datalist={"anotated": []}, images__1__datalist={"anotated": ["mask"]})
    change(source, annotations__3__datalist={"kind": "ring", "note": "faint"})
    conversion, datalist = converted(source, tmp_path / "out")
    assert "coco.json: 1 of annotations.datalist.note, a key that nothing reads" in conversion.remarks
    assert "coco.json: 2 of images.datalist.anotated, a key that nothing reads" in conversion.remarks
    assert datalist.training[1]["anotated"] == ["mask"]


def test_broken_run_lengths_are_listed(source, tmp_path):
    change(
        source,
        annotations__1__segmentation={"size": [ROWS, COLUMNS], "counts": [3, 4]},
        annotations__2__segmentation={"size": [COLUMNS, ROWS], "counts": "9"},
    )
    with pytest.raises(FaultsError) as caught:
        converted(source, tmp_path / "out")
    faults = [str(fault) for fault in caught.value.faults]
    assert "annotations[1].segmentation: the run lengths are broken" in faults[0]
    assert "annotations[2].segmentation: wrong size; found [40, 24]; expected the image's [24, 40]" in faults[1]


def test_a_wrong_side_is_refused(source):
    with pytest.raises(InputError, match="wrong keypoint_side; found 0"):
        convert_coco(source, keypoint_side=0)


def test_other_files_are_refused(tmp_path):
    with pytest.raises(InputError, match="no COCO file in the folder"):
        convert_coco(tmp_path)
    with pytest.raises(InputError, match="No such file"):
        convert_coco(tmp_path / "coco.json")
    (tmp_path / "coco.json").write_text("[]")
    with pytest.raises(FaultsError, match="expected an object with images, annotations, categories"):
        convert_coco(tmp_path / "coco.json")


def rich_splits(folder, square):
    """A datalist with everything that it may hold."""
    for name in ("a", "b", "c", "d"):
        Image.fromarray(np.eye(ROWS, COLUMNS, dtype=np.uint8)).save(folder / f"{name}.png")
    frames = [Image.fromarray(np.full((ROWS, COLUMNS), value, np.uint8)) for value in (1, 2)]
    frames[0].save(folder / "cine.tif", save_all=True, append_images=frames[1:])
    Image.fromarray(square.astype(np.uint8) * 255).save(folder / "square.png")
    Image.fromarray(np.zeros((ROWS, COLUMNS), np.uint8)).save(folder / "empty.png")
    electrode = {"x": 12.3, "y": 5.1, "width": 4.7, "height": 3, "kind": "ring", "catheter": "cs", "pole": 0}
    first = {
        "image": "a.png",
        "mask": "square.png",
        "electrodes": [electrode, dict(electrode, pole=1, x=20)],
        "case": "p1",
        "sequence": "r1",
        "pixel_spacing_mm": [0.2, 0.3],
        "spacing_plane": "isocentre",
        "catheters": [{"id": "cs", "type": "decapolar", "centerline": [[1.5, 2], [3, 4]]}],
    }
    return {
        "training": [first, {"image": "b.png", "mask": None, "electrodes": [], "case": "p1"}],
        "validation": [
            {"image": "c.png", "mask": "empty.png", "electrodes": None, "case": "p2"},
            {"image": "cine.tif", "frame": 0, "mask": "square.png", "electrodes": None, "case": "p2"},
            {"image": "cine.tif", "frame": 1, "mask": "empty.png", "electrodes": [electrode], "case": "p2"},
        ],
        "test": [{"image": "d.png", "mask": None, "electrodes": None, "case": "p3"}],
    }


def test_there_and_back_loses_nothing(tmp_path, square):
    write_datalist(tmp_path / "datalist.json", rich_splits(tmp_path, square))
    write_coco(tmp_path / "datalist.json", tmp_path / "coco")
    written = json.loads((tmp_path / "coco" / "validation.json").read_text())["annotations"]
    assert [(one["id"], one["image_id"], one["iscrowd"]) for one in written] == [(1, 2, 0), (2, 3, 0)]
    write_conversion(convert_coco(tmp_path / "coco"), tmp_path / "back", validation=None, test=None, seed=0)
    before, after = read_datalist(tmp_path / "datalist.json"), read_datalist(tmp_path / "back" / "datalist.json")
    for split in ("training", "validation", "test"):
        for one, other in zip(before.split(split), after.split(split), strict=True):
            assert {key for key in one if one[key] is not None} == {key for key in other if other[key] is not None}
            if one["mask"] is not None:
                np.testing.assert_array_equal(read_mask(one["mask"]), read_mask(other["mask"]))
            for electrode, back in zip(one["electrodes"] or [], other["electrodes"] or [], strict=True):
                assert electrode == pytest.approx(back, abs=1e-9)
            same = one.keys() - {"mask", "electrodes"}
            assert {key: one[key] for key in same} == {key: other[key] for key in same}


def test_coco_comes_back_as_coco(source, tmp_path, square):
    converted(source, tmp_path / "out")
    [written] = write_coco(tmp_path / "out" / "datalist.json", tmp_path / "back")
    before, after = json.loads(source.read_text()), json.loads(written.read_text())
    assert [image["file_name"] for image in after["images"]] == [f"../images/{number}.png" for number in range(6)]
    boxes = [annotation["bbox"] for annotation in after["annotations"]]
    assert boxes[:3] == [[10, 3, 10, 5]] * 3
    assert boxes[3] == pytest.approx(before["annotations"][3]["bbox"])
    assert [annotation["area"] for annotation in after["annotations"]] == [50, 50, 50, 32.5, 64, 64]
    np.testing.assert_array_equal(run_lengths.decode(after["annotations"][0]["segmentation"]), square)


def test_own_splits_that_divide_cases_are_refused(tmp_path, square):
    write_datalist(tmp_path / "datalist.json", rich_splits(tmp_path, square))
    write_coco(tmp_path / "datalist.json", tmp_path / "coco")
    change(tmp_path / "coco" / "test.json", images__0__datalist={"case": "p1", "annotated": []})
    conversion = convert_coco(tmp_path / "coco")
    with pytest.raises(InputError, match="own splits divide cases; found 'p1'"):
        write_conversion(conversion, tmp_path / "back", validation=None, test=None, seed=0)


def test_a_linked_output_folder_leads_to_the_images(source, tmp_path):
    (tmp_path / "far" / "away").mkdir(parents=True)
    (tmp_path / "link").symlink_to(tmp_path / "far" / "away")
    converted(source, tmp_path / "link")
    write_coco(tmp_path / "link" / "datalist.json", tmp_path / "link" / "coco")
    converted(tmp_path / "link" / "coco", tmp_path / "link" / "back")
    assert validate_datalist(tmp_path / "far" / "away" / "back" / "datalist.json").splits["training"].frames == 6
