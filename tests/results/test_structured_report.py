from dataclasses import replace

import highdicom
import numpy as np
import pytest
from pydicom import dcmread
from pydicom.sr.codedict import codes

from custom.errors import InputError
from custom.results import structured_report
from custom.results.structured_report import StructuredReport
from tests.results.dicom_checks import assert_valid
from tests.results.frames import make_empty_frame, make_frame, without_spacing, write_all, write_cine


def read(path):
    report = highdicom.sr.srread(path)
    return report, report.content.get_planar_roi_measurement_groups()


def own(name):
    return highdicom.sr.CodedConcept(name, "99CATHETERBUNDLE", name.replace("_", " ").capitalize())


def said(group):
    return [(one.name, one.value) for one in group.get_qualitative_evaluations()]


def measured(group):
    return {one.name.value: one.value for one in group.get_measurements()}


def found_points(group):
    return np.asarray(group.roi.value)


def test_electrodes_and_centrelines_refer_to_their_frames(folder, cine):
    (path,) = write_all(StructuredReport(folder), cine)
    assert path == folder / "cine_sr.dcm"
    report, groups = read(path)
    assert len(groups) == 12
    assert (report.SeriesDescription, report.Manufacturer) == ("Catheters and electrodes", "catheter-bundle")
    assert report.CompletionFlag == "COMPLETE"
    (evidence,) = report.CurrentRequestedProcedureEvidenceSequence[0].ReferencedSeriesSequence[0].ReferencedSOPSequence
    assert evidence.ReferencedSOPInstanceUID == dcmread(cine[0].path).SOPInstanceUID
    catheter, first, second, loose = groups[4:8]  # frame 1
    assert catheter.roi.graphic_type.value == "POLYLINE"
    # Pixel centres lie half a pixel from DICOM's origin.
    np.testing.assert_allclose(found_points(catheter), [[20.5, 11.5], [60.5, 11.5]])
    np.testing.assert_allclose(found_points(second), [[31, 11.5]])
    image = second.roi.ContentSequence[0].ReferencedSOPSequence[0]
    assert image.ReferencedFrameNumber == 2
    assert [group.tracking_identifier for group in (catheter, first, loose)] == [
        "catheter 2",
        "electrode 5",
        "electrode",
    ]
    assert_valid(path)


def test_every_finding_says_what_it_is(folder, cine):
    (path,) = write_all(StructuredReport(folder), cine)
    report, groups = read(path)
    (observer,) = report.content.get_observer_contexts()
    assert observer.observer_identifying_attributes.name == "catheter-bundle"
    assert [one.finding_type for one in groups[:4]] == [codes.SCT.Catheter, *[own("electrode")] * 3]
    assert said(groups[0]) == [(own("catheter_type"), own("coronary_sinus"))]
    (flags,) = report.content.get_image_measurement_groups()
    assert said(flags) == [(own("image_flag"), own("saturated"))]
    (image,) = flags.source_images
    assert (image.referenced_sop_instance_uid, image.referenced_frame_numbers) == (
        dcmread(cine[0].path).SOPInstanceUID,
        [2],
    )


def test_electrodes_are_told_apart_by_the_number_of_their_catheter(folder, cine):
    (first,) = cine[0].catheters
    second = replace(first, id=1, type="unknown", tip_known=False, electrodes=(1,), track=7)
    electrodes = [cine[0].electrodes[0], replace(cine[0].electrodes[1], catheter=1, pole=0), cine[0].electrodes[2]]
    frame = replace(cine[0], frames=1, catheters=(first, second), electrodes=tuple(electrodes))
    (path,) = write_all(StructuredReport(folder), [frame])
    assert [measured(one) for one in read(path)[1][2:]] == [
        {"score": 0.9, "catheter_number": 2, "pole_from_the_tip": 1},
        {"score": 0.8, "catheter_number": 7, "pole_from_the_visible_end": 1},
        {"score": 0.4},
    ]


