"""Networks in float16 and int8."""

from __future__ import annotations

import logging
import re
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import torch
from torch import nn

from custom.engines.agreement import DISTANCE
from custom.engines.onnx_engine import INPUT, temporary_onnx
from custom.engines.outputs import Logits
from custom.engines.torch_engines import trace

HEADS = "/heads/"


class HalfPrecision(nn.Module):
    """A network that computes in float16 with float32 at both ends, and in its feature distance.

    Args:
        network: a plain copy; it is changed.
    """

    def __init__(self, network: nn.Module) -> None:
        super().__init__()
        self.network = network.half()
        getattr(network, DISTANCE, nn.Identity()).float()

    def forward(self, image: torch.Tensor) -> Logits:
        """Map (B, 1, H, W) float32 to the network's outputs in float32."""
        return {name: value.float() for name, value in self.network(image.half()).items()}


def half_torchscript(network: nn.Module, path: Path, frames: Iterable[torch.Tensor]) -> None:
    """Write TorchScript that computes in float16."""
    trace(HalfPrecision(network)).save(str(path))


def half_onnx(network: nn.Module, path: Path, frames: Iterable[torch.Tensor]) -> None:
    """Write ONNX that computes in float16, with float32 at both ends and in the feature distance."""
    import onnx
    from onnxruntime.transformers.float16 import convert_float_to_float16

    with temporary_onnx(network) as source:
        model = onnx.load(source)
    kept = [node.name for node in model.graph.node if DISTANCE in node.name]
    half = convert_float_to_float16(model, keep_io_types=True, node_block_list=kept)
    distinct = {node.output[0]: node for node in half.graph.node}  # it adds the same cast for each that reads it
    _join_in_float32(list(distinct.values()))
    del half.graph.node[:]
    half.graph.node.extend(distinct.values())
    onnx.save(half, path)


def _join_in_float32(nodes: list[Any]) -> None:
    """Take float16 out between nodes that stay in float32: it does not hold the number of pixels of a large frame."""
    from onnx import TensorProto
    from onnx.helper import get_node_attr_value

    casts = {node.output[0]: node for node in nodes if node.op_type == "Cast"}
    kinds = {output: get_node_attr_value(node, "to") for output, node in casts.items()}
    for output, node in casts.items():
        if kinds[output] == TensorProto.FLOAT and kinds.get(node.input[0]) == TensorProto.FLOAT16:
            node.input[0] = casts[node.input[0]].input[0]


def quantized_onnx(network: nn.Module, path: Path, frames: Iterable[torch.Tensor]) -> None:
    """Write ONNX whose convolutions compute in int8, by ONNX Runtime's static quantization."""
    import onnx
    from onnxruntime.quantization import CalibrationDataReader, QuantFormat, QuantType, quantize_static

    class Frames(CalibrationDataReader):
        def __init__(self) -> None:
            self.rest = iter(frames)

        def get_next(self) -> dict[str, Any] | None:
            frame = next(self.rest, None)
            return None if frame is None else {INPUT: frame.numpy()}

    with temporary_onnx(network) as source:
        quantize_static(
            source,
            path,
            Frames(),
            quant_format=QuantFormat.QDQ,
            op_types_to_quantize=["Conv"],
            per_channel=True,
            activation_type=QuantType.QUInt8,
            weight_type=QuantType.QInt8,
            nodes_to_exclude=_kept_float(onnx.load(source), whole_heads=True),
        )


def quantized_openvino(network: nn.Module, path: Path, frames: Iterable[torch.Tensor]) -> None:
    """Write an OpenVINO model whose convolutions compute in int8, by NNCF's post-training quantization."""
    import nncf
    import onnx
    import openvino

    nncf.set_log_level(logging.ERROR)
    calibration = [frame.numpy() for frame in frames]
    with temporary_onnx(network) as source:
        kept = [f"{re.escape(name)}.*" for name in _kept_float(onnx.load(source), whole_heads=False)]
        quantized = nncf.quantize(
            openvino.Core().read_model(source),
            nncf.Dataset(calibration),
            subset_size=len(calibration),
            preset=nncf.QuantizationPreset.MIXED,
            ignored_scope=nncf.IgnoredScope(patterns=kept, validate=False),
        )
    openvino.save_model(quantized, str(path))


def _kept_float(model: Any, *, whole_heads: bool) -> list[str]:
    """Name the nodes of an ONNX model that stay in float: positions and distances come out of them, or frames go in.

    In eight bits a frame loses the faint wires.

    Args:
        model: in ONNX.
        whole_heads: keep the heads' 3 x 3 convolutions, too, not only the last, 1 x 1. With ONNX Runtime's way to
            quantize, electrodes move by more than 0.1 pixels otherwise; they are an eighth of the paper's network.
    """
    return [
        node.name
        for node in model.graph.node
        if INPUT in node.input
        or DISTANCE in node.name
        or (HEADS in node.name and (whole_heads or _kernel_shape(node) == [1, 1]))
    ]


def _kernel_shape(node: Any) -> list[int] | None:
    return next((list(attribute.ints) for attribute in node.attribute if attribute.name == "kernel_shape"), None)
