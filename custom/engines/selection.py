"""Which engine runs the network at inference."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from itertools import chain
from threading import Lock
from typing import NamedTuple

import torch
from torch import nn

from custom.engines.outputs import Runner
from custom.engines.registry import ENGINES, FASTEST_FIRST, available_engines
from custom.errors import CatheterError, InputError

AUTO, TORCH = "auto", "torch"
_ONE_AT_A_TIME = Lock()  # PyTorch's exporter keeps its state for the whole process


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
        self._converted: _Converted | None = None

    def __call__(self, network: nn.Module, device: torch.device) -> Runner:
        """Return what runs `network`, which lies on `device` and is in evaluation mode.

        Raises:
            InputError: the engine is not installed, or does not run on this device.
            CatheterError: the network cannot be converted for it.
        """
        converted = self._converted
        if converted is None or not converted.holds(network, device):
            with _ONE_AT_A_TIME:
                converted = self._converted  # by the thread before
                if converted is None or not converted.holds(network, device):
                    converted = self._converted = self._convert(network, device)
        return converted.runner

    def _convert(self, network: nn.Module, device: torch.device) -> _Converted:
        # Those made in inference mode do not count their changes.
        weights = [item for item in chain(network.parameters(), network.buffers()) if not item.is_inference()]
        return _Converted(network, device, weights, _changes(weights), self._build(network, device))

    def _build(self, network: nn.Module, device: torch.device) -> Runner:
        if self.name != AUTO:
            runner = _build(self.name, network, device)
            self.used = self.name
        else:
            self.used, runner = _fastest(network, device)
        logging.getLogger("catheter.infer").info(f"the network runs in {self.used}")
        return runner


class _Converted(NamedTuple):
    """A network in an engine, and what it was made of: asked for at every frame, so that it must not take long."""

    network: nn.Module
    device: torch.device
    weights: list[torch.Tensor]
    changes: int
    runner: Runner

    def holds(self, network: nn.Module, device: torch.device) -> bool:
        return self.network is network and self.device == device and self.changes == _changes(self.weights)


def _changes(weights: Sequence[torch.Tensor]) -> int:
    return sum(tensor._version for tensor in weights)


def _fastest(network: nn.Module, device: torch.device) -> tuple[str, Runner]:
    installed = available_engines(device)
    for name in FASTEST_FIRST:
        if name in installed:
            try:
                return name, ENGINES[name].build(network)
            except Exception as error:  # converters raise nearly anything
                message = f"not in {name}, which cannot run this network: {_reason(error)}"
                logging.getLogger("catheter.infer").warning(message)
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
    try:
        return ENGINES[name].build(network)
    except CatheterError:
        raise
    except Exception as error:  # converters raise nearly anything, and so do packages that are damaged
        raise InputError(
            f"the engine cannot run this network: {_reason(error)}",
            field="engine",
            found=name,
            remedy=f"--engine {AUTO} takes one that can",
        ) from error


def _reason(error: Exception) -> str:
    return (str(error) or type(error).__name__).partition("\n")[0]
