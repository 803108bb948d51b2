"""How large a network is."""

from __future__ import annotations

from ignite.engine import Engine, Events

from custom.metrics import METRIC_PREFIX


class NetworkSize:
    """Puts the number of the network's parameters, in millions, into the evaluator's metrics."""

    def attach(self, engine: Engine) -> None:
        """Attach to a MONAI evaluator."""
        engine.add_event_handler(Events.EPOCH_COMPLETED, self.report)

    def report(self, engine: Engine) -> None:
        """Write the number."""
        parameters = sum(value.numel() for value in engine.network.parameters())
        engine.state.metrics[f"{METRIC_PREFIX}million_parameters"] = parameters / 1e6
