"""Exported files find what the network finds, or are not written."""

import copy

import numpy as np
import pytest
import torch

from custom.errors import CatheterError, InputError
from custom.export import CheckFrame, ExportCheck, export_format, export_network, measure_accuracy
from custom.export.accuracy import Accuracy
from custom.networks import lite_catheter_net

ROWS, COLUMNS = 64, 96
POSSIBLE = "onnx in fp32 fp16 int8, torchscript in fp32 fp16, openvino in fp32 fp16 int8"


class Marks(torch.nn.Module):
    """Marks bright pixels, and an electrode `shift` pixels to the right of each very bright one."""

    def __init__(self, shift=0.0):
        super().__init__()
        self.shift = torch.nn.Parameter(torch.tensor(shift))

    def forward(self, image):
        offset = torch.cat([torch.ones_like(image) * self.shift, torch.zeros_like(image)], dim=1)
        return {
            "segmentation": 8 * image - 4,
            "center": 8 * image - 10,
            "size": torch.ones_like(offset),
            "offset": offset,
        }


@pytest.fixture
def frames():
    """Two frames with a line and two electrodes each, the first with its mask."""
    image = torch.zeros(1, 1, ROWS, COLUMNS)
    image[..., 20, 10:50] = 1
    image[..., 20, [15, 40]] = 2
    return [CheckFrame(image, image > 0), CheckFrame(image.flip(-1), None)]


def accuracy(exported, frames):
    return measure_accuracy(exported, Marks(), frames, threshold=0.5, minimum_score=0.3)


def test_the_network_itself_is_as_accurate_as_can_be(frames):
    found = accuracy(Marks(), frames)
    assert (found.logits, found.j_network, found.j_exported, found.only_one) == (0, 1, 1, 0)
    assert found.displacements.tolist() == [0] * 4
    assert found.fault(exact=True) is found.fault(exact=False) is None


def test_electrodes_that_moved_are_measured_and_refused(frames):
    found = accuracy(Marks(0.25), frames)
    np.testing.assert_allclose(found.displacements, [0.25] * 4)
    assert "95 % of the electrodes may lie 0.1 px apart" in found.fault(exact=False)
    assert "logits may differ by 1e-04" in found.fault(exact=True)
    assert accuracy(Marks(0.09), frames).fault(exact=False) is None


def test_masks_and_lost_electrodes_are_measured(frames):
    def blind(image):
        logits = Marks()(image)
        logits["segmentation"][..., :30] = -4  # of the first line's 40 pixels 20 are left, and one of its electrodes
        logits["center"][..., :30] = -10
        return logits

    found = accuracy(blind, frames)
    assert (found.j_network, found.only_one) == (1, 1)
    # Of the second frame, whose line lies at columns 46 to 85, nothing is lost.
    assert found.j_exported == pytest.approx(0.75)


@pytest.mark.parametrize(("j", "fits"), [(0.7049, True), (0.7051, False), (0.6951, True), (0.6949, False)])
def test_j_may_differ_by_half_a_hundredth(j, fits):
    fault = Accuracy(3.0, 0.7, j, np.zeros(100), 0).fault(exact=False)
    assert (fault is None) is fits


@pytest.mark.parametrize(("both", "only_one", "fits"), [(100, 5, True), (100, 6, False), (0, 0, True), (0, 1, False)])
def test_one_of_twenty_electrodes_may_be_found_by_one_alone(both, only_one, fits):
    found = Accuracy(3.0, 0.7, 0.7, np.zeros(both), only_one)
    assert (found.fault(exact=False) is None) is fits
    assert f"{both} electrodes found by both, 0.000 px apart" in found.describe()


def test_the_true_mask_counts_where_it_is_known_and_the_largest_difference_of_all_frames(frames):
    def off(image):
        logits = Marks()(image)
        if torch.equal(image, frames[0].image):
            logits["segmentation"][..., :30] = -3.5  # of the line's 40 pixels 20 are left
        return logits

    half = frames[0].mask.clone()
    half[..., 30:] = False
    known = accuracy(off, [CheckFrame(frames[0].image, half), frames[1]])
    assert (known.j_network, known.j_exported, known.logits) == ((0.5 + 1) / 2, (0 + 1) / 2, 15.5)
    unknown = accuracy(off, [CheckFrame(frames[0].image, None), frames[1]])
    assert (unknown.j_network, unknown.j_exported) == (1, 0.75)


