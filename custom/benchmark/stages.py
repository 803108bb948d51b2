"""The way of one frame from its file to what was found on it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import torch
from monai.data import decollate_batch, list_data_collate
from torch import nn

from custom.benchmark.timing import Timing, time_interleaved
from custom.data import read_frame
from custom.transforms.load import without_metadata

Transform = Callable[[Mapping[str, Any]], Mapping[str, Any]]


class StageTimer:
    """Runs the stages of inference on one file, each by itself or all together.

    Args:
        path: a file whose first frame is taken.
        preprocessing: of inference.yaml.
        inferer: of inference.yaml.
        network: in evaluation mode, on the device.
        postprocessing: of inference.yaml.
        device: of the network.
    """

    def __init__(
        self,
        path: str | Path,
        *,
        preprocessing: Transform,
        inferer: Callable[..., Any],
        network: nn.Module,
        postprocessing: Transform,
        device: str | torch.device,
    ) -> None:
        self.path = Path(path)
        self.preprocessing, self.inferer, self.postprocessing = preprocessing, inferer, postprocessing
        self.network, self.device = network, torch.device(device)

    def decode(self) -> dict[str, Any]:
        """Read the frame."""
        return {"image": str(self.path), "decoded": read_frame(self.path, None)}

    def prepare(self, entry: Mapping[str, Any]) -> Mapping[str, Any]:
        """Bring the frame onto the network's grid, as a batch of one on the device."""
        batch: dict[str, Any] = list_data_collate([self.preprocessing(entry)])
        batch["image"] = batch["image"].to(self.device)
        return batch

    @torch.no_grad()
    def infer(self, batch: Mapping[str, Any]) -> Mapping[str, Any]:
        """Run the network."""
        return {**batch, "pred": self.inferer(batch["image"], self.network)}

    def finish(self, output: Mapping[str, Any]) -> Mapping[str, Any]:
        """Turn the network's output into catheters and electrodes."""
        return self.postprocessing(decollate_batch(output)[0])

    def whole(self) -> Mapping[str, Any]:
        """All stages, one after the other."""
        return self.finish(self.infer(self.prepare(self.decode())))


def time_stages(timer: StageTimer, *, rounds: int) -> dict[str, Timing]:
    """Time every stage, and `whole`, interleaved, as `infer` runs them."""
    with without_metadata():
        entry = timer.decode()
        batch = timer.prepare(entry)
        output = timer.infer(batch)
        calls = {
            "decode": timer.decode,
            "preparation": lambda: timer.prepare(entry),
            "network": lambda: timer.infer(batch),
            "post-processing": lambda: timer.finish(dict(output)),
            "whole": timer.whole,
        }
        return time_interleaved(calls, rounds=rounds)
