from collections import Counter

import numpy as np
import pytest
from PIL import Image

from custom.data.validation import check_datalist, validate_datalist
from custom.errors import FaultsError


def faults_of(path):
    with pytest.raises(FaultsError) as caught:
        validate_datalist(path)
    return [str(fault).removeprefix(f"{path}: ") for fault in caught.value.faults]


def test_a_right_datalist_is_summarized(document, write):
    document["validation"][0] |= {"pixel_spacing_mm": [0.2, 0.3], "spacing_plane": "detector"}
    summary = validate_datalist(write(document))
    training = summary.splits["training"]
    assert (training.frames, training.cases) == (2, 1)
    assert (training.mask_and_electrodes, training.electrodes_only) == (1, 1)
    assert (training.mean_electrodes, training.max_electrodes) == (1.0, 2)
    assert training.frame_sizes == Counter({(24, 40): 2})
    assert training.spacings == Counter({None: 2})
    assert summary.splits["validation"].mask_only == 1
    assert summary.splits["validation"].spacings == Counter({(0.2, 0.3, "detector"): 1})
    assert "test" not in summary.splits
    assert summary.warnings == [
        "validation: no electrodes on its 1 frame, but on training's: they cannot be measured there"
    ]


def test_splits_that_have_what_is_trained_are_no_oddity(document, write):
    document["validation"][0]["electrodes"] = [{"x": 3, "y": 20, "width": 4, "height": 4}]
    assert validate_datalist(write(document)).warnings == []


def test_a_split_without_masks_cannot_judge_them(document, write):
    document["validation"][0] |= {"mask": None, "electrodes": [{"x": 3, "y": 20, "width": 4, "height": 4}]}
    (warning,) = validate_datalist(write(document)).warnings
    assert warning == "validation: no masks on its 1 frame, but on training's: they cannot be measured there"


def spoil_missing(document, folder):
    document["training"][1]["image"] = "gone.png"
    return f"training[1].image: {folder / 'gone.png'}: there is no such file."


def spoil_broken_mask(document, folder):
    (folder / "mask.png").write_bytes((folder / "mask.png").read_bytes()[:60])
    document["validation"][0]["mask"] = None
    document["validation"][0]["electrodes"] = []
    return f"training[0].mask: {folder / 'mask.png'}: cannot be decoded"


def spoil_mask_size(document, folder):
    Image.fromarray(np.zeros((40, 24), np.uint8)).save(folder / "turned.png")
    document["validation"][0]["mask"] = "turned.png"
    return "validation[0].mask: the mask has another size; found (40, 24); expected the image's"


def spoil_grey_mask(document, folder):
    document["validation"][0]["mask"] = "a.png"
    return "validation[0].mask: " + f"{folder / 'a.png'}: a mask needs two values; found '0, 1, 2, 3, 4, ...'"


def spoil_x(document, folder):
    document["training"][0]["electrodes"][1]["x"] = 39.75
    return "training[0].electrodes[1].x: outside the frame; found 39.75; expected -0.5 to 39.5 in a frame of 24 rows"


def spoil_y(document, folder):
    document["training"][0]["electrodes"][0]["y"] = 24
    return "training[0].electrodes[0].y: outside the frame; found 24; expected -0.5 to 23.5"


def spoil_case(document, folder):
    document["validation"][0]["case"] = "p1"
    return "validation[0].case: the case is in training too (first at training[0]); found 'p1'"


def spoil_duplicate(document, folder):
    document["training"][1]["image"] = "./a.png"
    return f"training[1].image: the same frame as training[0]; found '{folder / 'a.png'}'."


def spoil_frame(document, folder):
    document["training"][1]["frame"] = 1
    return f"training[1].image: {folder / 'b.png'}: frame: there is no such frame; found 1; expected 0"


def spoil_plane(document, folder):
    document["training"][1]["pixel_spacing_mm"] = [0.2, 0.2]
    return "training[1].spacing_plane: missing; expected detector or isocentre, beside pixel_spacing_mm."


