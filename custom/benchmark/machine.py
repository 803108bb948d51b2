"""What the times were measured on."""

from __future__ import annotations

import platform
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import torch

PACKAGES = ("torch", "monai", "ncnn", "onnxruntime", "openvino", "nncf")


def describe_machine(device: str | torch.device) -> dict[str, str]:
    """Name processor, device, threads, system and the versions of what ran."""
    facts = {"processor": _processor(), "threads": str(torch.get_num_threads()), "system": platform.platform()}
    if torch.device(device).type == "cuda":
        facts["device"] = torch.cuda.get_device_name(torch.device(device))
    return facts | {package: _version(package) for package in PACKAGES}


def _processor() -> str:
    information = Path("/proc/cpuinfo")
    lines = information.read_text().splitlines() if information.is_file() else []
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return f"{names[0]}, {len(names)} logical cores" if names else platform.processor() or platform.machine()


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return "not installed"
