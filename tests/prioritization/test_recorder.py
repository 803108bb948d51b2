from __future__ import annotations

import numpy as np
import torch
from ignite.engine import Engine, Events

from custom.prioritization import KpiRecorder, PriorityState

# KPIs of four samples, by epoch; the second epoch does not see the last one, nor the first one's detection.
KPIS = {
    1: torch.tensor([[0.5, 0.2], [0.25, 1.0], [1.0, 0.5], [0.2, 0.4]]),
    2: torch.tensor([[1.0, 0.2], [0.25, 1.0], [0.5, 0.5]]),
    3: torch.full((4, 2), 0.5),
}
SECOND_AVAILABLE = torch.tensor([[False, True], [True, True], [True, True]])


def train(path, epochs, resumed=None):
    priority = PriorityState(4, alpha=1.0, share_epochs=(1, 2), final_share=0.5, refresh_interval=9)
    engine = Engine(lambda engine, batch: None)
    engine.add_event_handler(Events.EPOCH_STARTED, lambda: priority.start_epoch(engine.state.epoch))
    KpiRecorder(priority, path).attach(engine)

    @engine.on(Events.ITERATION_COMPLETED(every=3))
    def observe():
        kpis = KPIS[engine.state.epoch]
        available = SECOND_AVAILABLE if engine.state.epoch == 2 else torch.ones_like(kpis, dtype=torch.bool)
        priority.update(torch.arange(len(kpis)), kpis, available)

    if resumed is not None:
        priority.load_state_dict(resumed.state_dict())
        engine.load_state_dict({"epoch": 2, "epoch_length": 3, "max_epochs": epochs})
        engine.run([0] * 3)
    else:
        engine.run([0] * 3, max_epochs=epochs)
    return priority


def test_difficulties_thresholds_and_iterations(tmp_path):
    train(tmp_path / "kpis.npz", 3)
    with np.load(tmp_path / "kpis.npz") as record:
        assert record["iteration"].tolist() == [3, 6, 9]
        np.testing.assert_allclose(record["difficulty"][0], [[2, 5], [4, 1], [1, 2], [5, 2.5]])
        # Seen again: only what was seen and is annotated changes.
        np.testing.assert_allclose(record["difficulty"][1], [[2, 5], [4, 1], [2, 2], [5, 2.5]])
        # Nothing is known at first; then the second hardest of four, for the third epoch without the first's detection.
        np.testing.assert_allclose(record["threshold"], [[np.inf, np.inf], [4, 2.5], [4, 2.5]])


def test_a_resumed_run_goes_on_in_the_file(tmp_path):
    train(tmp_path / "straight.npz", 3)
    first = train(tmp_path / "kpis.npz", 2)
    train(tmp_path / "kpis.npz", 3, resumed=first)
    with np.load(tmp_path / "straight.npz") as straight, np.load(tmp_path / "kpis.npz") as resumed:
        for name in straight:
            np.testing.assert_array_equal(resumed[name], straight[name])