def spoil_plane_alone(document, folder):
    document["training"][1]["spacing_plane"] = "detector"
    return "training[1].pixel_spacing_mm: missing; expected [row, column], positive millimetres, from 0.01 to 10.0, bes"


def spoil_catheter(document, folder):
    document["training"][0]["catheters"] = [{"id": "cs", "type": "decapolar", "centerline": []}]
    document["training"][0]["electrodes"][1]["catheter"] = "lasso"
    return "training[0].electrodes[1].catheter: no such catheter; found 'lasso'; expected an id of its"


def spoil_catheter_twice(document, folder):
    document["training"][0]["catheters"] = [{"id": 1, "type": "decapolar", "centerline": []}] * 2
    return "training[0].catheters[1].id: the id occurs twice; found 1."


def spoil_annotation(document, folder):
    document["validation"][0]["mask"] = None
    return "validation: no entry is annotated for any task"


def spoil_all_splits(document, folder):
    document.update(training=[], validation=[])
    return "no split has entries"


SPOILERS = [value for name, value in list(globals().items()) if name.startswith("spoil_")]


@pytest.mark.parametrize("spoil", SPOILERS, ids=lambda spoil: spoil.__name__)
def test_each_fault_is_named(document, write, tmp_path, spoil):
    message = spoil(document, tmp_path)
    faults = faults_of(write(document))
    assert len(faults) == 1
    assert faults[0].startswith(message)


def test_all_faults_are_listed_in_the_order_of_the_file(document, write):
    document["training"][0]["electrodes"][0]["width"] = -1
    document["training"][1]["image"] = "gone.png"
    document["validation"][0] |= {"case": "p1", "mask": "gone_too.png"}
    places = [fault.split(": ")[0] for fault in faults_of(write(document))]
    assert places == [
        "training[0].electrodes[0].width",
        "training[1].image",
        "validation[0].case",
        "validation[0].mask",
    ]


def test_edges_of_the_frame_are_inside(document, write):
    document["training"][0]["electrodes"][0] |= {"x": -0.5, "y": 23.5}
    assert validate_datalist(write(document)).splits["training"].frames == 2


def test_oddities_are_warnings(document, write, tmp_path, ramp):
    Image.fromarray(np.full_like(ramp, 7)).save(tmp_path / "b.png")
    inverted = np.full(ramp.shape, 255, np.uint8)
    inverted[3, :20] = 0  # 20 of 24 x 40 pixels
    Image.fromarray(inverted).save(tmp_path / "inverted.png")
    document["training"][0] |= {"commnet": "x", "mask": "inverted.png"}
    summary = validate_datalist(write(document))
    assert summary.warnings == [
        "training[0].commnet: unknown key, ignored",
        "training[0].mask: 98% of it is foreground; 0 is the background",
        "training[1].image: every pixel is 7",
        "validation: no electrodes on its 1 frame, but on training's: they cannot be measured there",
    ]


@pytest.mark.parametrize("content", ["[]", '{"training": 3}', "5"])
def test_other_json_is_refused(write, content):
    assert any("wrong value" in fault for fault in faults_of(write(content)))


def test_training_logs_what_it_starts_from(document, write, caplog):
    document["name"] = "set"
    with caplog.at_level("INFO", logger="catheter.data"):
        check_datalist(write(document))
    assert [record.getMessage().split(": ", 1)[-1] for record in caplog.records] == [
        "name: unknown key, ignored",
        "validation: no electrodes on its 1 frame, but on training's: they cannot be measured there",
        "2 frames of 1 cases",
        "1 frames of 1 cases",
    ]
    document.update(training=[], validation=[])
    with pytest.raises(FaultsError):
        check_datalist(write(document))


def test_a_test_set_alone_is_a_datalist(document, write):
    summary = validate_datalist(write({"test": document["training"]}))
    assert summary.splits.keys() == {"test"}
