import pytest
from pydicom import DataElement, Dataset, dcmread
from pydicom.tag import Tag

from custom.errors import InputError
from custom.results.secondary_capture import SecondaryCapture
from custom.results.structured_report import StructuredReport
from tests.results.dicom_checks import assert_valid
from tests.results.frames import make_frame, write_all, write_cine

BI_PLANE = "1.2.840.10008.5.1.4.1.1.12.3"
PRIVATE = "1.3.12.2.1107.5.9.1"

pytestmark = pytest.mark.filterwarnings("ignore:.*VR:UserWarning")


@pytest.fixture(params=[SecondaryCapture, StructuredReport])
def result_format(request):
    return request.param


def write_file(path, keyword, representation, value):
    """A file with a value that pydicom would not write by itself."""
    dataset = dcmread(write_cine(path, frames=1))
    dataset[keyword] = DataElement(Tag(keyword), representation, value, validation_mode=0)
    dataset.save_as(path)
    return path


@pytest.mark.parametrize(("uid", "found"), [(BI_PLANE, "X-Ray Angiographic Bi-Plane.*12.3"), (PRIVATE, PRIVATE)])
def test_a_class_of_which_no_more_is_known_is_named(folder, tmp_path, result_format, uid, found):
    path = write_cine(tmp_path / "a.dcm", frames=1, SOPClassUID=uid)
    with pytest.raises(InputError, match=f"SOPClassUID: a DICOM result cannot refer to files of this class.*{found}"):
        result_format(folder).start(make_frame(path=path))


@pytest.mark.parametrize("keyword", ["SOPInstanceUID", "StudyInstanceUID", "SeriesInstanceUID"])
@pytest.mark.parametrize("uid", ["1.2.03", "Lovelace", "1." + 63 * "2", ["1.2", "1.3"]])
def test_what_is_no_uid_is_refused(folder, tmp_path, result_format, keyword, uid):
    path = write_file(tmp_path / "a.dcm", keyword, "UI", uid)
    with pytest.raises(InputError, match=f"{keyword}: a DICOM result cannot refer to the file by what is no UID"):
        result_format(folder).start(make_frame(path=path))


@pytest.mark.parametrize("modality", ["xa", "Lovelace^Ada", "X" * 17, ["XA", "RF"]])
@pytest.mark.parametrize("burned_in", ["No", "UNKNOWN"])
def test_a_modality_and_a_word_on_burned_in_text_that_mean_nothing(folder, tmp_path, modality, burned_in):
    write_file(tmp_path / "a.dcm", "Modality", "CS", modality)
    dataset = dcmread(tmp_path / "a.dcm")
    dataset.BurnedInAnnotation = burned_in
    dataset.save_as(tmp_path / "a.dcm")
    (path,) = write_all(SecondaryCapture(folder), [make_frame(path=tmp_path / "a.dcm")])
    assert (dcmread(path).Modality, dcmread(path).BurnedInAnnotation) == ("OT", "YES")
    assert_valid(path)


@pytest.mark.parametrize(
    ("keyword", "representation", "value"),
    [
        ("PatientName", "PN", "a" * 65),
        ("PatientName", "PN", "a^b^c^d^e^f"),
        ("PatientName", "PN", ["Lovelace^Ada", "Babbage^Charles"]),
        ("OtherPatientNames", "PN", ["Lovelace^Ada", "a" * 65]),
        ("PatientID", "LO", "4711\n4712"),
        ("PatientID", "LO", ["4711", "4712"]),
        ("PatientAge", "AS", "45"),
        ("PatientBirthTime", "TM", "12:30:00"),
        ("StudyTime", "TM", "1200-1300"),
        ("StudyDate", "DA", "20200101-20200102"),
        ("StudyDescription", "LO", "a" * 65),
        ("PatientComments", "LT", "a\x00b"),
        ("AdmissionID", "LO", "a" * 65),
        ("PatientIdentityRemoved", "CS", "MAYBE"),
        ("SmokingStatus", "CS", "20 A DAY"),
    ],
)
def test_whatever_dicom_does_not_allow_is_left_out(
    folder, tmp_path, result_format, keyword, representation, value, caplog
):
    path = write_file(tmp_path / "a.dcm", keyword, representation, value)
    with caplog.at_level("WARNING", logger="catheter.infer"):
        (written,) = write_all(result_format(folder, keep_identifiers=True), [make_frame(path=path)])
    assert not dcmread(written).get(keyword)
    assert f"{keyword} is not what DICOM allows and is left out" in caplog.text
    assert_valid(written)


def test_so_is_a_sequence_that_holds_such_a_value(folder, tmp_path, result_format, caplog):
    other = Dataset()
    other.PatientID, other.TypeOfPatientID = "1" * 65, "TEXT"
    path = write_cine(tmp_path / "a.dcm", frames=1, OtherPatientIDsSequence=[other])
    with caplog.at_level("WARNING", logger="catheter.infer"):
        (written,) = write_all(result_format(folder, keep_identifiers=True), [make_frame(path=path)])
    assert "OtherPatientIDsSequence" not in dcmread(written)
    assert "OtherPatientIDsSequence is not what DICOM allows" in caplog.text
    assert_valid(written)


def test_what_dicom_allows_is_kept(folder, tmp_path, result_format, caplog):
    kept = {
        "PatientAge": "045Y",
        "StudyDescription": "a" * 64,
        "PatientComments": "one\r\ntwo",
        "PatientWeight": "70.5",
    }
    other = Dataset()
    other.PatientID, other.TypeOfPatientID = "1", "TEXT"
    other.private_block(0x0011, "a vendor", create=True).add_new(1, "LO", ["one", "two"])
    name = {"SpecificCharacterSet": "ISO_IR 192", "PatientName": "Lovelace^Ada^^Lady^PhD=愛達"}
    path = write_cine(tmp_path / "a.dcm", frames=1, OtherPatientIDsSequence=[other], **name, **kept)
    with caplog.at_level("WARNING", logger="catheter.infer"):
        (written,) = write_all(result_format(folder, keep_identifiers=True), [make_frame(path=path)])
    assert caplog.text == ""
    assert {keyword: str(dcmread(written)[keyword].value) for keyword in kept} == kept
    assert_valid(written)


@pytest.mark.parametrize(
    ("stated", "kept"), [(None, "Not stated by the source"), ("", "Not stated by the source"), ("By hand", "By hand")]
)
def test_an_anonymous_file_need_not_say_how_it_became_so(folder, tmp_path, result_format, stated, kept):
    path = write_cine(tmp_path / "a.dcm", frames=1, PatientIdentityRemoved="YES", DeidentificationMethod=stated)
    (written,) = write_all(result_format(folder, keep_identifiers=True), [make_frame(path=path)])
    assert dcmread(written).DeidentificationMethod == kept
    assert_valid(written)


def test_only_an_anonymous_file_that_does_not_say_how_is_given_an_answer(folder, tmp_path, result_format):
    code = Dataset()
    code.CodeValue, code.CodingSchemeDesignator, code.CodeMeaning = "113100", "DCM", "Basic Profile"
    stated = {"PatientIdentityRemoved": "YES", "DeidentificationMethodCodeSequence": [code]}
    for removed in ({"PatientIdentityRemoved": None}, {"PatientIdentityRemoved": "NO"}, stated):
        path = write_cine(tmp_path / "a.dcm", frames=1, DeidentificationMethod=None, **removed)
        (written,) = write_all(result_format(folder, keep_identifiers=True), [make_frame(path=path)])
        assert "DeidentificationMethod" not in dcmread(written)
    assert_valid(written)
