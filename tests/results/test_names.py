import hashlib
import os

from custom.results.names import result_name
from tests.results.frames import write_cine


def test_dicom_is_named_after_its_content(tmp_path):
    path = write_cine(tmp_path / "Lovelace_Ada.dcm")
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    assert result_name("Doe/Lovelace_Ada.dcm", path) == f"dicom_{digest[:12]}"
    assert result_name("Doe/Lovelace_Ada.dcm", path, keep_identifiers=True) == "Doe/Lovelace_Ada.dcm"


def test_pictures_keep_their_names(tmp_path):
    path = tmp_path / "a.png"
    path.write_bytes(b"picture")
    assert result_name("case 1/a.png", path) == "case 1/a.png"


def test_a_name_that_is_no_text_can_be_written(tmp_path):
    names = [os.fsdecode(b"M\xfcller.png"), os.fsdecode(b"M\xf6ller.png")]
    for name in names:
        (tmp_path / name).write_bytes(b"picture")
    written = [result_name(name, tmp_path / name) for name in names]
    assert all(name.startswith("M\ufffdller.png_") and name.encode() for name in written)
    assert written[0] != written[1]


def test_a_name_whose_document_would_be_that_of_the_run_gets_digits(tmp_path):
    path = write_cine(tmp_path / "coco")
    for name in ("coco", "COCO", "coco_1"):
        digits = hashlib.sha256(name.encode()).hexdigest()[:12]
        assert result_name(name, path, keep_identifiers=True) == f"{name}_{digits}"
    for name in ("case/coco", "coco.dcm", "cocoa"):
        assert result_name(name, path, keep_identifiers=True) == name
