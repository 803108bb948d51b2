from __future__ import annotations

import logging

import pytest
import torch
from ignite.engine import Engine, Events
from monai.engines import SupervisedTrainer
from torch.utils.data import DataLoader, Dataset

from custom.errors import InputError
from custom.losses import PrioritizedLoss
from custom.prioritization import Kpi, KpiHandler, PrioritySampler, PriorityState

SIZE, EPOCHS, BATCH = 23, 14, 4
ONE = torch.ones(1, dtype=torch.bool)


class Indices(Dataset):
    def __len__(self):
        return SIZE

    def __getitem__(self, index):
        available = torch.tensor([True, index % 3 != 0])
        labels = {"electrode_valid": ONE, "mask": ONE.view(1, 1, 1), "empty": torch.tensor([False, False])}
        return {"sample_index": index, "available": available, **labels}


class MadeUpKpi(Kpi):
    """Samples improve at different speeds, so that the ranking changes."""

    def __init__(self, speed: float) -> None:
        self.speed = speed

    def __call__(self, pred, label):
        index = label["sample_index"].float()
        return ((index * self.speed % 1) + pred["epoch"] / 20).clamp(0.01, 0.99)


class Run:
    """A trainer that writes down what each epoch consumed and what it should have consumed."""

    def __init__(self, workers: int = 0, epochs: int = EPOCHS, priority: PriorityState | None = None) -> None:
        self.priority = priority or PriorityState(
            SIZE, alpha=0.5, share_epochs=(1, 6), final_share=0.3, refresh_interval=7
        )
        persistent = {"persistent_workers": True} if workers else {}
        self.loader = DataLoader(
            Indices(),
            sampler=PrioritySampler(self.priority, seed=3),
            batch_size=BATCH,
            num_workers=workers,
            **persistent,
        )
        self.engine = Engine(self.step)
        self.consumed: dict[int, list[int]] = {}
        self.expected: dict[int, list[int]] = {}
        self.metrics: dict[int, dict[str, float]] = {}
        handler = KpiHandler(self.priority, {"segmentation": MadeUpKpi(0.31), "detection": MadeUpKpi(0.77)})
        handler.attach(self.engine)
        self.engine.add_event_handler(Events.EPOCH_STARTED, self.expect)
        self.engine.add_event_handler(Events.EPOCH_COMPLETED, self.note)
        self.epochs = epochs

    def step(self, engine, batch):
        self.consumed.setdefault(engine.state.epoch, []).extend(batch["sample_index"].tolist())
        return {"pred": {"epoch": engine.state.epoch}, "label": batch}

    def expect(self, engine):
        self.expected[engine.state.epoch] = self.priority.selected_indices().tolist()

    def note(self, engine):
        self.metrics[engine.state.epoch] = dict(engine.state.metrics)

    def start(self) -> Run:
        self.engine.run(self.loader, max_epochs=self.epochs)
        return self


@pytest.mark.parametrize("workers", [0, pytest.param(2, marks=pytest.mark.slow)])
def test_every_epoch_consumes_exactly_its_own_selection(workers):
    run = Run(workers).start()
    assert list(run.consumed) == list(range(1, EPOCHS + 1))
    for epoch, indices in run.consumed.items():
        assert sorted(indices) == run.expected[epoch], f"epoch {epoch}"


