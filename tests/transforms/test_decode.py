import pytest
import torch
from ignite.engine import Events
from monai.data import DataLoader, MetaTensor
from monai.engines import SupervisedEvaluator
from torch import nn

from custom.errors import InputError
from custom.transforms import DecodePredictiond, FitToNetworkd, FrameGeometry, HeadTargets, PrepareLabelsd

ELECTRODES = [
    {"x": 61.3, "y": 100.8, "width": 14.0, "height": 12.0},
    {"x": 220.7, "y": 40.2, "width": 12.0, "height": 16.0},
]


def fitted_frame(index=0):
    mask = torch.zeros(1, 150, 280, dtype=torch.uint8)
    mask[:, 40:70, 30:200] = 1
    data = {"image": torch.rand(1, 150, 280), "mask": mask, "electrodes": ELECTRODES, "sample_index": index}
    data = PrepareLabelsd(max_electrodes=4)({**data, "name": "a.png"})
    return FitToNetworkd(size=(96, 160), scale_to_size=True, keep_original_mask=True)(data)


def perfect_logits(batch):
    target = HeadTargets(2)(batch)
    heads = {"center": torch.logit(target["center"], eps=1e-6), "size": target["size"], "offset": target["offset"]}
    return heads | {"segmentation": 20 * batch["mask"] - 10}


def perfect_logits_of_one(frame):
    return {head: values[0] for head, values in perfect_logits(_batched(frame)).items()}


def _batched(frame):
    return {key: frame[key][None] for key in ("mask", "electrodes", "electrode_valid")}


def check(result):
    expected = torch.tensor([[e["x"], e["y"], e["width"], e["height"]] for e in ELECTRODES])
    found = result["pred_electrodes"][result["pred_electrodes"][:, 0].argsort()]
    assert found[:, :4].allclose(expected, atol=0.05)
    assert (found[:, 4] > 0.99).all()
    assert result["pred"].dtype == torch.uint8
    assert result["pred"].shape == (1, 150, 280)
    truth = result["mask_original"].bool()
    assert (result["pred"].bool() & truth).sum() / (result["pred"].bool() | truth).sum() > 0.95


def test_a_perfect_network_gives_the_labels_back():
    frame = fitted_frame()
    check(DecodePredictiond()({**frame, "pred": perfect_logits_of_one(frame)}))


def test_the_probability_of_the_mask_on_the_original_frame():
    frame = fitted_frame()
    result = DecodePredictiond(threshold=0.7)({**frame, "pred": perfect_logits_of_one(frame)})
    assert result["mask_probability"].shape == (1, 150, 280)
    assert torch.equal(result["mask_probability"] >= 0.7, result["pred"].bool())


def test_heads_beside_the_image_as_monai_label_puts_them():
    frame = fitted_frame()
    result = DecodePredictiond()({**frame, **perfect_logits_of_one(frame)})
    check(result)
    assert "center" not in result


def test_mask_takes_the_metadata_of_the_image():
    frame = fitted_frame()
    frame["image"] = MetaTensor(frame["image"], meta={"filename_or_obj": "a.png"})
    result = DecodePredictiond()({**frame, "pred": perfect_logits_of_one(frame)})
    assert result["pred"].meta["filename_or_obj"] == "a.png"


def test_threshold_and_minimum_score():
    frame = fitted_frame()
    pred = perfect_logits_of_one(frame)
    pred["segmentation"] = torch.full_like(pred["segmentation"], 0.0)
    pred["center"] = pred["center"] - 15
    strict = DecodePredictiond(threshold=0.51)({**frame, "pred": pred})
    assert not strict["pred"].any()
    assert strict["pred_electrodes"].shape == (0, 5)
    loose = DecodePredictiond(threshold=0.5, minimum_score=0.1)({**frame, "pred": pred})
    assert loose["pred"].all()
    assert len(loose["pred_electrodes"]) == 2
    request = {"mask_threshold": 0.5, "minimum_score": 0.1}
    requested = DecodePredictiond(threshold=0.51)({**frame, **request, "pred": pred})
    assert requested["pred"].all()
    assert len(requested["pred_electrodes"]) == 2


@pytest.mark.parametrize("field", ["mask_threshold", "minimum_score"])
@pytest.mark.parametrize("value", [2, "0.3", None, float("nan")])
def test_a_request_of_monai_label_with_what_is_no_probability_is_refused(field, value):
    frame = fitted_frame()
    with pytest.raises(InputError, match=rf"^{field}: no probability.*a number from 0 to 1"):
        DecodePredictiond()({**frame, **perfect_logits_of_one(frame), field: value})


def without_spacing():
    """Logits of a frame with one piece of mask, of 20 pixels."""
    geometry, size = FrameGeometry.at_scale(100, 180, 1.0, multiple=16)
    segmentation = torch.full((1, 100, 180), -9.0)
    segmentation[0, 60:62, 100:110] = 9
    logits = {"segmentation": geometry.image_to_network(segmentation, size), "center": torch.full((1, 56, 96), -9.0)}
    logits |= {"size": torch.ones(2, 56, 96)}
    return {"pred": logits, "geometry": geometry.to_tensor()}


@pytest.mark.parametrize(
    ("spacing", "kept"),
    [
        ({}, 1),  # a field of 180 mm over 180 columns: 20 mm2
        ({"pixel_spacing_mm": torch.tensor([0.5, 0.5]), "spacing_plane": "detector"}, 0),  # 5 mm2
        ({"pixel_spacing_mm": torch.tensor([0.5, 0.5]), "spacing_plane": "isocentre"}, 1),  # enlarged by 1.45: 10.5 mm2
    ],
)
def test_small_pieces_of_mask_are_dropped_by_their_area_at_the_detector(spacing, kept):
    data = {**without_spacing(), **spacing}
    assert DecodePredictiond(smallest_piece_mm2=0)(data)["pred"].sum() == 20
    assert DecodePredictiond(smallest_piece_mm2=6)(data)["pred"].sum() == 20 * kept