def test_the_check_refuses_what_is_found_elsewhere_by_the_scores_that_it_is_given(frames):
    assert ExportCheck(Marks(), frames, exact=False)(Marks(0.09)).displacements == pytest.approx([0.09] * 4, abs=1e-4)
    with pytest.raises(CatheterError, match=r"nothing was written: 95 % of the electrodes .* 0\.250 px apart"):
        ExportCheck(Marks(), frames, exact=False)(Marks(0.25))
    # Centres have the score 0.998, and of the masks the two brightest pixels of each line are as sure.
    assert len(ExportCheck(Marks(), frames, exact=False, minimum_score=0.999)(Marks(0.25)).displacements) == 0

    def sure_of_two(image):
        logits = Marks()(image)
        return logits | {"segmentation": logits["segmentation"].where(image == 2, -4)}

    assert ExportCheck(Marks(), frames[1:], exact=False, threshold=0.99)(sure_of_two).j_exported == 1
    with pytest.raises(CatheterError, match="J may differ"):
        ExportCheck(Marks(), frames[1:], exact=False)(sure_of_two)


@pytest.fixture(scope="module")
def network():
    torch.manual_seed(0)
    return lite_catheter_net(projection_channels=16, decoder_channels=(16, 16, 8), head_channels=8).eval()


@pytest.fixture(scope="module")
def noise():
    generator = torch.Generator().manual_seed(2)
    return [CheckFrame(torch.rand((1, 1, ROWS, COLUMNS), generator=generator), None) for _ in range(4)]


@pytest.mark.parametrize(
    ("name", "precision", "files"),
    [
        ("onnx", "fp32", ["model.onnx"]),
        ("onnx", "fp16", ["model.onnx"]),
        ("onnx", "int8", ["model.onnx"]),
        ("torchscript", "fp32", ["model.ts"]),
        ("torchscript", "fp16", ["model.ts"]),
        ("openvino", "fp32", ["model.bin", "model.xml"]),
        ("openvino", "fp16", ["model.bin", "model.xml"]),
        pytest.param("openvino", "int8", ["model.bin", "model.xml"], marks=pytest.mark.slow),
    ],
)
def test_every_format_and_precision_is_written_whole(network, noise, tmp_path, name, precision, files):
    kind = export_format(name, precision)
    check = ExportCheck(network, noise, exact=precision == "fp32")
    path = tmp_path / "new" / f"model{kind.suffix}"
    images = [frame.image for frame in noise]
    written, found = export_network(network, path, kind=kind, precision=precision, calibration=images, check=check)
    assert sorted(file.name for file in path.parent.iterdir()) == files
    assert sorted(written) == [path.parent / file for file in files]
    runner = kind.load(path)
    with torch.inference_mode():
        again = measure_accuracy(runner, network, noise, threshold=0.5, minimum_score=0.3)
    assert again.logits == pytest.approx(found.logits, rel=0.5)
    # Lower precisions are really lower, and int8 more than fp16.
    low, high = {"fp32": (0, 1e-4), "fp16": (0, 0.1), "int8": (1e-4, 2)}[precision]
    assert low <= found.logits <= high


@pytest.mark.parametrize("name", ["onnx", "torchscript", "openvino"])
def test_float16_holds_the_feature_distance_of_large_frames(network, tmp_path, name):
    network = copy.deepcopy(network)
    channels = len(network.feature_distance.mean)
    network.feature_distance.set(torch.zeros(channels), torch.eye(channels), 3.0)
    image = torch.rand((1, 1, 512, 528), generator=torch.Generator().manual_seed(3))  # more places than float16 counts
    kind = export_format(name, "fp16")
    path = tmp_path / f"model{kind.suffix}"
    kind.writers["fp16"](copy.deepcopy(network), path, [])
    with torch.inference_mode():
        found, expected = kind.load(path)(image)["feature_distance"], network(image)["feature_distance"]
    torch.testing.assert_close(found.float().cpu(), expected, rtol=0.01, atol=0)


def test_what_fails_the_check_leaves_what_was_there(network, noise, tmp_path):
    other = lite_catheter_net(projection_channels=16, decoder_channels=(16, 16, 8), head_channels=8).eval()
    path = tmp_path / "model.ts"
    path.write_text("old")
    check = ExportCheck(other, noise, exact=True)
    with pytest.raises(CatheterError, match="wrong for an input of"):
        export_network(
            network, path, kind=export_format("torchscript", "fp32"), precision="fp32", calibration=[], check=check
        )
    assert [(file.name, file.read_text()) for file in tmp_path.iterdir()] == [("model.ts", "old")]


@pytest.mark.parametrize(("name", "precision"), [("tensorflow", "fp32"), ("torchscript", "int8"), ("onnx", "fp8")])
def test_impossible_combinations_are_answered_with_the_possible_ones(name, precision):
    with pytest.raises(InputError, match=POSSIBLE):
        export_format(name, precision)


def test_a_missing_package_is_named(monkeypatch):
    monkeypatch.setattr("custom.export.formats.find_spec", lambda name: None if name == "nncf" else name)
    with pytest.raises(InputError, match=r"openvino in int8 needs nncf\. pip install"):
        export_format("openvino", "int8")
    assert export_format("openvino", "fp16").suffix == ".xml"