@pytest.mark.parametrize(("frames", "number"), [(1, None), (2, 1)])
def test_only_files_of_several_frames_have_frame_numbers(folder, cine, frames, number):
    (path,) = write_all(StructuredReport(folder), [replace(cine[0], frames=frames)])
    (image,) = read(path)[1][0].roi.ContentSequence
    assert image.ReferencedSOPSequence[0].get("ReferencedFrameNumber") == number


def test_lengths_carry_their_unit_and_plane(folder, cine):
    (path,) = write_all(StructuredReport(folder), cine)
    _, groups = read(path)
    (length,) = groups[0].get_measurements(name=codes.SCT.Length)
    assert (length.value, length.unit) == (10, codes.UCUM.Millimeter)
    assert "isocentre" in length[0].to_json()
    (path,) = write_all(StructuredReport(folder), [without_spacing(frame) for frame in cine])
    _, groups = read(path)
    (length,) = groups[0].get_measurements(name=codes.SCT.Length)
    assert (length.value, length.unit.value) == (40, "{pixels}")


def test_a_report_tells_how_sure_it_is_of_a_catheter_and_of_its_type(folder, cine):
    (path,) = write_all(StructuredReport(folder), cine)
    catheter = read(path)[1][0]
    sure = {one.name.value: one.value for one in catheter.get_measurements() if one.name != codes.SCT.Length}
    assert sure == {"confidence": 0.6, "type_confidence": 0.75}


@pytest.mark.parametrize(("tip_known", "name"), [(True, "pole_from_the_tip"), (False, "pole_from_the_visible_end")])
def test_poles_count_from_the_tip_only_where_it_is_seen(folder, cine, tip_known, name):
    catheters = tuple(replace(one, tip_known=tip_known) for one in cine[0].catheters)
    (path,) = write_all(StructuredReport(folder), [replace(cine[0], frames=1, catheters=catheters)])
    second = read(path)[1][2]
    assert measured(second) == {"score": 0.8, "catheter_number": 2, name: 2}
    assert_valid(path)


def test_a_track_keeps_its_uid(folder, cine):
    (path,) = write_all(StructuredReport(folder), cine)
    _, groups = read(path)
    uids = [{group.tracking_uid for group in groups[place::4]} for place in range(4)]
    assert [len(one) for one in uids] == [1, 1, 1, 3]  # the last one has no track
    assert len(set.union(*uids)) == 6


def test_flags_are_reported(folder, cine):
    (path,) = write_all(StructuredReport(folder), cine)
    report, _ = read(path)
    (group,) = report.content.get_image_measurement_groups()
    (flag,) = group.get_qualitative_evaluations()
    assert flag.value.value == "saturated"
    assert group.tracking_identifier == "frame 2"


@pytest.mark.parametrize("keep_identifiers", [False, True])
def test_types_of_any_language_are_kept(folder, cine, keep_identifiers):
    named = [replace(one, type="冠状静脉窦") for one in cine[0].catheters]
    report = StructuredReport(folder, keep_identifiers=keep_identifiers)
    (path,) = write_all(report, [replace(cine[0], frames=1, catheters=tuple(named))])
    assert dcmread(path).SpecificCharacterSet == "ISO_IR 192"
    (kind,) = read(path)[1][0].get_qualitative_evaluations()
    assert (kind.value.value, kind.value.meaning) == ("冠状静脉窦", "冠状静脉窦")
    assert_valid(path)


def test_a_long_cine_is_split_into_reports_of_one_series(folder, cine, monkeypatch):
    monkeypatch.setattr(structured_report, "GROUPS_PER_REPORT", 8)
    paths = write_all(StructuredReport(folder), cine)
    assert [path.name for path in paths] == ["cine_sr_0000.dcm", "cine_sr_0002.dcm"]
    reports = [dcmread(path) for path in paths]
    assert len({report.SeriesInstanceUID for report in reports}) == 1
    assert [(report.InstanceNumber, report.CompletionFlag) for report in reports] == [(1, "COMPLETE"), (2, "COMPLETE")]
    assert [len(read(path)[1]) for path in paths] == [8, 4]
    first, second = (read(path)[1][0] for path in paths)
    assert first.tracking_uid == second.tracking_uid


