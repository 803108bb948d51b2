"""ncnn: convolutions by Winograd's method, in float32, on any CPU."""

from __future__ import annotations

import copy
import subprocess
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import nn

from custom.engines.agreement import DISTANCE
from custom.engines.outputs import EXAMPLE_SHAPE, OTHER_SHAPE, Logits, TupleOutputs, example_frame, output_names
from custom.errors import CatheterError


class FeatureMoments(nn.Module):
    """Stands in for `FeatureDistance` where an engine does not know its operations: all of it but the distance."""

    def forward(self, first: torch.Tensor, deep: torch.Tensor) -> torch.Tensor:
        """Map the two features to means, population variances and means, as (B, C)."""
        mean = first.mean(dim=(2, 3), keepdim=True)
        variance = (first - mean).square().mean(dim=(2, 3))
        return torch.cat([mean.flatten(1), variance, deep.mean(dim=(2, 3))], dim=1)


class NcnnConversion:
    """TorchScript to ncnn by pnnx; see `NetworkConversion`."""

    name = "ncnn"
    packages: tuple[str, ...] = ("ncnn", "pnnx")

    def write(self, network: nn.Module, folder: Path) -> None:
        """Write `network.ncnn.param` and `network.ncnn.bin`.

        Raises:
            CatheterError: pnnx does not know an operation of the network.
        """
        import pnnx

        script, unused = folder / "network.pt", f"={folder / 'unused'}"
        with torch.no_grad():
            torch.jit.trace(TupleOutputs(_with_moments(network)), example_frame(), check_trace=False).save(script)
        shapes = [f"inputshape={list(EXAMPLE_SHAPE)}", f"inputshape2={list(OTHER_SHAPE)}"]
        others = [kind + unused for kind in ("pnnxparam", "pnnxbin", "pnnxpy", "pnnxonnx", "ncnnpy")]
        command = [Path(pnnx.__file__).with_name("pnnx"), script, *shapes, "fp16=0", *others]
        done = subprocess.run([str(part) for part in command], capture_output=True, text=True, check=False, cwd=folder)
        for leftover in (script, folder / "unused"):
            leftover.unlink(missing_ok=True)
        if done.returncode != 0 or not (folder / "network.ncnn.bin").is_file():
            raise CatheterError(f"pnnx cannot convert this network: {_last_line(done.stderr)}.")

    def load(self, folder: Path, network: nn.Module) -> NcnnRunner:
        """Load both files."""
        return NcnnRunner(folder, network)


class NcnnRunner:
    """Runs a converted network frame by frame, on as many threads as PyTorch.

    Args:
        folder: holds the two files.
        network: they were made of it.

    Raises:
        CatheterError: ncnn does not know an operation of the network.
    """

    def __init__(self, folder: Path, network: nn.Module) -> None:
        import ncnn

        self.ncnn = ncnn
        self.net = ncnn.Net()
        options = self.net.opt
        options.num_threads = torch.get_num_threads()
        options.use_vulkan_compute = False
        options.use_fp16_packed = options.use_fp16_storage = options.use_fp16_arithmetic = False
        options.use_bf16_storage = False
        files = (self.net.load_param, "network.ncnn.param"), (self.net.load_model, "network.ncnn.bin")
        if any(load(str(folder / name)) != 0 for load, name in files):
            raise CatheterError("ncnn cannot load this network.")
        self.names = output_names(network)
        self.network: Any = network

    def __call__(self, image: torch.Tensor) -> Logits:
        """Map (B, 1, H, W) on the CPU to the network's outputs."""
        frames = [self._run(frame) for frame in image.float().contiguous().numpy()]
        maps = [torch.from_numpy(np.stack(together)) for together in zip(*frames, strict=True)]
        found = dict(zip(self.names, maps, strict=True))
        if DISTANCE in found:
            found[DISTANCE] = self._distance(found[DISTANCE], places=image.shape[-2] * image.shape[-1] // 4)
        return found

    def _run(self, frame: np.ndarray) -> list[np.ndarray]:
        extractor = self.net.create_extractor()
        extractor.input("in0", self.ncnn.Mat(frame))
        return [np.array(extractor.extract(f"out{index}")[1]) for index in range(len(self.names))]

    def _distance(self, moments: torch.Tensor, *, places: int) -> torch.Tensor:
        """Measure (B, C) moments; `places` is what the trunk's first feature has, at stride 2."""
        first = self.network.encoder.channels[0]
        mean, variance, deep = moments.tensor_split([first, 2 * first], dim=1)
        pooled = torch.cat([mean, (variance * places / (places - 1)).sqrt(), deep], dim=1)
        return self.network.feature_distance.measure(pooled)


def _with_moments(network: nn.Module) -> nn.Module:
    if not hasattr(network, DISTANCE):
        return network
    other = copy.copy(network)
    other._modules = {**network._modules, DISTANCE: FeatureMoments()}
    return other


def _last_line(text: str) -> str:
    return (text.strip().splitlines() or ["it gives no reason"])[-1]
