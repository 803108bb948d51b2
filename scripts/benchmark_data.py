"""How fast data comes: `python -m scripts.benchmark_data DATALIST --device cpu`."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import torch
from monai.data import CacheDataset, DataLoader, Dataset
from monai.transforms import Compose
from tqdm import tqdm

from custom.data import datalist_section
from custom.transforms import (
    BatchAugmentation,
    FitToNetworkd,
    HeadTargets,
    LoadFramed,
    NormalizeFramed,
    PrepareLabelsd,
)
from custom.workflow import PrepareCatheterBatch, report_errors
from scripts.command_line import start_alone


def benchmark_data(
    datalist: str,
    split: str = "training",
    device: str = "cpu",
    batch_size: int = 8,
    workers: int = 0,
    size: int = 256,
    passes: int = 5,
    all_options: bool = False,
) -> None:
    """Print images per second of reading and preparing files, and of the cached loader plus augmentation.

    Augmentation and targets run on the device, as in training; no network does.

    Args:
        datalist: path of a datalist.
        split: training, validation or test.
        device: cpu or cuda.
        batch_size: frames a batch.
        workers: loader processes.
        size: rows and columns of the network's input.
        passes: through the split, after one that is not timed.
        all_options: every option of the augmentation, each in every second frame.
    """
    entries = datalist_section(datalist, split)
    preprocessing = Compose(
        [LoadFramed(), NormalizeFramed(), PrepareLabelsd(), FitToNetworkd(size=(size, size), scale_to_size=True)]
    )
    augmentation = BatchAugmentation(**_every_option()) if all_options else BatchAugmentation()
    options = {"batch_size": batch_size, "num_workers": workers}
    files = DataLoader(Dataset(entries, preprocessing), **options)
    cached = DataLoader(CacheDataset(entries, preprocessing, progress=False), shuffle=True, **options)
    prepare = PrepareCatheterBatch(augmentation, HeadTargets())
    print(f"{len(entries)} frames, batches of {batch_size}, {workers} workers, {size} x {size} on {device}")
    print(f"files, read and prepared: {_images_per_second(files, 1, device):.0f} images/s")
    print(f"cached loader: {_images_per_second(cached, passes, device):.0f} images/s")
    rate = _images_per_second(cached, passes, device, lambda batch: prepare(batch, device))
    print(f"cached loader, augmentation and targets: {rate:.0f} images/s")


def _every_option() -> dict[str, Any]:
    names = ("gamma", "brightness", "contrast", "inversion", "blur", "occlusion", "collimation", "noise")
    return dict.fromkeys(names, 0.5)


def _images_per_second(
    loader: DataLoader, passes: int, device: str, action: Callable[[dict[str, Any]], Any] = lambda batch: None
) -> float:
    """The rate of the fastest pass: what else the machine does slows the others down."""
    rates = []
    for _ in tqdm(range(passes + 1), leave=False, disable=None):
        started, images = time.perf_counter(), 0
        for batch in loader:
            action(batch)
            images += len(batch["name"])
        if device.startswith("cuda"):
            torch.cuda.synchronize(device)
        rates.append(images / (time.perf_counter() - started))
    return max(rates[1:])


if __name__ == "__main__":
    report_errors()
    start_alone(benchmark_data)
