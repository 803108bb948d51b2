"""Work as one over several processes, started by torchrun."""

from __future__ import annotations

import logging
import os
from collections.abc import Sequence
from typing import TypeVar

import ignite.distributed as idist
import torch
import torch.distributed as dist
from torch import nn
from torch.nn.parallel import DistributedDataParallel

from custom.error_report import report_errors
from custom.errors import InputError

Item = TypeVar("Item")


def start_processes(device: str | torch.device) -> None:
    """Join the process group: NCCL on CUDA, gloo on the CPU. Only the first rank logs.

    Raises:
        InputError: where the process was not started by torchrun.
    """
    if "RANK" not in os.environ:
        raise InputError(
            "this config needs several processes", remedy="Start it with torchrun --nproc_per_node=N -m ..."
        )
    on_cuda = torch.device(device).type == "cuda"
    if on_cuda:
        torch.cuda.set_device(device)
    if not dist.is_initialized():
        dist.init_process_group("nccl" if on_cuda else "gloo")
        report_errors()  # torch has put its own hook in front of ours
    if dist.get_rank() > 0:
        logging.getLogger("catheter").setLevel(logging.WARNING)


def stop_processes() -> None:
    """Leave the process group."""
    if dist.is_initialized():
        dist.destroy_process_group()


def share_of_process(items: Sequence[Item]) -> list[Item]:
    """Return every `world_size`-th item, from this process's rank on: all of them where there is one process."""
    return list(items[idist.get_rank() :: idist.get_world_size()])


def distributed_network(network: nn.Module, device: str | torch.device) -> DistributedDataParallel:
    """Wrap a network so that its gradients are averaged over processes.

    Batch norm sees the whole batch on CUDA (`SyncBatchNorm`). On the CPU each process normalises with its own part:
    PyTorch has no synchronised form there, so that a run on several CPU processes differs from one process by it.

    Args:
        network: with its parameters on any device.
        device: this process's.
    """
    device = torch.device(device)
    if device.type != "cuda":
        return DistributedDataParallel(network)
    synchronised = nn.SyncBatchNorm.convert_sync_batchnorm(network).to(device, memory_format=torch.channels_last)
    return DistributedDataParallel(synchronised, device_ids=[device])


def gather(items: Sequence[Item]) -> list[Item]:
    """Return the items of all processes in the order of their ranks; waits for all of them."""
    return [item for share in idist.all_gather(list(items)) for item in share]
