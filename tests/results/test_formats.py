"""What holds for every format."""

import tracemalloc

import pytest
from pydicom import dcmread

from custom.errors import InputError
from custom.results import FORMATS, create_formats
from tests.data.dicom_files import change_dicom
from tests.results.frames import make_frame, write_all
from tests.small_disk import files_of_at_most

PATIENT = {
    "PatientName": "Lovelace^Ada",
    "PatientID": "PID-4711",
    "PatientBirthDate": "18151210",
    "AccessionNumber": "ACC-0815",
    "ReferringPhysicianName": "Babbage^Charles",
    "InstitutionName": "Analytical Hospital",
    "StudyDescription": "Difference engine",
    "StudyDate": "18420101",
}
BYTES = [value.encode() for value in PATIENT.values()]


@pytest.fixture(params=FORMATS)
def name(request):
    return request.param


def everything_in(folder):
    return [path for path in folder.rglob("*") if path.is_file()] if folder.exists() else []


def test_paths_are_what_was_written(name, folder, cine):
    paths = write_all(FORMATS[name](folder), cine)
    assert sorted(paths) == sorted(everything_in(folder))
    assert paths


def test_a_format_is_good_for_many_files(name, folder, cine):
    one = FORMATS[name](folder)
    for frames in (cine, cine):
        one.start(frames[0])
        for frame in frames:
            one.add(frame)
        one.finish(complete=True)
    one.discard()
    one.close()
    assert everything_in(folder)


def test_a_discarded_file_leaves_nothing_half_written(name, folder, cine):
    one = FORMATS[name](folder)
    one.discard()
    one.start(cine[0])
    one.add(cine[0])
    one.discard()
    assert all(path.name.startswith("cine_0000") for path in everything_in(folder))


def test_nobody_is_named(name, folder, cine):
    change_dicom(cine[0].path, **PATIENT)
    written = write_all(FORMATS[name](folder), cine)
    assert written
    for path in written:
        content = path.read_bytes()
        assert [value for value in BYTES if value in content] == []


@pytest.mark.parametrize("name", ["sr", "secondary_capture"], indirect=True)
def test_the_patient_is_named_where_that_is_wanted(name, folder, cine):
    change_dicom(cine[0].path, **PATIENT)
    written = write_all(FORMATS[name](folder, keep_identifiers=True), cine)
    assert written
    for path in written:
        dataset = dcmread(path)
        assert (dataset.PatientName, dataset.PatientID) == (PATIENT["PatientName"], PATIENT["PatientID"])
        assert (dataset.AccessionNumber, dataset.StudyDate) == (PATIENT["AccessionNumber"], PATIENT["StudyDate"])


def test_a_full_disk_raises_what_the_writer_expects_and_leaves_nothing(name, folder, cine):
    one = FORMATS[name](folder)
    with files_of_at_most(50), pytest.raises(OSError, match="too large"):
        write_all(one, cine * 5)
    one.discard()
    assert everything_in(folder) == []


@pytest.mark.slow
def test_memory_does_not_grow_with_the_cine(name, folder, cine, monkeypatch):
    monkeypatch.setattr("custom.results.structured_report.GROUPS_PER_REPORT", 20)
    small, large = (peak_memory(FORMATS[name](folder), cine[0].path, count) for count in (15, 45))
    # Bytes a frame; the four groups of a frame take 300 kB each while a report is made, give or take garbage.
    allowed = {"coco": 4000, "motion": 1000, "sr": 200_000}.get(name, 500)
    assert large - small < 30 * allowed


def peak_memory(one, path, count):
    frames = (make_frame(index % 30, count, source="cine", path=path) for index in range(count))
    first = next(frames)
    tracemalloc.start()
    one.start(first)
    one.add(first)
    for frame in frames:
        one.add(frame)
    one.finish(complete=True)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return peak


def test_formats_are_made_by_name(folder):
    made = create_formats("json,csv,json", folder, keep_identifiers=True)
    assert [type(one) for one in made] == [FORMATS["json"], FORMATS["csv"]]
    assert all(one.keep_identifiers for one in made)
    (table,) = create_formats(["motion"], folder, options={"motion": {"reference": "ablation"}})
    assert table.reference == "ablation"


@pytest.mark.parametrize("names", ["json,jsn", ["jsn"], [], ""])
def test_unknown_formats_are_answered_with_the_known_ones(folder, names):
    with pytest.raises(InputError, match="secondary_capture"):
        create_formats(names, folder)