def test_only_a_report_with_other_letters_says_so(folder, cine, monkeypatch):
    monkeypatch.setattr(structured_report, "GROUPS_PER_REPORT", 4)
    named = [replace(one, type="冠状静脉窦") for one in cine[1].catheters]
    named += [replace(one, id=1, track=7, electrodes=()) for one in cine[1].catheters]
    paths = write_all(StructuredReport(folder), [cine[0], replace(cine[1], catheters=tuple(named)), cine[2]])
    assert [dcmread(path).get("SpecificCharacterSet") for path in paths] == [None, "ISO_IR 192", None]


def test_reports_of_an_earlier_run_are_replaced_as_a_whole(folder, cine, monkeypatch):
    cine = [replace(frame, source="sub/cine [1]") for frame in cine]
    others = [folder / "sub" / name for name in ("cine 1_sr.dcm", "cine [1]_sr_000.dcm", "cine [1]_sr_0000.dcm.dcm")]
    monkeypatch.setattr(structured_report, "GROUPS_PER_REPORT", 4)
    first = write_all(StructuredReport(folder), cine)
    assert [path.name for path in first] == [f"cine [1]_sr_000{frame}.dcm" for frame in range(3)]
    for path in others:
        path.write_bytes(b"not of this file")
    for groups in (8, 100, 4):
        monkeypatch.setattr(structured_report, "GROUPS_PER_REPORT", groups)
        written = write_all(StructuredReport(folder), cine)
        assert sorted((folder / "sub").iterdir()) == sorted([*others, *written])


def test_a_run_that_fails_leaves_the_reports_of_an_earlier_one(folder, cine):
    written = write_all(StructuredReport(folder), cine)
    report = StructuredReport(folder)
    report.start(cine[0])
    report.add(cine[0])
    report.discard()
    assert list(folder.iterdir()) == written


def test_nothing_found_is_a_valid_report(folder, tmp_path):
    path = write_cine(tmp_path / "a.dcm", frames=1)
    source = dcmread(path)
    (path,) = write_all(StructuredReport(folder), [make_empty_frame(path=path)])
    report, groups = read(path)
    assert groups == []
    (nothing,) = report.content.get_image_measurement_groups()
    assert nothing.finding_type == own("nothing_found")
    assert [one.referenced_sop_instance_uid for one in nothing.source_images] == [source.SOPInstanceUID]
    assert_valid(path)


def test_a_centreline_of_one_point_is_a_point(folder, cine):
    short = [replace(one, centerline=one.centerline[:1]) for one in cine[0].catheters]
    (path,) = write_all(StructuredReport(folder), [replace(cine[0], frames=1, catheters=tuple(short))])
    assert read(path)[1][0].roi.graphic_type.value == "POINT"
    assert_valid(path)


def test_a_broken_off_file_makes_a_partial_report(folder, cine):
    (path,) = write_all(StructuredReport(folder), cine[:2], complete=False)
    assert dcmread(path).CompletionFlag == "PARTIAL"


def test_other_files_are_refused(folder, tmp_path):
    picture = tmp_path / "a.png"
    picture.write_bytes(b"no DICOM")
    with pytest.raises(InputError, match="need a DICOM input"):
        StructuredReport(folder).start(make_frame(path=picture))
    nameless = write_cine(tmp_path / "a.dcm", StudyInstanceUID=None)
    with pytest.raises(InputError, match="StudyInstanceUID"):
        StructuredReport(folder).start(make_frame(path=nameless))
    assert not folder.exists()
