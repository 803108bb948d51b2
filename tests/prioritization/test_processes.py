"""Two processes must train as one that has their batches together."""

from __future__ import annotations

import pytest
import torch
import torch.distributed
from ignite.engine import Engine
from torch.utils.data import DataLoader

from custom.losses import PrioritizedLoss
from custom.prioritization import Kpi, KpiHandler, PrioritySampler, PriorityState, TopKSoft

SIZE, BATCH, EPOCHS, SLOPE = 20, 4, 5, 0.3


class Frames(torch.utils.data.Dataset):
    def __len__(self):
        return SIZE

    def __getitem__(self, index):
        label = {"available": torch.tensor([True, index % 3 > 0]), "electrode_valid": torch.tensor([index % 4 > 0])}
        label["empty"] = torch.tensor([index % 8 == 0, index % 5 == 0])
        return label | {"sample_index": index, "value": float(index), "mask": torch.full((1, 1, 1), index % 5 > 0)}


class ValueLoss(torch.nn.Module):
    def forward(self, pred, label):
        return pred.square()


class ValueKpi(Kpi):
    def __init__(self, speed: float) -> None:
        self.speed = speed

    def __call__(self, pred, label):
        return (label["value"].float() * self.speed % 1).clamp(0.05, 1)


def train(world_size: int) -> dict[str, object]:
    """Train a slope; return it with the state, the losses of every step and the samples of every epoch."""
    priority = PriorityState(SIZE, selection=TopKSoft(), share_epochs=(1, 3), final_share=0.4, refresh_interval=9)
    loss = PrioritizedLoss(priority, losses={"detection": ValueLoss(), "segmentation": ValueLoss()})
    slope = torch.tensor(SLOPE, requires_grad=True)
    optimizer = torch.optim.SGD([slope], 1e-4)
    losses = []

    def step(engine, batch):
        optimizer.zero_grad()
        pred = slope * batch["value"].float()
        value = loss(pred, batch)
        value.backward()
        reported = value.detach().clone()
        if world_size > 1:
            for tensor in (slope.grad, reported):
                torch.distributed.all_reduce(tensor)
                tensor /= world_size
        optimizer.step()
        losses.append(reported.item())
        return {"pred": pred, "label": batch}

    sampler = PrioritySampler(priority, seed=1)
    engine = Engine(step)
    KpiHandler(priority, {"detection": ValueKpi(0.31), "segmentation": ValueKpi(0.77)}).attach(engine)
    loader = DataLoader(Frames(), sampler=sampler, batch_size=BATCH // world_size)
    engine.run(loader, max_epochs=EPOCHS)
    return {"slope": slope.item(), "losses": losses, "state": priority.state_dict()}


def train_rank(rank: int, folder: str) -> None:
    torch.set_num_threads(1)
    torch.distributed.init_process_group("gloo", init_method=f"file://{folder}/meet", rank=rank, world_size=2)
    torch.save(train(2), f"{folder}/{rank}.pt")
    torch.distributed.destroy_process_group()


@pytest.mark.slow
def test_two_processes_train_as_one(tmp_path):
    torch.multiprocessing.spawn(train_rank, (str(tmp_path),), nprocs=2)
    first, second = (torch.load(tmp_path / f"{rank}.pt") for rank in range(2))
    alone = train(1)
    for name, value in alone["state"].items():
        assert torch.equal(first["state"][name], second["state"][name]), name
        torch.testing.assert_close(first["state"][name], value)
    assert first["losses"] == pytest.approx(alone["losses"], rel=1e-5)
    assert first["slope"] == pytest.approx(alone["slope"], rel=1e-5)
    assert len(alone["losses"]) < EPOCHS * SIZE / BATCH
