"""`catheter infer` as users type it: what it leaves behind."""

import csv
import json
import os
import signal
import subprocess
import sys
import time

import jsonschema
import numpy as np
import pytest
from PIL import Image

from tests.conftest import REPOSITORY
from tests.data.dicom_files import change_dicom, write_dicom
from tests.results.dicom_checks import assert_valid
from tests.results.test_formats import BYTES, PATIENT
from tests.tiny_weights import write_tiny_weights

pytestmark = pytest.mark.slow

ROWS, COLUMNS = 48, 80
FRAMES = 3
EVERYTHING = "mask,overlay,video,json,csv,motion,coco,nifti,slicer,sr,secondary_capture"


@pytest.fixture(scope="module")
def weights(tmp_path_factory):
    return write_tiny_weights(tmp_path_factory.mktemp("weights") / "model.pt")


@pytest.fixture
def patients(tmp_path):
    """A folder and a cine that are named after a patient, and a picture that is not."""
    folder = tmp_path / "input"
    (folder / "Lovelace").mkdir(parents=True)
    generator = np.random.default_rng(0)
    stored = generator.integers(0, 4096, (FRAMES, ROWS, COLUMNS), dtype=np.uint16)
    change_dicom(write_dicom(folder / "Lovelace" / "Lovelace_Ada.dcm", stored), **PATIENT)
    Image.fromarray(generator.integers(0, 256, (ROWS, COLUMNS), dtype=np.uint8)).save(folder / "phantom.png")
    return folder


def command(weights, source, output, *options):
    size = ("--image_size", f"[{ROWS},{COLUMNS}]", "--device", "cpu", "--minimum_score", 0.1)
    given = [source, "--output", output, "--weights", weights, "--overrides", "lite", *size, *options]
    return [sys.executable, "-m", "scripts.main", "infer", *map(str, given)]


def run(*arguments):
    return subprocess.run(
        command(*arguments),
        cwd=REPOSITORY,
        capture_output=True,
        text=True,
        check=False,
        env=os.environ | {"COLUMNS": "120"},
    )


def files_in(folder):
    return sorted(path for path in folder.rglob("*") if path.is_file())


def test_every_format_of_a_folder_and_nobody_is_named(weights, patients, tmp_path):
    output = tmp_path / "results"
    done = run(weights, patients, output, "--formats", EVERYTHING)
    # A picture has no DICOM results, and everything else has all.
    assert done.returncode == 2, done.stdout + done.stderr
    assert "Traceback" not in done.stderr
    assert "1 of 2 files could not be written in every format; the others are done" in done.stderr
    names = [path.name for path in files_in(output)]
    (stem,) = {name.partition("_sr")[0] for name in names if name.endswith("_sr.dcm")}
    assert f"-> {stem}" in done.stdout
    per_frame = [f"{stem}_{index:04d}_{kind}.png" for index in range(FRAMES) for kind in ("mask", "overlay")]
    kinds = (".json", ".mrk.json", "_catheters.csv", "_electrodes.csv", "_mask.nii.gz")
    cine = ("_motion.csv", "_overlay.mp4", "_sr.dcm", "_secondary_capture.dcm")
    picture = [f"phantom.png{kind}" for kind in (*kinds, "_mask.png", "_overlay.png")]
    assert names == sorted([*per_frame, *(stem + kind for kind in kinds + cine), *picture, "coco.json"])
    for path in files_in(output):
        content = path.read_bytes() + path.name.encode()
        assert [value for value in (*BYTES, b"Lovelace") if value in content] == []
    for path in (path for path in files_in(output) if path.suffix == ".dcm"):
        assert_valid(path)


def test_several_files_go_into_one_folder(weights, patients, tmp_path):
    (tmp_path / "other").mkdir()
    picture = tmp_path / "other" / "phantom.png"
    picture.write_bytes((patients / "phantom.png").read_bytes())
    arguments = command(weights, patients / "phantom.png", tmp_path / "results", "--formats", "mask", picture)
    done = subprocess.run(arguments, cwd=REPOSITORY, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    names = [str(path.relative_to(tmp_path / "results")) for path in files_in(tmp_path / "results")]
    assert names == ["input/phantom.png_mask.png", "other/phantom.png_mask.png"]
    assert "input summary" not in done.stdout  # MONAI's, which would list every file
    assert "parsing config_file" not in done.stderr


def test_the_json_fits_its_schema_and_the_tables(weights, patients, tmp_path):
    output = tmp_path / "results"
    done = run(
        weights,
        patients,
        output,
        "--formats",
        "json,csv",
        "--pixel-spacing-mm",
        "0.5,0.25",
        "--spacing-plane",
        "isocentre",
    )
    assert done.returncode == 0, done.stdout + done.stderr
    schema = json.loads((REPOSITORY / "docs" / "results.schema.json").read_text())
    documents = list(output.glob("*.json"))
    assert documents
    for path in documents:
        document = json.loads(path.read_text())
        jsonschema.validate(document, schema)
        found = [(frame["frame"], electrode) for frame in document["frames"] for electrode in frame["electrodes"]]
        rows = list(csv.DictReader(path.with_name(f"{path.stem}_electrodes.csv").open(newline="")))
        assert len(rows) == len(found) > 0
        for (frame, electrode), row in zip(found, rows, strict=True):
            assert (frame, electrode["x"]) == (int(row["frame"]), float(row["x_px"]))
            assert float(row["y_mm"]) == pytest.approx(0.5 * electrode["y"])
        assert {frame["spacing_plane"] for frame in document["frames"]} == {"isocentre"}


def test_names_are_kept_where_that_is_wanted(weights, patients, tmp_path):
    done = run(weights, patients, tmp_path / "results", "--formats", "json", "--keep-identifiers")
    assert done.returncode == 0, done.stdout + done.stderr
    assert (tmp_path / "results" / "Lovelace" / "Lovelace_Ada.dcm.json").is_file()


def test_unknown_formats_are_answered_with_the_known_ones(weights, patients, tmp_path):
    done = run(weights, patients, tmp_path / "results", "--formats", "json,pdf")
    assert done.returncode == 2
    assert "unknown format" in done.stderr
    assert "secondary_capture" in done.stderr
    assert "Traceback" not in done.stderr


def _heed_ctrl_c():
    signal.signal(signal.SIGINT, signal.default_int_handler)
    signal.signal(signal.SIGHUP, signal.SIG_DFL)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_an_interrupted_run_leaves_no_half_files(weights, tmp_path, number):
    stored = np.zeros((5000, ROWS, COLUMNS), np.uint8)
    source, output = write_dicom(tmp_path / "long.dcm", stored), tmp_path / "results"
    arguments = command(weights, source, output, "--formats", "mask,json,csv,video,secondary_capture,nifti,slicer")
    streams = {"stdout": subprocess.DEVNULL, "stderr": subprocess.PIPE, "text": True}
    # A shell lets its background jobs ignore Ctrl-C, and the tests may be one.
    process = subprocess.Popen(arguments, cwd=REPOSITORY, preexec_fn=_heed_ctrl_c, **streams)
    deadline = time.monotonic() + 120
    while len(list(output.glob("*_mask.png"))) < 3 and time.monotonic() < deadline:
        time.sleep(0.1)
    process.send_signal(number)
    _, errors = process.communicate(timeout=60)
    assert process.returncode == 130, errors
    left = files_in(output)
    assert len(left) >= 3
    assert {path.name.removeprefix("dicom_")[17:] for path in left} == {"_mask.png"}
