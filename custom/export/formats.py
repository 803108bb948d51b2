"""The files that a network is exported to."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

import torch
from torch import nn

from custom.engines import Runner
from custom.engines.onnx_engine import OnnxRunner, write_onnx
from custom.engines.openvino_engine import OpenVinoRunner, write_openvino
from custom.engines.torch_engines import TorchScriptRunner, trace
from custom.errors import InputError
from custom.export.reduced_precision import half_onnx, half_torchscript, quantized_onnx, quantized_openvino

FP32, FP16, INT8 = "fp32", "fp16", "int8"
Write = Callable[[nn.Module, Path, Iterable[torch.Tensor]], None]


@dataclass(frozen=True)
class ExportFormat:
    """A kind of file.

    Attributes:
        suffix: of the file that is loaded.
        load: makes a runner of it.
        writers: for each precision what writes a network, a plain copy; the frames (1, 1, H, W) calibrate int8.
        packages: that it needs beside PyTorch, and those for int8.
        companion: suffix of a second file beside it.
    """

    suffix: str
    load: Callable[[Path], Runner]
    writers: Mapping[str, Write]
    packages: tuple[str, ...] = ()
    int8_packages: tuple[str, ...] = ()
    companion: str | None = None


FORMATS: Mapping[str, ExportFormat] = {
    "onnx": ExportFormat(
        ".onnx",
        OnnxRunner,
        {FP32: lambda network, path, _: write_onnx(network, path), FP16: half_onnx, INT8: quantized_onnx},
        packages=("onnx", "onnxruntime"),
    ),
    "torchscript": ExportFormat(
        ".ts",
        TorchScriptRunner,
        {FP32: lambda network, path, _: trace(network).save(str(path)), FP16: half_torchscript},
    ),
    "openvino": ExportFormat(
        ".xml",
        OpenVinoRunner,
        {
            FP32: lambda network, path, _: write_openvino(network, path),
            FP16: lambda network, path, _: write_openvino(network, path, half=True),
            INT8: quantized_openvino,
        },
        packages=("onnx", "openvino"),
        int8_packages=("nncf",),
        companion=".bin",
    ),
}


def export_format(name: str, precision: str) -> ExportFormat:
    """Return the format of a name, if it is there in this precision and what it needs is installed.

    Raises:
        InputError: there is no such format, not in this precision, or a package is missing.
    """
    possible = ", ".join(f"{kind} in {' '.join(one.writers)}" for kind, one in FORMATS.items())
    if name not in FORMATS:
        raise InputError("unknown format", field="format", found=name, expected=f"one of {possible}")
    found = FORMATS[name]
    if precision not in found.writers:
        raise InputError(
            f"{name} is not written in this precision", field="precision", found=precision, expected=possible
        )
    needed = found.packages + (found.int8_packages if precision == INT8 else ())
    missing = [package for package in needed if find_spec(package) is None]
    if missing:
        remedy = 'pip install "catheter-bundle[engines]"'
        raise InputError(f"{name} in {precision} needs {' and '.join(missing)}", field="format", remedy=remedy)
    return found
