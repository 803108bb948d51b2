"""A network into a file that other programs run."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from pathlib import Path

import torch
from torch import nn

from custom.engines.outputs import plain_copy
from custom.export.accuracy import Accuracy, ExportCheck
from custom.export.formats import ExportFormat
from custom.files import replacing


def export_network(
    network: nn.Module,
    path: Path,
    *,
    kind: ExportFormat,
    precision: str,
    calibration: Sequence[torch.Tensor],
    check: ExportCheck,
) -> tuple[list[Path], Accuracy]:
    """Write a network, once it has passed a check.

    Args:
        network: in any state; it is not changed.
        path: the file; its folder is made where it is missing.
        kind: see `export_format`.
        precision: one of the format's.
        calibration: frames (1, 1, H, W) for int8.
        check: where it fails, nothing is left behind.

    Returns:
        The files that were written, and how accurate the network in them is.

    Raises:
        CatheterError: see `ExportCheck`.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=path.parent, prefix=".export") as folder:
        written = Path(folder) / path.name
        kind.writers[precision](plain_copy(network), written, calibration)
        accuracy = check(kind.load(written))
        files = [path.with_suffix(kind.companion)] if kind.companion else []
        for file in (*files, path):  # the one that is loaded comes last
            with replacing(file) as temporary:
                (Path(folder) / file.name).replace(temporary)
        return [path, *files], accuracy
