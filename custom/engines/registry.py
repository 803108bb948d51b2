"""The engines that there are."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from importlib.util import find_spec
from shutil import which

import torch
from torch import nn

from custom.engines.cache import NetworkConversion, convert
from custom.engines.ncnn_engine import NcnnConversion
from custom.engines.onnx_engine import TENSORRT, OnnxConversion
from custom.engines.openvino_engine import OpenVinoConversion
from custom.engines.outputs import Runner
from custom.engines.torch_engines import CudaGraphRunner, channels_last, compiled, eager, torchscript

CPU, CUDA = "cpu", "cuda"


@dataclass(frozen=True)
class Engine:
    """A way to run a network.

    Attributes:
        build: makes a runner of a network that is in evaluation mode on the device.
        devices: types of device that it runs on.
        packages: that it needs beside PyTorch, as they are imported.
        provider: of ONNX Runtime that it needs.
        compiler: whether it needs one for C++.
    """

    build: Callable[[nn.Module], Runner]
    devices: tuple[str, ...] = (CPU, CUDA)
    packages: tuple[str, ...] = ()
    provider: str | None = None
    compiler: bool = False

    def missing(self, device: str | torch.device) -> str | None:
        """Say what keeps it from running on a device here, or `None`."""
        kind = torch.device(device).type
        if kind not in self.devices:
            return f"it runs on {' or '.join(self.devices)}, not on {kind}"
        absent = [package for package in self.packages if find_spec(package) is None]
        if absent:
            return f"{' and '.join(absent)} is not installed"
        if self.compiler and which(_compiler()) is None:
            return f"there is no C++ compiler {_compiler()}"
        return self._missing_provider()

    def _missing_provider(self) -> str | None:
        if self.provider is None:
            return None
        import onnxruntime

        return None if self.provider in onnxruntime.get_available_providers() else f"there is no {self.provider}"


def _compiler() -> str:
    """Name the compiler that `torch.compile` starts."""
    return os.environ.get("CXX", {"darwin": "clang++", "win32": "cl"}.get(sys.platform, "g++"))


def _converted(conversion: NetworkConversion, device: str = CPU, provider: str | None = None) -> Engine:
    return Engine(partial(convert, conversion=conversion), (device,), conversion.packages, provider)


ENGINES: Mapping[str, Engine] = {
    "torch": Engine(eager),
    "channels_last": Engine(channels_last),
    "compiled": Engine(compiled, compiler=True),
    "torchscript": Engine(torchscript),
    "onnxruntime": _converted(OnnxConversion()),
    "openvino": _converted(OpenVinoConversion()),
    "ncnn": _converted(NcnnConversion()),
    "cuda_graph": Engine(CudaGraphRunner, (CUDA,)),
    "tensorrt": _converted(OnnxConversion("tensorrt", TENSORRT), CUDA, TENSORRT[0]),
}
FASTEST_FIRST = ("ncnn", "openvino", "onnxruntime")


def available_engines(device: str | torch.device) -> list[str]:
    """Names of the engines that run on a device here."""
    return [name for name, engine in ENGINES.items() if engine.missing(device) is None]
