import numpy as np
import pytest
from pydicom import Dataset

from custom.data.dicom_spacing import projection_spacing
from custom.data.frame import file_spacing
from custom.data.reader import read_frame
from custom.errors import InputError
from tests.data.dicom_files import write_dicom

DISTANCES = {"DistanceSourceToDetector": 1200, "DistanceSourceToPatient": 800}


@pytest.mark.parametrize(
    ("attributes", "spacing", "plane"),
    [
        ({}, None, None),
        ({"ImagerPixelSpacing": [0.3, 0.6]}, (0.3, 0.6), "detector"),
        ({"ImagerPixelSpacing": [0.3, 0.6], **DISTANCES}, (0.2, 0.4), "isocentre"),
        ({"ImagerPixelSpacing": [0.3, 0.6], "EstimatedRadiographicMagnificationFactor": 1.2}, (0.25, 0.5), "isocentre"),
        (
            {"ImagerPixelSpacing": [0.3, 0.6], "EstimatedRadiographicMagnificationFactor": 1.2, **DISTANCES},
            (0.2, 0.4),
            "isocentre",
        ),
        ({"ImagerPixelSpacing": [0.3, 0.6], **DISTANCES, "DistanceSourceToPatient": 0}, (0.3, 0.6), "detector"),
        ({"ImagerPixelSpacing": [0.3, 0.6], "DistanceSourceToPatient": 800}, (0.3, 0.6), "detector"),
        ({"ImagerPixelSpacing": [0.3, 0.6], "EstimatedRadiographicMagnificationFactor": 1}, (0.3, 0.6), "isocentre"),
        # The detector cannot be nearer than the patient.
        ({"ImagerPixelSpacing": [0.3, 0.6], **DISTANCES, "DistanceSourceToPatient": 1300}, (0.3, 0.6), "detector"),
        ({"ImagerPixelSpacing": [0.3, 0.6], "PixelSpacing": [0.3, 0.6]}, (0.3, 0.6), "detector"),
        ({"ImagerPixelSpacing": [0.3, 0.6], "PixelSpacing": [0.3, 0.6], **DISTANCES}, (0.2, 0.4), "isocentre"),
        ({"ImagerPixelSpacing": [0.3, 0.6], "PixelSpacing": [0.3000001, 0.6], **DISTANCES}, (0.2, 0.4), "isocentre"),
        ({"ImagerPixelSpacing": [0.3, 0.6], "PixelSpacing": [0.21, 0.42], **DISTANCES}, (0.21, 0.42), "isocentre"),
        ({"ImagerPixelSpacing": [0.3, 0.6], "PixelSpacing": [0.3, 0.42], **DISTANCES}, (0.3, 0.42), "isocentre"),
        (
            {"PixelSpacing": [0.3, 0.6], "ImagerPixelSpacing": [0.3, 0.6], "PixelSpacingCalibrationType": "FIDUCIAL"},
            (0.3, 0.6),
            "isocentre",
        ),
        ({"PixelSpacing": [0.3, 0.6]}, None, None),
        ({"ImagerPixelSpacing": [0.0, 0.6]}, (0.0, 0.6), "detector"),
        ({"ObjectPixelSpacingInCenterOfBeam": [0.2, 0.4], "ImagerPixelSpacing": [0.3, 0.6]}, (0.2, 0.4), "isocentre"),
        (
            {"ImagerPixelSpacing": [0.3, 0.6], "DistanceSourceToDetector": 1200, "DistanceSourceToIsocenter": 800},
            (0.2, 0.4),
            "isocentre",
        ),
        ({"ImagerPixelSpacing": []}, None, None),
        ({"ImagerPixelSpacing": [0.3, 0.6], "EstimatedRadiographicMagnificationFactor": 14}, (0.3, 0.6), "detector"),
        ({"ImagerPixelSpacing": [0.3, 0.6], "EstimatedRadiographicMagnificationFactor": 5}, (0.06, 0.12), "isocentre"),
        # The distance to the patient in centimetres.
        ({"ImagerPixelSpacing": [0.3, 0.6], **DISTANCES, "DistanceSourceToPatient": 80}, (0.3, 0.6), "detector"),
    ],
)
def test_spacing_says_its_plane(attributes, spacing, plane):
    dataset = Dataset()
    for keyword, value in attributes.items():
        setattr(dataset, keyword, value)
    found, found_plane = projection_spacing(dataset)
    assert found_plane == plane
    assert found == (None if spacing is None else pytest.approx(spacing))


@pytest.mark.parametrize("keyword", ["ImagerPixelSpacing", "PixelSpacing"])
@pytest.mark.parametrize(("values", "found"), [("0.3", "0.3"), (["0.3", "0.4", "0.5"], r"0\.3.*0\.4.*0\.5")])
def test_a_spacing_that_is_no_pair_is_a_fault_where_no_other_is_given(tmp_path, ramp, keyword, values, found):
    path = write_dicom(tmp_path / "frame.dcm", ramp, **{keyword: values})
    frame = read_frame(path)
    np.testing.assert_array_equal(frame.pixels, ramp)
    with pytest.raises(InputError, match=rf"{keyword}: .* found '{found}'; expected row and column.*pixel-spacing-mm"):
        file_spacing(frame, source=path)