def test_bars_of_a_film_do_not_make_its_pixels_finer():
    data = {**without_spacing(), "field_side": 90}  # 2 mm a pixel instead of 1
    assert DecodePredictiond(smallest_piece_mm2=30)(data)["pred"].sum() == 20
    assert DecodePredictiond(smallest_piece_mm2=30)({**data, "field_side": 180})["pred"].sum() == 0


def test_a_piece_of_mask_counts_by_its_certain_pixels():
    probability = torch.full((1, 48, 80), 0.1)
    probability[0, 4:8, 10:40] = 0.45
    probability[0, 6, 20] = 0.95
    probability[0, 30:34, 10:40] = 0.75
    heads = {"center": torch.full((1, 24, 40), -9.0), "size": torch.ones(2, 24, 40)}
    geometry = FrameGeometry.at_scale(48, 80, 1.0, multiple=16)[0].to_tensor()
    data = {"pred": {"segmentation": probability.logit(), **heads}, "geometry": geometry}
    upper, lower = [4, 5, 6, 7], [30, 31, 32, 33]
    pixel = (180 / 80) ** 2  # mm2, without a known spacing

    def rows(piece_threshold, smallest):
        decode = DecodePredictiond(0.4, piece_threshold=piece_threshold, smallest_piece_mm2=smallest)
        return decode(data)["pred"][0].any(dim=1).nonzero()[:, 0].tolist()

    assert rows(0.0, 119 * pixel) == rows(0.4, 119 * pixel) == upper + lower
    assert rows(0.7, 0.9 * pixel) == upper + lower
    assert rows(0.7, 1.1 * pixel) == lower
    assert rows(0.9, 0.9 * pixel) == upper
    assert rows(0.99, 0.9 * pixel) == []
    assert rows(0.99, 0) == upper + lower


def test_the_spread_of_an_electrode_is_in_pixels_of_the_frame():
    frame = fitted_frame()  # 280 columns on 160: 1.75 pixels of the frame in one of the network
    (x, y), (other_x, other_y) = frame["electrodes"][:2, :2].tolist()
    views = torch.tensor([[[x + 1, y, 0.9], [other_x, other_y - 2, 0.8]], [[x - 1, y, 0.9], [other_x, other_y, 0.0]]])
    result = DecodePredictiond()({**frame, "pred": {**perfect_logits_of_one(frame), "electrode_views": views}})
    by_x = result["electrode_spread"][result["pred_electrodes"][:, 0].argsort()]
    assert by_x.tolist() == pytest.approx([1.75, float("nan")], nan_ok=True)  # one view alone has no spread


@pytest.mark.parametrize("value", [-0.1, 1.1, float("nan"), "high"])
@pytest.mark.parametrize(
    ("argument", "field"),
    [("threshold", "mask_threshold"), ("piece_threshold", "piece_threshold"), ("minimum_score", "minimum_score")],
)
def test_what_is_no_probability_is_refused(argument, field, value):
    with pytest.raises(InputError, match=rf"{field}: .*a number from 0 to 1"):
        DecodePredictiond(**{argument: value})


def test_a_negative_area_is_refused():
    with pytest.raises(InputError, match="smallest_piece_mm2"):
        DecodePredictiond(smallest_piece_mm2=-1.0)


class PerfectNetwork(nn.Module):
    """Knows the labels of the only frame there is."""

    def __init__(self, frame):
        super().__init__()
        self.frame = frame

    def forward(self, image):
        batch = {key: values.expand(len(image), *values.shape[1:]) for key, values in _batched(self.frame).items()}
        return perfect_logits(batch)


@pytest.mark.parametrize("batch_size", [1, 2])
def test_in_an_evaluator(batch_size):
    frames = [fitted_frame(index) for index in range(3)]
    evaluator = SupervisedEvaluator(
        device=torch.device("cpu"),
        val_data_loader=DataLoader(frames, batch_size=batch_size),
        network=PerfectNetwork(frames[0]),
        prepare_batch=lambda batch, device, non_blocking: (batch["image"], batch),
        postprocessing=DecodePredictiond(),
    )
    seen = []

    @evaluator.on(Events.ITERATION_COMPLETED)
    def collect(engine):
        for truth, output in zip(engine.state.batch, engine.state.output, strict=True):
            check({**truth, **output})
            seen.append(int(truth["sample_index"]))
            assert truth["electrodes"].equal(frames[0]["electrodes"])

    evaluator.run()
    assert seen == [0, 1, 2]


def test_electrodes_in_the_border_that_the_network_adds_are_none():
    data = {"image": torch.rand(1, 20, 40)}  # padded to 32 x 48: 6 rows above, 4 columns to the left
    frame = FitToNetworkd()(data)
    center = torch.full((1, 16, 24), -9.0)
    for row, column in ((2, 3), (9, 14), (14, 5)):  # of cells of two pixels: above, on the frame, below
        center[0, row, column] = 9.0
    heads = {"center": center, "size": torch.full((2, 16, 24), 3.0), "segmentation": torch.full((1, 32, 48), -9.0)}
    result = DecodePredictiond()({**frame, "pred": heads})
    assert result["pred_electrodes"][:, :2].tolist() == [[24.5, 12.5]]
