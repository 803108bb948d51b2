"""Networks that were converted before, in the user's cache folder."""

from __future__ import annotations

import hashlib
import logging
import os
import shutil
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from importlib.metadata import PackageNotFoundError, packages_distributions, version
from pathlib import Path
from typing import Protocol

import torch
from torch import nn

from custom.engines.agreement import agrees
from custom.engines.outputs import Runner, plain_copy
from custom.errors import CatheterError

KEPT = 8


class NetworkConversion(Protocol):
    """How a network gets into an engine's own files and from there into memory."""

    name: str
    packages: tuple[str, ...]

    def write(self, network: nn.Module, folder: Path) -> None:
        """Write the files of `network`, a plain copy, into an empty folder."""

    def load(self, folder: Path, network: nn.Module) -> Runner:
        """Load what `write` wrote; nothing of the folder is needed afterwards."""


def convert(network: nn.Module, conversion: NetworkConversion) -> Runner:
    """Bring a network into an engine, from the cache where it was converted before; both ways it is checked.

    The cache lies in `$XDG_CACHE_HOME/catheter_bundle`, `~/.cache` by default, and holds the few networks used last.
    Where it cannot be written, nothing is kept.

    Raises:
        CatheterError: the network cannot be converted, or gives other logits afterwards.
    """
    network = plain_copy(network)
    entry = cache_folder() / f"{conversion.name}-{_fingerprint(network, conversion)}"
    if _is_there(entry):
        with suppress(Exception):  # whatever a damaged or outdated file makes an engine raise
            return _load(conversion, entry, network)
        shutil.rmtree(entry, ignore_errors=True)
    logging.getLogger("catheter.infer").info(f"converting the network for {conversion.name}, once for these weights")
    with _folder_beside(entry) as folder:
        conversion.write(network, folder)
        runner = _load(conversion, folder, network)
        _keep(folder, entry)
    return runner


def cache_folder() -> Path:
    """Return where converted networks are kept."""
    return Path(os.environ.get("XDG_CACHE_HOME") or _home() / ".cache") / "catheter_bundle"


def _home() -> Path:
    try:
        return Path.home()
    except RuntimeError:  # a container's user may have none
        return Path(os.devnull)  # where nothing can be kept


def _is_there(entry: Path) -> bool:
    try:
        return entry.is_dir()
    except OSError:  # the folder may be another user's
        return False


def _load(conversion: NetworkConversion, folder: Path, network: nn.Module) -> Runner:
    runner = conversion.load(folder, network)
    if not agrees(runner, network):
        raise CatheterError(f"{conversion.name} gives other logits than PyTorch.")
    with suppress(OSError):
        folder.touch()  # the ones used last stay
    return runner


def _fingerprint(network: nn.Module, conversion: NetworkConversion) -> str:
    digest = hashlib.sha256(repr([(name, _version(name)) for name in ("torch", *conversion.packages)]).encode())
    digest.update(str(network).encode())
    for name, value in network.state_dict().items():
        digest.update(name.encode())
        digest.update(value.contiguous().view(-1).view(torch.uint8).numpy().data)
    return digest.hexdigest()


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:  # that of CUDA brings the package onnxruntime under another name
        return version(packages_distributions()[package][0])


@contextmanager
def _folder_beside(entry: Path) -> Iterator[Path]:
    """Give an empty folder beside `entry`, or anywhere where that is not possible; it is removed if still there."""
    try:
        entry.parent.mkdir(parents=True, exist_ok=True)
        folder = tempfile.mkdtemp(dir=entry.parent, prefix=".")
    except OSError:
        folder = tempfile.mkdtemp()
    try:
        yield Path(folder)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _keep(folder: Path, entry: Path) -> None:
    if folder.parent != entry.parent:
        return
    with suppress(OSError):  # another process was faster
        folder.rename(entry)
    for old in _by_last_use(entry.parent)[KEPT:]:
        shutil.rmtree(old, ignore_errors=True)


def _by_last_use(folder: Path) -> Sequence[Path]:
    """What is in a folder, the newest first; also what a conversion that was killed has left behind."""
    entries: dict[Path, float] = {}
    for path in folder.iterdir():
        with suppress(OSError):  # another process has just removed it
            entries[path] = path.stat().st_mtime
    return sorted(entries, key=lambda path: entries[path], reverse=True)
