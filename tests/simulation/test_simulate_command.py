"""`catheter simulate` as a user types it."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pydicom
import pytest
from PIL import Image

from custom.data.validation import validate_datalist
from custom.errors import InputError
from scripts.simulate import simulate

SMALL = {"sequences": 3, "frames": 2, "size": 64}


def _run(*arguments):
    command = [sys.executable, "-m", "scripts.main", "simulate", *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def _files(folder):
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@pytest.mark.slow
def test_a_data_set_that_validates(tmp_path):
    output = tmp_path / "data"
    done = _run(output, "--sequences", "3", "--frames", "2", "--size", "64", "--seed", "3")
    assert done.returncode == 0, done.stderr
    assert "6 frames of 64 x 64" in done.stdout
    assert "datalist.json" in done.stdout
    summary = validate_datalist(str(output / "datalist.json"))
    assert {name: split.frames for name, split in summary.splits.items()} == {"training": 2, "validation": 2, "test": 2}
    datalist = json.loads((output / "datalist.json").read_text())
    entry = datalist["training"][0]
    assert Image.open(output / entry["image"]).mode == "L"
    assert set(np.unique(np.asarray(Image.open(output / entry["mask"])))) <= {0, 255}
    record = json.loads((output / "simulation.json").read_text())
    assert record["seed"] == 3
    assert {"sid_mm", "sod_mm", "primary_deg", "frame_time_ms"} <= set(record["sequences"][0])
    assert [path.name for path in tmp_path.iterdir()] == ["data"]


def test_the_same_seed_gives_the_same_files(tmp_path):
    for name in ("one", "two"):
        simulate(str(tmp_path / name), **SMALL)
    assert _files(tmp_path / "one") == _files(tmp_path / "two")


def test_overwriting_needs_a_word_and_keeps_strangers(tmp_path):
    output = tmp_path / "data"
    simulate(str(output), sequences=4, frames=1, size=64)
    (output / "notes.txt").write_text("mine")
    before = _files(output)
    with pytest.raises(InputError, match="--overwrite"):
        simulate(str(output), **SMALL)
    assert _files(output) == before
    simulate(str(output), **SMALL, overwrite=True)
    assert (output / "notes.txt").read_text() == "mine"
    assert len(list((output / "images").iterdir())) == 6


@pytest.mark.parametrize("datalist", ['{"training": [', '{"test": [{"image": "images/x.png", "mask": null}]}', None])
@pytest.mark.parametrize("file_format", ["png", "dicom"])
def test_overwriting_takes_away_what_was_simulated_whatever_the_datalist_says(tmp_path, datalist, file_format):
    output = tmp_path / "data"
    simulate(str(output), sequences=4, frames=3, size=32, format=file_format)
    (output / "datalist.json").unlink()
    if datalist is not None:
        (output / "datalist.json").write_text(datalist)
    simulate(str(output), sequences=1, frames=2, size=32, overwrite=True)
    names = ["sequence00000_0000.png", "sequence00000_0001.png"]
    assert sorted(path.name for path in (output / "images").iterdir()) == names
    assert sorted(path.name for path in (output / "masks").iterdir()) == names
    validate_datalist(str(output / "datalist.json"))


@pytest.mark.parametrize(
    "record", ["[", "{}", '{"sequences": [{}], "frames": 1}', '{"sequences": [{"sequence": "s"}], "frames": "x"}']
)
def test_a_record_that_tells_nothing_is_refused_before_anything_is_done(tmp_path, record):
    output = tmp_path / "data"
    output.mkdir()
    (output / "simulation.json").write_text(record)
    with pytest.raises(InputError, match=r"simulation\.json"):
        simulate(str(output), **SMALL, overwrite=True)
    assert _files(tmp_path) == {"data/simulation.json": record.encode()}


def test_overwriting_that_was_cut_leaves_no_datalist_and_can_be_repeated(tmp_path, monkeypatch):
    output = tmp_path / "data"
    simulate(str(output), sequences=1, frames=3, size=32)
    replace = Path.replace

    def cut(path, target):
        if target.parent.name == "masks":
            raise KeyboardInterrupt
        return replace(path, target)

    with monkeypatch.context() as context:
        context.setattr(Path, "replace", cut)
        with pytest.raises(KeyboardInterrupt):
            simulate(str(output), sequences=2, frames=1, size=32, overwrite=True)
    assert not (output / "datalist.json").exists()
    simulate(str(output), sequences=1, frames=1, size=32, overwrite=True)
    assert [path.name for path in (output / "images").iterdir()] == ["sequence00000_0000.png"]
    validate_datalist(str(output / "datalist.json"))


def test_a_strangers_folder_is_never_overwritten(tmp_path):
    (tmp_path / "thesis.txt").write_text("mine")
    with pytest.raises(InputError, match="no simulated data set"):
        simulate(str(tmp_path), **SMALL, overwrite=True)
    assert _files(tmp_path) == {"thesis.txt": b"mine"}


def test_sixteen_bits(tmp_path):
    simulate(str(tmp_path / "data"), **SMALL, format="png16")
    images = [np.asarray(Image.open(path)) for path in (tmp_path / "data" / "images").iterdir()]
    assert images[0].dtype == np.uint16
    assert len(np.unique(images[0])) > 300
    validate_datalist(str(tmp_path / "data" / "datalist.json"))


def test_dicom(tmp_path):
    output = tmp_path / "data"
    simulate(str(output), sequences=3, frames=2, size=(64, 96), format="dicom")
    validate_datalist(str(output / "datalist.json"))
    record = json.loads((output / "simulation.json").read_text())["sequences"][1]
    cine = pydicom.dcmread(output / "images" / "sequence00001.dcm")
    assert (cine.NumberOfFrames, cine.Rows, cine.Columns) == (2, 64, 96)
    assert float(cine.ImagerPixelSpacing[0]) == pytest.approx(record["detector_pixel_mm"], rel=1e-3)
    assert float(cine.DistanceSourceToDetector) == pytest.approx(record["sid_mm"], rel=1e-3)
    assert float(cine.PositionerPrimaryAngle) == pytest.approx(record["primary_deg"], abs=0.1)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"size": 100}, "--size"),
        ({"size": (64, 70)}, "--size"),
        ({"sequences": 0}, "--sequences"),
        ({"frames": -2}, "--frames"),
        ({"format": "gif"}, "png, png16, dicom"),
        ({"devices": "ablation,laso"}, "coronary_sinus_decapolar"),
        ({"devices": ("laso",)}, "coronary_sinus_decapolar"),
        ({"dose": -3}, "--dose"),
        ({"dose": "much"}, "--dose"),
        ({"config": "absent.yaml"}, "absent.yaml"),
        ({"ct": "absent.nii.gz"}, "absent.nii.gz"),
        ({"device": "tpu"}, "device: no device.*cpu, cuda or cuda:0"),
        ({"seed": -1}, "--seed"),
        ({"seed": "now"}, "--seed"),
    ],
)
def test_bad_options_are_refused(tmp_path, options, message):
    with pytest.raises(InputError, match=message):
        simulate(str(tmp_path / "data"), **options)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.slow
def test_a_refusal_has_no_trace(tmp_path):
    refused = _run(tmp_path / "data", "--size", "100")
    assert refused.returncode == 2
    assert "--size" in refused.stderr
    assert "Traceback" not in refused.stderr


def test_an_output_that_cannot_be_written(tmp_path):
    (tmp_path / "file").write_text("")
    for output in (tmp_path / "file", tmp_path / "file" / "below"):
        with pytest.raises(InputError, match=str(output)):
            simulate(str(output), **SMALL)
