import av
import numpy as np
import pytest
from pydicom import Dataset

from custom.results.playback import DEFAULT_RATE, playback_rate
from tests.results.frames import write_cine


@pytest.mark.parametrize(
    ("attributes", "rate"),
    [
        ({"FrameTime": "200"}, 5),
        ({"FrameTime": "200", "CineRate": 15}, 15),
        ({"CineRate": 15, "RecommendedDisplayFrameRate": 4}, 4),
        ({"FrameTime": None, "FrameTimeVector": [0, 100, 300]}, 5),
        ({"FrameTime": None}, DEFAULT_RATE),
        ({"FrameTime": "0"}, DEFAULT_RATE),
        ({"CineRate": None, "RecommendedDisplayFrameRate": None}, 5),
        ({"CineRate": [15, 30]}, 15),
        ({"FrameTime": ["100", "200"]}, 10),
        ({"FrameTime": None, "FrameTimeVector": 50}, 20),
        ({"FrameTime": "1"}, 1000),
        ({"FrameTime": "0.0001"}, DEFAULT_RATE),
        ({"FrameTime": "100000"}, 0.01),
        ({"FrameTime": "3000000"}, DEFAULT_RATE),  # films would round it to none at all
        ({"FrameTime": "0.0001", "FrameTimeVector": [0, 100, 300]}, 5),
        ({"FrameTime": "200", "CineRate": 100000}, 5),
        ({"FrameTime": None, "CineRate": 15, "RecommendedDisplayFrameRate": 100000}, 15),
    ],
)
def test_rate_of_a_dicom_cine(tmp_path, attributes, rate):
    assert playback_rate(write_cine(tmp_path / "a.dcm", **attributes)) == pytest.approx(rate)


def item(**attributes):
    dataset = Dataset()
    for keyword, value in attributes.items():
        setattr(dataset, keyword, value)
    return dataset


def taken_at(keyword, *times):
    return {"PerFrameFunctionalGroupsSequence": [item(FrameContentSequence=[item(**{keyword: at})]) for at in times]}


TAKEN_AT_8 = taken_at("FrameAcquisitionDateTime", "20240101235959.9", "20240102000000.025", "20240102000000.15")


@pytest.mark.parametrize(
    ("attributes", "rate"),
    [
        (TAKEN_AT_8, 8),
        ({**TAKEN_AT_8, "FrameDisplaySequence": [item(RecommendedDisplayFrameRateInFloat=4.0)]}, 4),
        ({**TAKEN_AT_8, "FrameDisplaySequence": [item(StartTrim=1)]}, 8),
        ({**TAKEN_AT_8, "FrameTime": "200"}, 5),
        (taken_at("FrameReferenceDateTime", "20240101120000", "20240101120000.5"), 2),
        (taken_at("FrameReferenceDateTime", "20240101120000", "20240101120000"), DEFAULT_RATE),
        (taken_at("FrameReferenceDateTime", "20240101120000", "20240101120001+0100"), DEFAULT_RATE),
        (taken_at("FrameReferenceDateTime", "20240101120000", ""), DEFAULT_RATE),
        (taken_at("FrameReferenceDateTime", "20240101120000"), DEFAULT_RATE),
    ],
)
def test_rate_of_an_enhanced_image(tmp_path, attributes, rate):
    path = write_cine(tmp_path / "a.dcm", **{"FrameTime": None, **attributes})
    assert playback_rate(path) == pytest.approx(rate)


def test_rate_of_a_video(tmp_path):
    path = tmp_path / "a.mp4"
    with av.open(path, "w") as film:
        stream = film.add_stream("mpeg4", rate=12)
        stream.width, stream.height = 32, 16
        for _ in range(3):
            film.mux(stream.encode(av.VideoFrame.from_ndarray(np.zeros((16, 32), np.uint8), format="gray")))
        film.mux(stream.encode(None))
    assert playback_rate(path) == pytest.approx(12)


def test_pictures_have_no_rate_of_their_own(tmp_path):
    (tmp_path / "a.tif").write_bytes(b"no matter")
    assert playback_rate(tmp_path / "a.tif") == DEFAULT_RATE
