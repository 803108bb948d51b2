"""The networks and the frame that `catheter benchmark` times."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from pathlib import Path

from torch import nn

from custom.benchmark import StageTimer, Timing, time_stages
from custom.errors import InputError
from custom.files import write_image
from custom.simulation.config import load_config
from custom.simulation.dataset import SimulatedSequences
from custom.workflow import load_network
from scripts.bundle import OVERRIDES, bundle_component, inference_config

THIS, PAPER, PEER = "this", "paper", "peer_"
ALL, NONE = "all", "none"


def peer_names(wanted: str | Sequence[str]) -> list[str]:
    """Return overrides of peers, `all` and `none` being known.

    Raises:
        InputError: there is no such peer.
    """
    known = sorted(path.stem.removeprefix(PEER) for path in OVERRIDES.glob(f"{PEER}*.yaml"))
    names = wanted.split(",") if isinstance(wanted, str) else list(wanted)
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
    """Time the stages of a simulated frame in a PNG file, in the engine that inference takes."""
    config = inference_config(overrides, device=device)
    names = ("preprocessing", "inferer", "postprocessing")
    parts = {name: bundle_component(config, name) for name in names}
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "frame.png"
        frame = SimulatedSequences(load_config(), size=size, sequences=1, frames=1).render([0]).images[0, 0]
        write_image(path, frame.clip(0, 255).round().byte().numpy())
        return time_stages(StageTimer(path, network=network, device=device, **parts), rounds=rounds)
