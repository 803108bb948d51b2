"""Training that stops when validation no longer improves."""

from __future__ import annotations

import logging

from ignite.engine import Engine, Events


class StopWithoutImprovement:
    """Ends training once the best validation lies `patience` epochs behind the last one.

    It reads the evaluator's record and keeps nothing itself, so that a resumed run stops where the straight run stops:
    at once where that has stopped already.

    Args:
        evaluator: the engine with the key metric.
        patience: epochs without improvement; 0 never stops.
    """

    def __init__(self, *, evaluator: Engine, patience: int) -> None:
        self.evaluator = evaluator
        self.patience = patience

    def attach(self, engine: Engine) -> None:
        """Attach to a trainer, after its `ValidationHandler`."""
        if self.patience > 0:
            engine.add_event_handler(Events.STARTED | Events.EPOCH_COMPLETED, self.stop_if_stale)

    def stop_if_stale(self, engine: Engine) -> None:
        """Terminate the engine when the best epoch lies too far back."""
        best = self.evaluator.state.best_metric_epoch
        if best != -1 and self.evaluator.state.epoch - best >= self.patience:
            logging.getLogger("catheter.train").info(f"no improvement since epoch {best}: stopping")
            engine.terminate()
