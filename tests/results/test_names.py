import hashlib

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
