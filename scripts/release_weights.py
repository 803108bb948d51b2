"""What is done with the weights of the released network's training: calibrated, averaged and published."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import torch

from custom.data import evenly_spread
from custom.files import write_text
from custom.networks.calibration import divide_segmentation_logits, fit_temperature
from custom.networks.feature_distance import PREFIX as FEATURE_DISTANCE
from custom.networks.weights import read_checkpoint, read_weights
from custom.networks.weights_hash import SUFFIX, hash_line
from custom.terminal import print_line
from custom.workflow import load_network
from custom.workflow.checkpoints import last_checkpoint
from custom.workflow.weights_file import save_state, save_weights
from scripts.bundle import bundle_component, training_config


def calibrate(weights: Path, datalist: Path, overrides: str, *, frames: int = 160) -> Path:
    """Write calibrated.pt beside weights: those with probabilities calibrated on frames of the validation split.

    Args:
        weights: a plain state dict.
        datalist: of the frames.
        overrides: names of those that describe the network, with commas between them.
        frames: how many, spread evenly over the split.
    """
    parser = training_config(overrides, datalist=str(datalist), cache_rate=0.0)
    network = bundle_component(parser, "network").eval()
    load_network(network, weights)
    dataset = bundle_component(parser, "validate#dataset")
    temperature = fit_temperature(network, (dataset[index] for index in evenly_spread(range(len(dataset)), frames)))
    divide_segmentation_logits(network, temperature)
    save_weights(network, weights.with_name("calibrated.pt"))
    print_line(f"segmentation logits divided by {temperature:.2f}")
    return weights.with_name("calibrated.pt")


def weights_of_last_epoch(run: Path) -> Path:
    """Write last.pt beside the best weights of a run, which trains on worse frames than those it is validated on."""
    save_state(read_checkpoint(last_checkpoint(run))["network"], run / "last.pt")
    return run / "last.pt"


def average_weights(files: Sequence[Path], target: Path) -> Path:
    """Write the mean of the weights of one network after different trainings from one start."""
    states = [read_weights(file) for file in files]
    mean = {
        name: torch.stack([state[name].float() for state in states]).mean(dim=0).to(value.dtype)
        for name, value in states[0].items()
    }
    save_state(mean, target)
    return target


def publish_weights(weights: Path, target: Path) -> None:
    """Write weights in half precision, and the SHA-256 of the file beside it."""
    smaller = {  # the inverse covariance of the features leaves the range of half precision
        name: value.half() if value.is_floating_point() and not name.startswith(FEATURE_DISTANCE) else value
        for name, value in read_weights(weights).items()
    }
    save_state(smaller, target)
    write_text(target.with_suffix(SUFFIX), hash_line(target.read_bytes(), target.name))
    megabytes = target.stat().st_size / 1e6
    print_line(f"wrote {target}: {megabytes:.1f} MB")
