"""ONNX files, and ONNX Runtime to run them."""

from __future__ import annotations

import tempfile
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import torch
from torch import nn

from custom.engines.agreement import DISTANCE
from custom.engines.outputs import Logits, TupleOutputs, example_frame, output_names

OPSET = 18
INPUT = "image"  # its name in the file
CPU = ("CPUExecutionProvider",)
TENSORRT = ("TensorrtExecutionProvider", "CUDAExecutionProvider")


def write_onnx(network: nn.Module, path: str | Path) -> None:
    """Write a network, a plain copy, as ONNX: `image` (B, 1, H, W) of any size, outputs by their names."""
    names = output_names(network)
    with warnings.catch_warnings(), torch.no_grad():
        warnings.simplefilter("ignore")  # the exporter that knows no dynamo announces its own end
        torch.onnx.export(
            TupleOutputs(network).eval(),
            (example_frame(),),
            str(path),
            input_names=[INPUT],
            output_names=names,
            dynamic_axes=dynamic_axes(names),
            opset_version=OPSET,
            dynamo=False,
        )


@contextmanager
def temporary_onnx(network: nn.Module) -> Iterator[Path]:
    """Give an ONNX file of a network, as `write_onnx` writes it, for as long as the block lasts."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "network.onnx"
        write_onnx(network, path)
        yield path


def dynamic_axes(outputs: Sequence[str]) -> dict[str, dict[int, str]]:
    """Name the axes that are free: frames, and rows and columns of each map."""
    axes = {name: {0: "frames"} for name in (INPUT, *outputs)}
    for name, free in axes.items():
        if name != DISTANCE:
            free.update({2: f"{name}_rows", 3: f"{name}_columns"})
    return axes


class OnnxRunner:
    """Runs an ONNX file in ONNX Runtime, on as many threads as PyTorch.

    Args:
        path: the file.
        providers: of ONNX Runtime, in the order in which they are tried.
    """

    def __init__(self, path: str | Path, providers: Sequence[str] = CPU) -> None:
        import onnxruntime

        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = torch.get_num_threads()
        options.log_severity_level = 3
        self.session = onnxruntime.InferenceSession(str(path), options, providers=list(providers))
        self.names = [output.name for output in self.session.get_outputs()]

    def __call__(self, image: torch.Tensor) -> Logits:
        """Map (B, 1, H, W) to the network's outputs, on the same device."""
        found = self.session.run(None, {INPUT: image.float().cpu().numpy()})
        return {name: torch.from_numpy(value).to(image.device) for name, value in zip(self.names, found, strict=True)}


class OnnxConversion:
    """The network as an ONNX file, in ONNX Runtime; see `NetworkConversion`.

    Args:
        name: of the engine.
        providers: see `OnnxRunner`.
    """

    packages: tuple[str, ...] = ("onnx", "onnxruntime")

    def __init__(self, name: str = "onnxruntime", providers: Sequence[str] = CPU) -> None:
        self.name = name
        self.providers = providers

    def write(self, network: nn.Module, folder: Path) -> None:
        """Write `network.onnx`."""
        write_onnx(network, folder / "network.onnx")

    def load(self, folder: Path, network: nn.Module) -> OnnxRunner:
        """Load it."""
        return OnnxRunner(folder / "network.onnx", self.providers)
