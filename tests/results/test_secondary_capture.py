import numpy as np
import pytest
from pydicom import Dataset, dcmread, iter_pixels

from custom.errors import InputError
from custom.results.secondary_capture import SecondaryCapture
from custom.results.structured_report import StructuredReport
from custom.visualization import draw_result
from tests.results.dicom_checks import assert_valid
from tests.results.frames import make_frame, write_all, write_cine


def test_every_frame_in_colour(folder, cine):
    (path,) = write_all(SecondaryCapture(folder), cine)
    assert path == folder / "cine_secondary_capture.dcm"
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
    assert_valid(path)


def test_a_single_frame_is_valid(folder, tmp_path):
    path = write_cine(tmp_path / "a.dcm", frames=1)
    (path,) = write_all(SecondaryCapture(folder), [make_frame(path=path)])
    assert dcmread(path).NumberOfFrames == 1
    assert_valid(path)


def test_only_frames_that_were_read_count(folder, cine):
    (path,) = write_all(SecondaryCapture(folder), cine[:2], complete=False)
    assert dcmread(path).NumberOfFrames == len(list(iter_pixels(path))) == 2
    assert dcmread(path).DerivationDescription.endswith(", which broke off after 2 of 3 frames")
    assert_valid(path)


def test_a_whole_cine_is_not_said_to_have_broken_off(folder, cine):
    (path,) = write_all(SecondaryCapture(folder), cine)
    assert dcmread(path).DerivationDescription == "Catheters and electrodes drawn on the source image"


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
    [
        ("PatientSex", "U"),
        ("PatientSex", "male"),
        ("PatientBirthDate", "19700000"),
        ("StudyTime", "9"),
        ("StudyDate", "2020.01.02"),
        ("PatientBirthDate", "1970.01.02"),
        ("AccessionNumber", "1" * 17),
        ("StudyID", "1" * 17),
        ("PatientID", "1" * 65),
    ],
)
def test_what_dicom_does_not_allow_is_left_out(folder, tmp_path, keyword, value, caplog):
    with caplog.at_level("WARNING", logger="catheter.infer"):
        path = write_cine(tmp_path / "a.dcm", frames=1, **{keyword: value})
        for result_format in (SecondaryCapture, StructuredReport):
            (written,) = write_all(result_format(folder, keep_identifiers=True), [make_frame(path=path)])
            assert not dcmread(written).get(keyword)
            assert dcmread(written).PatientName == dcmread(path).PatientName
    assert f"{keyword} is not what DICOM allows" in caplog.text


def test_values_of_the_greatest_length_are_kept(folder, tmp_path):
    identity = {"AccessionNumber": "1" * 16, "StudyID": "2" * 16, "PatientID": "3" * 64, "StudyDate": "20200102"}
    path = write_cine(tmp_path / "a.dcm", frames=1, **identity)
    for result_format in (SecondaryCapture, StructuredReport):
        (written,) = write_all(result_format(folder, keep_identifiers=True), [make_frame(path=path)])
        assert {keyword: dcmread(written).get(keyword) for keyword in identity} == identity


@pytest.mark.parametrize(
    ("character_set", "name", "issuer"),
    [
        ("ISO_IR 100", "Müller^Jörg", "Köln"),
        (["", "ISO 2022 IR 87"], "Yamada^Tarou=山田^太郎", "東京"),
        ("ISO_IR 192", "Γεώργιος^Άννα", "Αθήνα"),
        (None, "Lovelace^Ada", "London"),
    ],
)
@pytest.mark.parametrize("result_format", [SecondaryCapture, StructuredReport])
def test_names_come_through_in_any_character_set(folder, tmp_path, result_format, character_set, name, issuer):
    other = Dataset()
    other.PatientID, other.IssuerOfPatientID, other.TypeOfPatientID = "1", issuer, "TEXT"
    kept = {"PatientName": name, "ReferringPhysicianName": name, "OtherPatientIDsSequence": [other]}
    path = write_cine(tmp_path / "a.dcm", frames=1, SpecificCharacterSet=character_set, **kept)
    (written,) = write_all(result_format(folder), [make_frame(path=path)])
    assert "SpecificCharacterSet" not in dcmread(written)
    (written,) = write_all(result_format(folder, keep_identifiers=True), [make_frame(path=path)])
    dataset = dcmread(written)
    assert dataset.PatientName == dataset.ReferringPhysicianName == name
    assert dataset.OtherPatientIDsSequence[0].IssuerOfPatientID == issuer
    assert_valid(written)


def test_an_element_that_cannot_be_read_is_no_hindrance(folder, tmp_path):
    path = write_cine(tmp_path / "a.dcm", frames=1, PatientName="Lovelace^Ada", EffectiveEchoTime=1.5)
    content = path.read_bytes()
    start = content.index(b"FD\x08\0")
    path.write_bytes(content[:start] + b"FD\x04\0" + content[start + 8 :])  # half of its eight bytes
    for result_format in (SecondaryCapture, StructuredReport):
        (written,) = write_all(result_format(folder, keep_identifiers=True), [make_frame(path=path)])
        assert dcmread(written).PatientName == "Lovelace^Ada"
