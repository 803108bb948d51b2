"""Which engine runs the network at inference."""

from __future__ import annotations

import logging
from itertools import chain

import torch
from torch import nn

from custom.engines.outputs import Runner
from custom.engines.registry import ENGINES, FASTEST_FIRST, available_engines
from custom.errors import InputError

AUTO, TORCH = "auto", "torch"


class EngineSelection:
    """Runs a network in an engine; it is converted at its first frame, and again when its weights change.

    Args:
        name: a name of `ENGINES`, or `auto`: on the CPU the fastest one installed that gives the same logits to 1e-4,
            PyTorch itself elsewhere.

    Attributes:
        used: name of the engine that ran last; `None` before.

    Raises:
        InputError: where there is no such engine.
    """

    def __init__(self, name: str = AUTO) -> None:
        if name not in (AUTO, *ENGINES):
            expected = f"one of {', '.join((AUTO, *ENGINES))}"
            raise InputError("unknown engine", field="engine", found=name, expected=expected)
        self.name = name
        self.used: str | None = None
        self._converted: tuple[nn.Module, torch.device, int, Runner] | None = None

    def __call__(self, network: nn.Module, device: torch.device) -> Runner:
        """Return what runs `network`, which lies on `device` and is in evaluation mode.

        Raises:
            InputError: the engine is not installed, or does not run on this device.
            CatheterError: the network cannot be converted for it.
        """
        state = sum(_changes(tensor) for tensor in chain(network.parameters(), network.buffers()))
        if self._converted is not None:
            before, place, known, runner = self._converted
            if before is network and place == device and known == state:
                return runner
        runner = self._build(network, device)
        self._converted = (network, device, state, runner)
        return runner

    def _build(self, network: nn.Module, device: torch.device) -> Runner:
        if self.name != AUTO:
            runner = _build(self.name, network, device)
            self.used = self.name
        else:
            self.used, runner = _fastest(network, device)
        logging.getLogger("catheter.infer").info(f"the network runs in {self.used}")
        return runner


def _changes(tensor: torch.Tensor) -> int:
    return 0 if tensor.is_inference() else tensor._version  # those made in inference mode do not count


def _fastest(network: nn.Module, device: torch.device) -> tuple[str, Runner]:
    installed = available_engines(device)
    for name in FASTEST_FIRST:
        if name in installed:
            try:
                return name, ENGINES[name].build(network)
            except Exception as error:  # converters raise nearly anything
                reason = str(error).partition("\n")[0]
                logging.getLogger("catheter.infer").warning(f"not in {name}, which cannot run this network: {reason}")
    return TORCH, network


def _build(name: str, network: nn.Module, device: torch.device) -> Runner:
    missing = ENGINES[name].missing(device)
    if missing is not None:
        raise InputError(
            f"the engine cannot be used here: {missing}",
            field="engine",
            found=name,
            expected=f"one of {', '.join((AUTO, *available_engines(device)))}",
            remedy='pip install "catheter-bundle[engines]" installs those for the CPU',
        )
    return ENGINES[name].build(network)
