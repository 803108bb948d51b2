"""`catheter infer` on files that are broken, unlike or in need of help, as users give them."""

import json

import numpy as np
import pytest
import torch
import yaml
from PIL import Image
from pydicom import dcmread
from pydicom.encaps import encapsulate

from custom.results.json_document import JsonDocument
from custom.results.tables import CsvTables
from scripts.fit_feature_distance import fit_feature_distance
from tests.data.dicom_files import change_dicom, write_dicom
from tests.data.video_files import write_video
from tests.tiny_data import write_tiny_data
from tests.tiny_weights import write_tiny_weights

ROWS, COLUMNS = 144, 192
OPTIONS = (
    "--overrides",
    "lite",
    "--image_size",
    "[144,192]",
    "--scale_to_size",
    "True",
    "--device",
    "cpu",
    "--formats",
    "json",
)


@pytest.fixture(scope="module")
def weights(tmp_path_factory):
    return write_tiny_weights(tmp_path_factory.mktemp("weights") / "model.pt")


@pytest.fixture(scope="module")
def cine():
    """(4, 144, 192) uint8: noise about a ramp."""
    generator = np.random.default_rng(0)
    ramp = np.linspace(60, 180, COLUMNS)
    return (ramp + generator.normal(0, 6, (4, ROWS, COLUMNS))).clip(0, 255).astype(np.uint8)