def test_epochs_get_shorter_and_refresh():
    run = Run().start()
    counts = [len(indices) for indices in run.consumed.values()]
    assert [epoch for epoch, count in zip(run.consumed, counts, strict=True) if count == SIZE] == [1, 8]
    assert counts[1] > counts[3] > counts[5]
    assert run.engine.state.iteration == sum(-(-count // BATCH) for count in counts)


def test_the_selection_is_made_of_what_the_epochs_before_showed():
    run = Run(epochs=2).start()
    twin = PriorityState(SIZE, alpha=0.5, share_epochs=(1, 6), final_share=0.3, refresh_interval=7)
    twin.start_epoch(1)
    for start in range(0, SIZE, BATCH):
        index = torch.tensor(run.consumed[1][start : start + BATCH])
        label = {"sample_index": index, "available": torch.stack([index >= 0, index % 3 != 0], dim=1)}
        kpis = [MadeUpKpi(speed)({"epoch": 1}, label) for speed in (0.77, 0.31)]
        twin.update(index, torch.stack(kpis, dim=1), label["available"])
    twin.start_epoch(2)
    assert sorted(run.consumed[2]) == twin.selected_indices().tolist()


def test_kpis_weights_and_share_are_published():
    run = Run(epochs=5).start()
    kpis = run.priority.task_kpis()
    assert run.metrics[5]["kpi_detection"] == pytest.approx(kpis[0].item())
    assert run.metrics[5]["kpi_segmentation"] == pytest.approx(kpis[1].item())
    assert run.metrics[5]["weight_detection"] == pytest.approx(1 / kpis[0].item())
    assert run.metrics[5]["kept_share"] == pytest.approx(len(run.expected[5]) / SIZE)


def test_the_log_says_how_much_shorter_an_epoch_is(caplog):
    with caplog.at_level(logging.INFO):
        run = Run(epochs=4).start()
    iterations = -(-len(run.expected[4]) // BATCH)
    assert f"of {SIZE} samples: {iterations} of 6 iterations" in caplog.text


def test_a_run_resumed_between_epochs_goes_on_as_if_never_stopped():
    straight = Run().start()
    first = Run(epochs=9).start()
    second = Run()
    second.priority.load_state_dict(first.priority.state_dict())
    second.engine.state.epoch_length = -(-SIZE // BATCH)
    second.engine.state.max_epochs = EPOCHS
    second.engine.state.epoch, second.engine.state.iteration = 9, first.engine.state.iteration
    # Ignite takes an iteration that is no multiple of the epoch's length for one in the middle of an epoch.
    second.engine.should_terminate = True
    second.start()
    assert {epoch: straight.consumed[epoch] for epoch in range(10, EPOCHS + 1)} == second.consumed


def trainer(**settings) -> tuple[SupervisedTrainer, PriorityState]:
    priority = PriorityState(SIZE, share_epochs=(1, 2), final_share=0.5, refresh_interval=100)
    network = torch.nn.Linear(1, 1)
    losses = torch.nn.ModuleDict({"detection": SquareLoss(), "segmentation": SquareLoss()})
    trainer = SupervisedTrainer(
        device="cpu",
        max_epochs=6,
        train_data_loader=DataLoader(Indices(), sampler=PrioritySampler(priority), batch_size=BATCH),
        prepare_batch=lambda batch, *args, **kwargs: (batch["sample_index"][:, None].float(), batch),
        network=network,
        optimizer=torch.optim.SGD(network.parameters(), 1e-6),
        loss_function=PrioritizedLoss(priority, losses=losses),
        train_handlers=[KpiHandler(priority, {"segmentation": IndexKpi(), "detection": IndexKpi()})],
        **settings,
    )
    return trainer, priority


class SquareLoss(torch.nn.Module):
    def forward(self, pred, label):
        return pred.square().flatten(1).mean(1)


class IndexKpi(Kpi):
    def __call__(self, pred, label):
        return (label["sample_index"] + 1) / (SIZE + 1)


class Column(Kpi):
    def __init__(self, *values):
        self.values = torch.tensor(values)

    def __call__(self, pred, label):
        return self.values


def test_frames_that_show_nothing_of_a_task_do_not_count_in_its_kpi():
    priority = PriorityState(3)
    handler = KpiHandler(priority, {"detection": Column(0.2, 0.4, 0.6), "segmentation": Column(0.1, 0.3, 0.6)})
    mask = torch.zeros(3, 1, 2, 3)
    mask[0, 0, 1, 2] = mask[2, 0, 0, 0] = 1
    electrode_valid = torch.tensor([[True, False], [False, False], [False, False]])
    label = {"sample_index": torch.arange(3), "available": torch.ones(3, 2, dtype=torch.bool)}
    label["empty"] = torch.tensor([[False, False], [True, True], [True, False]])
    engine = Engine(lambda engine, batch: None)
    engine.state.output = {"pred": {}, "label": label | {"mask": mask, "electrode_valid": electrode_valid}}
    handler.update(engine)
    torch.testing.assert_close(priority.task_kpis(), torch.tensor([0.2, 0.35]))


def test_monais_trainer_runs_every_epoch():
    engine, priority = trainer(decollate=False)
    engine.run()
    assert engine.state.epoch == 6
    # The hardest half are samples 0 to 11, for either task: three batches instead of six.
    assert priority.selected_indices().tolist() == list(range(12))
    assert engine.state.iteration == 6 + 5 * 3


def test_a_decollating_trainer_is_told_so():
    engine, _ = trainer(decollate=True)
    with pytest.raises(InputError, match="decollate"):
        engine.run()


def test_a_task_without_kpi_is_named():
    with pytest.raises(InputError, match=r"kpis.*\['detection'\].*segmentation"):
        KpiHandler(PriorityState(3), {"detection": IndexKpi()})


def test_accumulated_gradients_are_refused():
    """MONAI's trainer attaches its handlers before it knows of them."""
    engine, _ = trainer(decollate=False, accumulation_steps=2)
    with pytest.raises(InputError, match=r"accumulation_steps: .*found 2; expected 1"):
        engine.run()
    assert engine.state.iteration == 0
