"""How large a network is."""

from __future__ import annotations

from ignite.engine import Engine, Events


class NetworkSize:
    """Puts the number of the network's parameters, in millions, into the evaluator's metrics.

    Args:
        name: of the metric.
    """

    def __init__(self, name: str = "val_million_parameters") -> None:
        self.name = name

    def attach(self, engine: Engine) -> None:
        """Attach to a MONAI evaluator."""
        engine.add_event_handler(Events.EPOCH_COMPLETED, self.report)

    def report(self, engine: Engine) -> None:
        """Write the number."""
        engine.state.metrics[self.name] = sum(value.numel() for value in engine.network.parameters()) / 1e6
