"""Task weightings that follow losses or gradients must weigh alike in two processes and in one with their batches."""

from __future__ import annotations

import ignite.distributed as idist
import pytest
import torch
import torch.distributed
from torch import nn
from torch.nn.parallel import DistributedDataParallel

from custom.losses import PrioritizedLoss
from custom.prioritization import DynamicWeightAverage, Famo, GradNorm, PCGrad, PriorityState, UncertaintyWeighting

FRAMES, STEPS = 8, 4
NAMES = ["average", "uncertainty", "norm", "famo", "surgery"]


class TwoHeads(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.shared = nn.Linear(3, 4)
        self.heads = nn.ModuleDict({task: nn.Linear(4, 1) for task in ("detection", "segmentation")})
        # Alike at first, so that tasks that want opposite outputs conflict.
        self.heads["segmentation"].load_state_dict(self.heads["detection"].state_dict())

    def forward(self, frames):
        features = torch.tanh(self.shared(frames))
        return {task: head(features)[:, 0] for task, head in self.heads.items()}


class HeadLoss(nn.Module):
    def __init__(self, task: str, wanted: float) -> None:
        super().__init__()
        self.task, self.wanted = task, wanted

    def forward(self, pred, label):
        return (pred[self.task] - self.wanted).square()


def weighting(name: str, network: TwoHeads) -> nn.Module:
    return {
        "average": lambda: DynamicWeightAverage(),
        "uncertainty": lambda: UncertaintyWeighting(0.1),
        "norm": lambda: GradNorm(network.shared.parameters()),
        "famo": lambda: Famo(0.1),
        "surgery": lambda: PCGrad(network.parameters()),
    }[name]()


def train(name: str) -> dict[str, object]:
    """Train a few steps, each an epoch; return weights and losses of every step, and the network."""
    torch.manual_seed(0)
    network, frames = TwoHeads(), torch.randn(FRAMES, 3)
    priority = PriorityState(FRAMES, weighting=weighting(name, network))
    losses = {"detection": HeadLoss("detection", 1.0), "segmentation": HeadLoss("segmentation", -2.0)}
    loss = PrioritizedLoss(priority, losses=losses)
    optimizer = torch.optim.SGD(network.parameters(), 0.05)
    trained = network if idist.get_world_size() == 1 else DistributedDataParallel(network)
    index = torch.arange(FRAMES)[idist.get_rank() :: idist.get_world_size()]
    available = torch.ones(len(index), 2, dtype=torch.bool)
    weights, reported = [], []
    for step in range(1, STEPS + 1):
        priority.start_epoch(step)
        optimizer.zero_grad()
        loss(trained(frames[index]), {"sample_index": index, "available": available}).backward()
        optimizer.step()
        everywhere = [idist.all_gather(value) for value in (index, torch.full((len(index), 2), 0.5), available)]
        priority.update(*everywhere)
        weights.append(priority.task_weights())
        total = torch.stack([loss.task_losses[task].clone() for task in losses])
        reported.append(idist.all_reduce(total) / idist.get_world_size())
    return {"weights": torch.stack(weights), "losses": torch.stack(reported), "network": network.state_dict()}


def train_rank(rank: int, folder: str) -> None:
    torch.set_num_threads(1)
    torch.distributed.init_process_group("gloo", init_method=f"file://{folder}/meet", rank=rank, world_size=2)
    torch.save({name: train(name) for name in NAMES}, f"{folder}/{rank}.pt")
    torch.distributed.destroy_process_group()


@pytest.fixture(scope="module")
def ranks(tmp_path_factory):
    folder = tmp_path_factory.mktemp("ranks")
    torch.multiprocessing.spawn(train_rank, (str(folder),), nprocs=2)
    return [torch.load(folder / f"{rank}.pt") for rank in range(2)]


@pytest.mark.slow
@pytest.mark.parametrize("name", NAMES)
def test_two_processes_weigh_as_one(ranks, name):
    alone = train(name)
    assert not torch.equal(alone["weights"][0], alone["weights"][-1]), "there is something to get wrong"
    for rank in ranks:
        torch.testing.assert_close(rank[name]["weights"], alone["weights"])
        torch.testing.assert_close(rank[name]["losses"], alone["losses"])
        torch.testing.assert_close(rank[name]["network"], alone["network"])
