"""`catheter export` and MONAI's own exporters, as users type them."""

import io
import sys

import pytest
import torch
from monai.bundle import ckpt_export, onnx_export

from custom.engines import largest_difference
from custom.engines.onnx_engine import OnnxRunner
from custom.export import FORMATS
from custom.networks import lite_catheter_net
from custom.workflow import bundle_root
from tests.tiny_data import write_tiny_data
from tests.tiny_weights import write_tiny_weights

OUTPUTS = ["segmentation", "center", "size", "offset", "feature_distance"]


@pytest.fixture(scope="module")
def weights(tmp_path_factory):
    return write_tiny_weights(tmp_path_factory.mktemp("weights") / "model.pt")


@pytest.fixture
def network(weights):
    network = lite_catheter_net().eval()
    network.load_state_dict(torch.load(weights, weights_only=True))
    return network


@pytest.mark.slow
def test_a_file_is_checked_on_simulated_frames_and_says_what_it_is(catheter, weights, network, tmp_path, capsys):
    path = tmp_path / "lite.onnx"
    catheter("export", "onnx", "--weights", weights, "--overrides", "lite", "--output", path, "--frames", 2)
    printed = capsys.readouterr().out
    assert "2 frames: logits differ by at most" in printed
    assert f"wrote {path}: " in printed
    with torch.inference_mode():
        image = torch.rand(2, 1, 48, 80)
        assert largest_difference(OnnxRunner(path)(image), network(image)) <= 1e-4


@pytest.mark.slow
def test_a_datalist_gives_the_frames(catheter, weights, tmp_path, capsys):
    datalist = write_tiny_data(tmp_path / "data")
    path = tmp_path / "lite.ts"
    options = ("--weights", weights, "--overrides", "lite", "--output", path, "--datalist", datalist, "--frames", 1)
    catheter("export", "torchscript", *options)
    assert "1 frame: " in capsys.readouterr().out
    assert FORMATS["torchscript"].load(path)(torch.zeros(1, 1, 32, 32))["segmentation"].shape == (1, 1, 32, 32)


@pytest.mark.slow
@pytest.mark.parametrize(("source", "first"), [((), "simulate"), (("--datalist",), "read")])
def test_a_terminal_sees_that_it_goes_on(catheter, weights, tmp_path, monkeypatch, source, first):
    """Simulating the frames takes a dozen seconds, comparing them in float16 minutes."""
    terminal = io.StringIO()
    terminal.isatty = lambda: True
    monkeypatch.setattr(sys, "stderr", terminal)
    path, source = tmp_path / "lite.ts", source and (*source, write_tiny_data(tmp_path / "data"))
    catheter(
        "export", "torchscript", "--weights", weights, "--overrides", "lite", "--output", path, "--frames", 2, *source
    )
    assert all(f"{work}: 100%" in terminal.getvalue() for work in (first, "compare"))


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("torchscript", "--precision", "int8"), "torchscript is not written in this precision; found 'int8'"),
        (("onnx", "--output", "model.ts"), "not the name of such a file; found 'model.ts'; expected NAME.onnx"),
        (("onnx", "--output", "."), "not the name of such a file; found '.'; expected NAME.onnx"),
        (("onnx", "--weights", "nowhere.pt"), "nowhere.pt: there is no such file of weights"),
        (("onnx", "--frames", 0), "--frames: too few; found 0; expected 1 or more"),
    ],
)
def test_what_cannot_be_is_answered_without_a_traceback(catheter, arguments, message, capsys, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(SystemExit) as stopped:
        catheter("export", *arguments)
    assert stopped.value.code == 2
    assert message in " ".join(capsys.readouterr().err.split())
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("output", "message"),
    [
        ("folder.onnx", "output: this is a folder, not a file to write; found 'folder.onnx'"),
        ("file/model.onnx", "file: output_dir: the output folder cannot be written"),
    ],
)
def test_a_place_that_cannot_be_written_is_named_before_the_work(
    catheter, output, message, capsys, tmp_path, monkeypatch
):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "folder.onnx").mkdir()
    (tmp_path / "file").touch()
    with pytest.raises(SystemExit) as stopped:
        catheter("export", "onnx", "--output", output, "--weights", "nowhere.pt")
    assert stopped.value.code == 2
    assert message in " ".join(capsys.readouterr().err.split())


@pytest.fixture
def monai_export(weights, tmp_path, monkeypatch):
    """MONAI's commands without a process of their own, which would take longer to start than to export."""
    monkeypatch.chdir(tmp_path)
    configs = f"{bundle_root()}/configs"

    def export(command, path, **options):
        files = [f"{configs}/inference.yaml", f"{configs}/overrides/lite.yaml"]
        places = {"filepath": str(path), "ckpt_file": str(weights), "meta_file": f"{configs}/metadata.json"}
        command(net_id="network_def", config_file=files, **places, **options)

    return export


@pytest.mark.slow
def test_monai_exports_torchscript(monai_export, network, tmp_path):
    monai_export(ckpt_export, tmp_path / "model.ts")
    image = torch.rand(2, 1, 48, 80)
    with torch.inference_mode():
        found = torch.jit.load(tmp_path / "model.ts").eval()(image)
        assert largest_difference(found, network(image)) <= 1e-5


@pytest.mark.slow
def test_monai_exports_onnx_of_free_sizes(monai_export, network, tmp_path):
    axes = {"image": {0: "frames", 2: "rows", 3: "columns"}}
    converter = {"input_names": ["image"], "output_names": OUTPUTS, "dynamic_axes": axes, "dynamo": False}
    shape = [1, 1, 64, 80]
    monai_export(onnx_export, tmp_path / "model.onnx", use_trace=True, input_shape=shape, converter_kwargs=converter)
    image = torch.rand(2, 1, 48, 96)
    with torch.inference_mode():
        assert largest_difference(OnnxRunner(tmp_path / "model.onnx")(image), network(image)) <= 1e-4
