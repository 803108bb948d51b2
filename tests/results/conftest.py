import pytest

from tests.results.frames import make_frame, write_cine


@pytest.fixture
def cine(tmp_path):
    """Three frames found in a DICOM cine, in whose header a patient is named."""
    path = write_cine(tmp_path / "input" / "cine.dcm")
    return [make_frame(index, 3, source="cine", path=path) for index in range(3)]


@pytest.fixture
def folder(tmp_path):
    return tmp_path / "results"