def halve(path):
    content = path.read_bytes()
    path.write_bytes(content[: len(content) * 6 // 10])


def write_bad_files(folder, cine):
    halve(write_dicom(folder / "cut.dcm", cine))
    halve(write_video(folder / "cut.avi", cine, codec="rawvideo", pixel_format="gray"))
    write_dicom(folder / "no_spacing.dcm", cine[0], ImagerPixelSpacing=[0, 0.3])
    write_dicom(folder / "no_pixels.dcm", cine[0], PixelData=None)
    write_dicom(folder / "a_million.dcm", cine[0], NumberOfFrames=1_000_000)
    change_dicom(write_dicom(folder / "huge.dcm", cine[0]), Rows=60_000, Columns=60_000)
    (folder / "no_dicom.dcm").write_text("not DICOM")
    Image.fromarray(np.stack([cine[0], cine[0] // 2, cine[0]], axis=-1)).save(folder / "colour.png")
    video = dcmread(write_dicom(folder / "mpeg.dcm", cine[0]))
    video.file_meta.TransferSyntaxUID = "1.2.840.10008.1.2.4.102"
    video.PixelData = encapsulate([b"video"])
    video["PixelData"].VR = "OB"
    video.save_as(folder / "mpeg.dcm", implicit_vr=False, little_endian=True)
    write_video(folder / "good.mp4", cine, codec="libx264", pixel_format="yuv420p")


def documents(folder):
    read = [json.loads(path.read_text()) for path in folder.glob("*.json")]
    return {document["source"]: document for document in read}


@pytest.mark.slow
def test_bad_files_are_named_and_the_rest_goes_on(catheter, weights, cine, tmp_path, capsys):
    write_bad_files(tmp_path, cine)
    output = tmp_path / "results"
    with pytest.raises(SystemExit) as stopped:
        catheter("infer", tmp_path, "--output", output, "--weights", weights, "--keep_identifiers", *OPTIONS)
    assert stopped.value.code == 2
    printed = capsys.readouterr().err
    assert "Traceback" not in printed
    assert "7 of 10 files could not be used, 2 of 10 files could be used in part; the others are done" in printed
    for name, problem in {
        "cut.dcm": "the file ends early; found '2 of 4 frames'",
        "cut.avi": "the file ends early; found '2 of 4 frames'",
        "no_spacing.dcm": "impossible pixel spacing; found '0 x 0.2'",
        "no_pixels.dcm": "holds no pixel data",
        "a_million.dcm": "wrong number of frames; found 1000000",
        "huge.dcm": "wrong size; found '60000 x 60000 pixels'",
        "no_dicom.dcm": "is no image",
        "colour.png": "is a colour image",
        "mpeg.dcm": "unknown transfer syntax; found 'MPEG-4 AVC",
    }.items():
        assert f"{tmp_path / name}: " in printed
        assert problem in printed
    found = {name: (document["complete"], len(document["frames"])) for name, document in documents(output).items()}
    assert found == {"cut.dcm": (False, 2), "cut.avi": (False, 2), "good.mp4": (True, 4)}


@pytest.mark.slow
def test_a_file_that_fails_in_two_formats_counts_once(catheter, weights, cine, tmp_path, capsys, monkeypatch):
    def fail(self, first):
        raise ValueError("no such colour")

    monkeypatch.setattr(JsonDocument, "start", fail)
    monkeypatch.setattr(CsvTables, "start", fail)
    Image.fromarray(cine[0]).save(tmp_path / "frame.png")
    options = ("--output", tmp_path / "results", "--weights", weights, *OPTIONS[:-1], "json,csv")
    with pytest.raises(SystemExit):
        catheter("infer", tmp_path / "frame.png", *options)
    printed = capsys.readouterr().err
    assert "1 of 1 files could not be written in every format; the others are done" in printed
    assert printed.count("  - ") == 2


@pytest.mark.slow
def test_a_given_spacing_reaches_the_results_and_helps_a_file_with_a_wrong_one(catheter, weights, cine, tmp_path):
    write_dicom(tmp_path / "frame.dcm", cine[0], ImagerPixelSpacing=[0, 0.3])
    spacing = ("--pixel-spacing-mm", 0.25, "--spacing-plane", "isocentre")
    options = ("--output", tmp_path / "results", "--weights", weights, "--keep_identifiers", *spacing)
    catheter("infer", tmp_path / "frame.dcm", *options, *OPTIONS)
    frame = documents(tmp_path / "results")["frame.dcm"]["frames"][0]
    assert frame["pixel_spacing_mm"] == [0.25, 0.25]
    assert frame["spacing_plane"] == "isocentre"


@pytest.mark.parametrize("spacing", ["0", "-0.3", "nan"])
def test_an_impossible_spacing_is_refused(catheter, weights, cine, tmp_path, capsys, spacing):
    Image.fromarray(cine[0]).save(tmp_path / "frame.png")
    options = ("--output", tmp_path / "results", "--weights", weights, "--spacing-plane", "detector")
    with pytest.raises(SystemExit) as stopped:
        catheter("infer", tmp_path / "frame.png", *options, "--pixel-spacing-mm", spacing, *OPTIONS)
    assert stopped.value.code == 2
    printed = capsys.readouterr().err
    assert "pixel_spacing_mm" in printed
    assert "expected positive millimetres" in printed or "expected a number of millimetres" in printed


@pytest.mark.slow
def test_views_give_electrodes_a_spread(catheter, weights, cine, tmp_path):
    Image.fromarray(cine[0]).save(tmp_path / "frame.png")
    state = torch.load(weights, weights_only=True)
    state["heads.outputs.center.bias"] += 5  # peaks everywhere
    torch.save(state, tmp_path / "model.pt")
    options = ("--weights", tmp_path / "model.pt", *OPTIONS)
    for name, views in (("with", True), ("without", False)):
        output = tmp_path / name
        catheter("infer", tmp_path / "frame.png", "--output", output, "--test_time_augmentation", views, *options)
    spreads = [
        [electrode.get("spread_px") for electrode in documents(tmp_path / name)["frame.png"]["frames"][0]["electrodes"]]
        for name in ("with", "without")
    ]
    assert any(spread is not None and spread > 0 for spread in spreads[0])
    assert spreads[1]
    assert set(spreads[1]) == {None}


@pytest.mark.slow
def test_frames_are_flagged_once_the_distance_is_fitted(catheter, weights, cine, tmp_path):
    datalist = write_tiny_data(tmp_path / "data", cases=14, frames=2)
    own = tmp_path / "model.pt"
    own.write_bytes(weights.read_bytes())
    sizes = {"image_size": [ROWS, COLUMNS], "scale_to_size": True, "device": "cpu"}
    fit_feature_distance(str(datalist), str(own), overrides="lite", **sizes)
    for name in ("07_00.png", "07_01.png"):
        (tmp_path / name).write_bytes((datalist.parent / "images" / name).read_bytes())
    Image.fromarray(cine[0] // 64 * 64).save(tmp_path / "other.png")
    Image.fromarray(np.zeros((ROWS, COLUMNS), np.uint8)).save(tmp_path / "blank.png")
    for name in ("07_00.png", "other.png", "blank.png"):
        catheter("infer", tmp_path / name, "--output", tmp_path / "results", "--weights", own, *OPTIONS)
    frames = {name: document["frames"][0] for name, document in documents(tmp_path / "results").items()}
    assert "unlike_training" not in frames["07_00.png"]["flags"]
    assert frames["07_00.png"]["feature_distance"] < 1
    assert "unlike_training" in frames["other.png"]["flags"]
    assert {"blank", "unlike_training"} <= set(frames["blank.png"]["flags"])


def test_a_file_of_overrides_says_what_a_laboratory_always_wants(catheter, weights, cine, tmp_path):
    Image.fromarray(cine[0]).save(tmp_path / "frame.png")
    always = {"output_dir": str(tmp_path / "elsewhere"), "keep_identifiers": True, "tracker": None}
    (tmp_path / "laboratory.yaml").write_text(yaml.safe_dump(always))
    overrides = ("--overrides", f"lite,{tmp_path / 'laboratory.yaml'}")
    catheter("infer", tmp_path / "frame.png", "--weights", weights, *OPTIONS[2:], *overrides)
    assert [path.name for path in (tmp_path / "elsewhere").iterdir()] == ["frame.png.json"]
