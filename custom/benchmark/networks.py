"""Networks in engines, one beside the other."""

from __future__ import annotations

import logging
import tempfile
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import torch
from torch import nn

from custom.benchmark.timing import Timing, time_interleaved
from custom.engines import ENGINES, Runner, available_engines
from custom.engines.outputs import plain_copy
from custom.errors import InputError
from custom.export import export_format, find_frames
from custom.given_names import given_names

ALL = "all"
CALIBRATION = 8  # frames; what they are does not matter for speed


def _openvino_int8(network: nn.Module) -> Runner:
    kind = export_format("openvino", "int8")
    calibration = [frame.image for frame in find_frames(None, lambda entry: entry, count=CALIBRATION, calibrates=True)]
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"network{kind.suffix}"
        kind.writers["int8"](plain_copy(network), path, calibration)
        return kind.load(path)


def _half(network: nn.Module) -> Runner:
    half = plain_copy(network).to("cuda", torch.float16, memory_format=torch.channels_last)  # type: ignore[call-overload]
    return lambda image: half(image.half())


OTHERS: Mapping[str, tuple[str, Callable[[nn.Module], Runner]]] = {
    "openvino_int8": ("cpu", _openvino_int8),
    "float16": ("cuda", _half),
}


def benchmark_engines(wanted: str | Sequence[str], device: str | torch.device) -> list[str]:
    """Return names of engines, `all` being those that run on the device here; torch, the reference, comes first.

    Raises:
        InputError: there is no such engine here.
    """
    here = available_engines(device)
    here += [name for name, (kind, _) in OTHERS.items() if _runs(name, kind, here, torch.device(device).type)]
    names = given_names(wanted)
    unknown = [name for name in names if name not in (ALL, *here)]
    if unknown:
        raise InputError("no such engine here", field="engines", found=unknown[0], expected=f"all, {', '.join(here)}")
    return ["torch", *(name for name in here if name != "torch" and (ALL in names or name in names))]


def _runs(name: str, kind: str, here: Sequence[str], device: str) -> bool:
    if name != "openvino_int8":
        return kind == device
    try:
        export_format("openvino", "int8")
    except InputError:
        return False
    return kind == device and "openvino" in here


def time_networks(
    networks: Mapping[str, nn.Module],
    engines: Mapping[str, Sequence[str]],
    *,
    size: tuple[int, int],
    rounds: int,
    device: str | torch.device,
) -> dict[tuple[str, str], Timing]:
    """Time networks in engines with one frame of noise, all of them interleaved.

    Args:
        networks: in evaluation mode on the device, by name.
        engines: for each network; one that cannot run it is left out, with a warning.
        size: rows and columns of the frame.
        rounds: how often each is timed.
        device: `cpu` or a CUDA device.

    Returns:
        For each network and engine how long one frame takes.
    """
    image = torch.rand((1, 1, *size), generator=torch.Generator().manual_seed(0)).to(device)
    calls = {}
    with torch.inference_mode():
        for name, network in networks.items():
            for engine in engines[name]:
                runner = _build(engine, network, name)
                if runner is not None:
                    calls[name, engine] = lambda runner=runner: runner(image)
        return time_interleaved(calls, rounds=rounds)


def _build(engine: str, network: nn.Module, name: str) -> Runner | None:
    build = OTHERS[engine][1] if engine in OTHERS else ENGINES[engine].build
    try:
        with torch.inference_mode(mode=False):
            return build(network)
    except Exception as error:  # converters raise nearly anything
        reason = str(error).partition("\n")[0]
        logging.getLogger("catheter.benchmark").warning(f"{name} does not run in {engine}: {reason}")
        return None
