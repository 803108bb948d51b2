"""The networks and the frames that `catheter benchmark` times."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping, Sequence
from contextlib import redirect_stdout
from io import StringIO
from pathlib import Path
from statistics import median
from time import perf_counter

import nibabel
import numpy as np
from ignite.engine import Events
from torch import nn

from custom.benchmark import StageTimer, Timing, time_stages
from custom.errors import InputError
from custom.files import write_image
from custom.given_names import given_names
from custom.simulation.config import load_config
from custom.simulation.dataset import SimulatedSequences
from custom.workflow import load_network
from custom.workflow.runs import inference_conditions
from scripts.bundle import OVERRIDES, bundle_component, inference_config

THIS, PAPER, PEER = "this", "paper", "peer_"
ALL, NONE = "all", "none"
SAMPLING = {"pixel_spacing_mm": 0.35, "spacing_plane": "detector"}  # one that the network does not scale
CINE_FRAMES, CINE_ROUNDS = 30, 3


def peer_names(wanted: str | Sequence[str]) -> list[str]:
    """Return overrides of peers, `all` and `none` being known.

    Raises:
        InputError: there is no such peer.
    """
    known = sorted(path.stem.removeprefix(PEER) for path in OVERRIDES.glob(f"{PEER}*.yaml"))
    names = given_names(wanted)
    if names in ([ALL], [NONE]):
        return known if names == [ALL] else []
    for name in names:
        if name not in known:
            expected = f"all, none, or some of {', '.join(known)}"
            raise InputError("no such peer", field="peers", found=name, expected=expected)
    return names


def load_networks(
    peers: Sequence[str], *, weights: str | None, overrides: str | tuple[str, ...], device: str
) -> dict[str, nn.Module]:
    """Make the bundle's network, with weights, the paper's and peers, in evaluation mode on a device."""
    settings = {THIS: overrides, PAPER: PAPER, **{name: PEER + name for name in peers}}
    networks = {name: bundle_component(inference_config(one), "network_def") for name, one in settings.items()}
    load_network(networks[THIS], bundle_component(inference_config(overrides, weights=weights), "weights"))
    return {name: network.to(device).eval() for name, network in networks.items()}


def time_file(
    network: nn.Module, size: tuple[int, int], *, rounds: int, overrides: str | tuple[str, ...], device: str
) -> dict[str, Timing]:
    """Time the stages of a simulated frame in a PNG file, and a frame of a cine, in the engine that inference takes."""
    config = inference_config(overrides, device=device, **SAMPLING)
    names = ("preprocessing", "inferer", "postprocessing")
    parts = {name: bundle_component(config, name) for name in names}
    frames = _simulated_frames(size)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "frame.png"
        write_image(path, frames[0])
        times = time_stages(StageTimer(path, network=network, device=device, **parts), rounds=rounds)
    return times | {"cine": _time_cine(network, frames, overrides=overrides, device=device)}


def _simulated_frames(size: tuple[int, int]) -> np.ndarray:
    """Frames of a cine, (frames, rows, columns) uint8."""
    sequence = SimulatedSequences(load_config(), size=size, sequences=1, frames=CINE_FRAMES)
    images = sequence.render(list(range(CINE_FRAMES))).images[:, 0]
    return images.clip(0, 255).round().byte().numpy()


def _time_cine(network: nn.Module, frames: np.ndarray, *, overrides: str | tuple[str, ...], device: str) -> Timing:
    """Time `catheter infer --formats json` on a cine, once it has started."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "cine.nii"
        nibabel.save(nibabel.Nifti1Image(frames.transpose(2, 1, 0), np.eye(4)), path)
        files = {"dataset_dir": str(path), "output_dir": folder, "formats": "json"}
        times = [_milliseconds_a_frame(network, overrides, device, files) for _ in range(CINE_ROUNDS)]
    return Timing(min(times), median(times))


def _milliseconds_a_frame(
    network: nn.Module, overrides: str | tuple[str, ...], device: str, files: Mapping[str, str]
) -> float:
    config = inference_config(overrides, device=device, network=network, **SAMPLING, **files)
    evaluator = bundle_component(config, "evaluator")
    ends: list[float] = []
    evaluator.add_event_handler(Events.ITERATION_COMPLETED, lambda: ends.append(perf_counter()))
    with redirect_stdout(StringIO()), inference_conditions():
        evaluator.run()
    return 1e3 * (perf_counter() - ends[0]) / (len(ends) - 1)
