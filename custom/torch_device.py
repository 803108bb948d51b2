"""Devices that PyTorch computes on."""

from __future__ import annotations

import torch

from custom.errors import InputError


def check_device(device: str | torch.device) -> None:
    """Refuse what is neither the CPU nor a CUDA device of this machine.

    Raises:
        InputError: where `device` is none, or is CUDA and there is none, or fewer than its index asks for.
    """
    try:
        wanted = torch.device(device)
    except (RuntimeError, TypeError):
        wanted = torch.device("meta")
    if wanted.type not in ("cpu", "cuda"):
        raise InputError("no device", field="device", found=str(device), expected="cpu, cuda or cuda:0")
    if wanted.type == "cuda" and (wanted.index or 0) >= torch.cuda.device_count():
        raise InputError(
            "there is no such CUDA device here",
            field="device",
            found=str(wanted),
            expected=f"cpu, or an index below {torch.cuda.device_count()}",
            remedy="Pass --device cpu, or install a CUDA build of torch",
        )
