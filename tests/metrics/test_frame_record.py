import numpy as np
import pytest
import torch

from custom.metrics.frame_record import record_frame
from custom.transforms import FitToNetworkd, PrepareLabelsd

ELECTRODE = {"x": 61.3, "y": 100.8, "width": 14.0, "height": 12.0}


def sample(mask=None, electrodes=None):
    data = {
        "image": torch.rand(1, 150, 280),
        "mask": mask,
        "electrodes": electrodes,
        "sample_index": 3,
        "name": "a.png",
        "case": "c",
        "pixel_spacing_mm": torch.tensor([0.5, 0.25]),
        "spacing_plane": "detector",
    }
    return FitToNetworkd(size=(96, 160), scale_to_size=True, keep_original_mask=True)(
        PrepareLabelsd(max_electrodes=4)(data)
    )


def prediction(mask, electrodes=()):
    return {"pred": mask, "pred_electrodes": torch.tensor(electrodes).reshape(-1, 5)}


def band(top, bottom):
    mask = torch.zeros(1, 150, 280, dtype=torch.uint8)
    mask[:, top:bottom] = 1
    return mask


def measure(label, found, **options):
    return record_frame(label, found, **{"minimum_score": 0.3, "keep_picture": False, **options})


def test_labels_come_back_on_the_original_grid():
    record = measure(sample(band(10, 20), [ELECTRODE]), prediction(band(10, 20), [61.0, 100.0, 14.0, 12.0, 0.9]))
    assert record.true_boxes.tolist() == [pytest.approx([61.3, 100.8, 14.0, 12.0], abs=1e-4)]
    assert record.electrodes.tolist() == [pytest.approx([61.0, 100.0, 14.0, 12.0, 0.9])]
    assert record.mm_per_pixel.tolist() == [0.25, 0.5]
    assert record.picture is None
    assert (record.sample_index, record.name, record.case, record.spacing_plane) == (3, "a.png", "c", "detector")
    assert record.displacements(3.0).tolist() == [pytest.approx([-0.3, -0.8], abs=1e-4)]
    assert record.displacements(3.0, "mm").tolist() == [pytest.approx([-0.075, -0.4], abs=1e-4)]


@pytest.mark.parametrize(
    ("true", "found", "expected"),
    [((10, 30), (20, 40), 1 / 3), ((0, 0), (0, 0), 1.0), ((0, 0), (0, 5), 0.0), ((7, 9), (7, 9), 1.0)],
)
def test_region_similarity(true, found, expected):
    assert measure(sample(band(*true)), prediction(band(*found))).region_similarity == pytest.approx(expected)


def test_what_is_not_annotated_is_undefined():
    record = measure(sample(), prediction(band(0, 5), [5.0, 5.0, 4.0, 4.0, 0.9]))
    assert np.isnan(record.region_similarity)
    assert record.true_boxes is None
    assert not record.has_labels("px")
    assert len(record.displacements(3.0)) == 0


def test_padding_of_a_mixed_batch_is_cut_off():
    label = sample(band(10, 20))
    label["mask_original"] = torch.nn.functional.pad(label["mask_original"], (0, 30, 0, 40), value=1)
    assert measure(label, prediction(band(10, 20))).region_similarity == 1


def test_picture_holds_both_masks():
    label = sample(band(10, 20))
    label["image"] = torch.full((1, 96, 160), 0.6)
    record = measure(label, prediction(band(12, 20)), keep_picture=True)
    found = np.unpackbits(record.picture.found_mask)[: 150 * 280].reshape(150, 280)
    assert (found.any(1).argmax(), found.sum()) == (12, 8 * 280)
    assert record.picture.pixels.shape == (96, 160)
    assert (record.picture.pixels == 153).all()
    true = np.unpackbits(record.picture.true_mask)[: 150 * 280].reshape(150, 280)
    assert (true.any(1).argmax(), true.sum()) == (10, 10 * 280)
    assert measure(sample(), prediction(band(0, 1)), keep_picture=True).picture.true_mask is None


def test_pixels_of_the_true_mask_and_of_the_largest_found_piece():
    found = band(10, 12) | band(20, 21)
    found[:, 10:12, 100:] = 0  # 200 pixels in two rows, 280 in one
    record = measure(sample(band(7, 9), []), prediction(found))
    assert (record.true_mask_pixels, record.largest_piece_pixels) == (2 * 280, 280)
    assert measure(sample(), prediction(band(0, 0))).true_mask_pixels is None
    assert [measure(sample(), prediction(band(3, end))).largest_piece_pixels for end in (3, 5)] == [0, 560]
