"""Where a bundle run finds itself: its root, its device, its output folder."""

from __future__ import annotations

import os
import secrets
import tempfile
import time
from pathlib import Path
from urllib.parse import quote

import torch

import custom
from custom.errors import InputError
from custom.files import absolute_path


def code_root() -> Path:
    """Return the folder that holds `custom`: the repository, or a packaged bundle."""
    return Path(custom.__file__).resolve().parents[1]


def bundle_root(name: str = "catheter_bundle") -> str:
    """Return the folder of a bundle: that of its name beside `custom`, or what holds `custom` once packaged."""
    repository = code_root() / name
    return str(repository if repository.is_dir() else code_root())


def mlflow_store(folder: str | Path) -> str:
    """Return the URI of the MLflow store in a folder.

    MONAI's `path_to_sqlite_uri` escapes blanks and umlauts, too, and MLflow makes a folder of that name.
    """
    path = str(absolute_path(Path(folder) / "mlruns.db"))
    for character in ("%", "?", "#"):
        path = path.replace(character, quote(character))
    return f"sqlite:///{path}"


def default_device() -> torch.device:
    """Return the CUDA device of this process's local rank, the first without torchrun, or else the CPU."""
    local_rank = int(os.environ.get("LOCAL_RANK", "0"))
    return torch.device(f"cuda:{local_rank}" if torch.cuda.device_count() > local_rank else "cpu")


def check_output_dir(output_dir: str | Path) -> None:
    """Create `output_dir` and make sure that files can be written there.

    Raises:
        InputError: where they cannot.
    """
    try:
        Path(output_dir).mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=output_dir):
            pass
    except OSError as error:
        raise InputError(
            f"the output folder cannot be written ({error.strerror})",
            source=output_dir,
            field="output_dir",
            remedy="Choose another folder",
        ) from error


def unique_run_name() -> str:
    """Return a name for an MLflow run that no earlier run has: time and a few random letters."""
    return f"train-{time.strftime('%Y%m%d-%H%M%S')}-{secrets.token_hex(4)}"
