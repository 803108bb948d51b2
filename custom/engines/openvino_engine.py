"""OpenVINO models, and its runtime."""

from __future__ import annotations

from pathlib import Path
from threading import Lock

import torch
from torch import nn

from custom.engines.onnx_engine import temporary_onnx
from custom.engines.outputs import Logits


def write_openvino(network: nn.Module, path: str | Path, *, half: bool = False) -> None:
    """Write a network, a plain copy, as .xml and .bin; `half` stores its weights in float16."""
    import openvino

    with temporary_onnx(network) as source:
        openvino.save_model(openvino.Core().read_model(source), str(path), compress_to_fp16=half)


class OpenVinoRunner:
    """Runs an OpenVINO model on the CPU, in float32 where it is not quantized, on as many threads as PyTorch.

    Args:
        path: the .xml file; its .bin lies beside it.
    """

    def __init__(self, path: str | Path) -> None:
        import openvino

        settings = {
            "INFERENCE_PRECISION_HINT": "f32",
            "INFERENCE_NUM_THREADS": torch.get_num_threads(),
            "PERFORMANCE_HINT": "LATENCY",
            "ENABLE_MMAP": False,
        }
        self.one_at_a_time = Lock()  # threads would get the results of each other's frames
        self.model = openvino.Core().compile_model(str(path), "CPU", settings)

    def __call__(self, image: torch.Tensor) -> Logits:
        """Map (B, 1, H, W) to the network's outputs, on the same device."""
        with self.one_at_a_time:
            found = self.model(image.float().cpu().numpy())
        return {key.get_any_name(): torch.tensor(value, device=image.device) for key, value in found.items()}


class OpenVinoConversion:
    """The network as an OpenVINO model; see `NetworkConversion`."""

    name = "openvino"
    packages: tuple[str, ...] = ("onnx", "openvino")

    def write(self, network: nn.Module, folder: Path) -> None:
        """Write `network.xml` and `network.bin`."""
        write_openvino(network, folder / "network.xml")

    def load(self, folder: Path, network: nn.Module) -> OpenVinoRunner:
        """Load both."""
        return OpenVinoRunner(folder / "network.xml")
