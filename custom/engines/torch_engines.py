"""PyTorch's own ways to run a network."""

from __future__ import annotations

import copy
from pathlib import Path
from threading import Lock

import torch
from torch import nn

from custom.engines.outputs import Logits, Runner, example_frame, plain_copy


def eager(network: nn.Module) -> Runner:
    """The network as it is."""
    return network


def channels_last(network: nn.Module) -> Runner:
    """The network with its channels innermost in memory."""
    return copy.deepcopy(network).to(memory_format=torch.channels_last)  # type: ignore[call-overload]


def compiled(network: nn.Module) -> Runner:
    """`torch.compile`, which takes its time at the first frame of each size."""
    return torch.compile(channels_last(network))


def torchscript(network: nn.Module) -> Runner:
    """The network traced and frozen on the device that it lies on."""
    device = next(network.parameters()).device
    return torch.jit.freeze(trace(plain_copy(network)).to(device).eval())


def trace(network: nn.Module) -> torch.jit.ScriptModule:
    """Trace a network, a plain copy; sizes and batches stay free, and the outputs are a dict."""
    with torch.no_grad():
        return torch.jit.trace(network, example_frame(), strict=False, check_trace=False)


class TorchScriptRunner:
    """Runs a TorchScript file.

    Args:
        path: the file.
    """

    def __init__(self, path: str | Path) -> None:
        self.module = torch.jit.load(str(path), map_location="cpu")

    def __call__(self, image: torch.Tensor) -> Logits:
        """Map (B, 1, H, W) to the network's outputs."""
        with torch.inference_mode():
            return self.module(image)


class CudaGraphRunner:
    """Replays the network's kernels as one CUDA graph, recorded once for each shape of its input.

    Args:
        network: on a CUDA device.
    """

    def __init__(self, network: nn.Module) -> None:
        self.network = network
        self.one_at_a_time = Lock()  # threads would get the results of each other's frames
        self.recordings: dict[torch.Size, tuple[torch.cuda.CUDAGraph, torch.Tensor, Logits]] = {}

    def __call__(self, image: torch.Tensor) -> Logits:
        """Map (B, 1, H, W) on the device to the network's outputs."""
        with self.one_at_a_time:
            if image.shape not in self.recordings:
                self.recordings[image.shape] = self._record(image)
            graph, place, found = self.recordings[image.shape]
            place.copy_(image)
            graph.replay()
            return {name: value.clone() for name, value in found.items()}

    def _record(self, image: torch.Tensor) -> tuple[torch.cuda.CUDAGraph, torch.Tensor, Logits]:
        place = image.clone()
        with torch.inference_mode():
            side = torch.cuda.Stream()
            side.wait_stream(torch.cuda.current_stream())
            with torch.cuda.stream(side):  # what libraries set up at first use must not be recorded
                self.network(place)
            torch.cuda.current_stream().wait_stream(side)
            graph = torch.cuda.CUDAGraph()
            with torch.cuda.graph(graph):
                found = self.network(place)
        return graph, place, found
