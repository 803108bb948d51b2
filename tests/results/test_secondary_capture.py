import numpy as np
import pytest
from pydicom import dcmread, iter_pixels

from custom.errors import InputError
from custom.results.secondary_capture import SecondaryCapture
from custom.results.structured_report import StructuredReport
from custom.visualization import draw_result
from tests.results.dicom_checks import assert_valid
from tests.results.frames import make_frame, write_all, write_cine


def test_every_frame_in_colour(folder, cine):
    (path,) = write_all(SecondaryCapture(folder), cine)
    assert path == folder / "cine_secondary_capture.dcm"
    assert_valid(path)
    dataset = dcmread(path)
    assert dataset.SOPClassUID.name == "Multi-frame True Color Secondary Capture Image Storage"
    assert (dataset.NumberOfFrames, dataset.FrameTime) == (3, 200)
    source = dcmread(cine[0].path)
    assert dataset.StudyInstanceUID == source.StudyInstanceUID
    assert dataset.SourceImageSequence[0].ReferencedSOPInstanceUID == source.SOPInstanceUID
    pictures = list(iter_pixels(path))
    assert len(pictures) == 3
    for picture, frame in zip(pictures, cine, strict=True):
        drawn = draw_result(frame)
        assert picture.shape == drawn.shape
        assert np.abs(picture.astype(int) - drawn).mean() < 3


def test_a_single_frame_is_valid(folder, tmp_path):
    path = write_cine(tmp_path / "a.dcm", frames=1)
    (path,) = write_all(SecondaryCapture(folder), [make_frame(path=path)])
    assert_valid(path)
    assert dcmread(path).NumberOfFrames == 1


def test_only_frames_that_were_read_count(folder, cine):
    (path,) = write_all(SecondaryCapture(folder), cine[:2], complete=False)
    assert dcmread(path).NumberOfFrames == len(list(iter_pixels(path))) == 2


@pytest.mark.parametrize(("stated", "kept"), [("NO", "NO"), ("YES", "YES"), (None, "YES")])
def test_only_the_source_can_rule_out_burned_in_text(folder, tmp_path, stated, kept):
    path = write_cine(tmp_path / "a.dcm", frames=1, BurnedInAnnotation=stated)
    (path,) = write_all(SecondaryCapture(folder), [make_frame(path=path)])
    assert dcmread(path).BurnedInAnnotation == kept


def test_other_files_are_refused(folder, tmp_path):
    picture = tmp_path / "a.png"
    picture.write_bytes(b"no DICOM")
    with pytest.raises(InputError, match="need a DICOM input"):
        SecondaryCapture(folder).start(make_frame(path=picture))
    assert not folder.exists()


@pytest.mark.parametrize(
    ("keyword", "value"),
    [("PatientSex", "U"), ("PatientSex", "male"), ("PatientBirthDate", "19700000"), ("StudyTime", "9")],
)
def test_what_dicom_does_not_allow_is_left_out(folder, tmp_path, keyword, value, caplog):
    with caplog.at_level("WARNING", logger="catheter.infer"):
        path = write_cine(tmp_path / "a.dcm", frames=1, **{keyword: value})
        for result_format in (SecondaryCapture, StructuredReport):
            (written,) = write_all(result_format(folder, keep_identifiers=True), [make_frame(path=path)])
            assert not dcmread(written).get(keyword)
            assert dcmread(written).PatientName == dcmread(path).PatientName
    assert f"{keyword} is not what DICOM allows" in caplog.text
