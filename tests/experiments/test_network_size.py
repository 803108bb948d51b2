from __future__ import annotations

from ignite.engine import Engine
from torch import nn

from custom.experiments import NetworkSize


def test_millions_of_parameters_are_among_the_metrics():
    engine = Engine(lambda engine, batch: None)
    engine.network = nn.Sequential(nn.Linear(1000, 999), nn.BatchNorm1d(999))
    NetworkSize().attach(engine)
    engine.run([0])
    assert engine.state.metrics == {"val_million_parameters": 1.001997}
