import pytest
import torch

from custom.networks import lite_catheter_net
from scripts.benchmark_prioritization import random_batch
from scripts.benchmark_strategies import BASELINE, benchmark_strategies, build_strategies


@pytest.mark.slow
def test_every_strategy_is_timed_against_constant_weights(capsys):
    benchmark_strategies(size=32, batch_size=2, repetitions=1)
    ratios = dict(line.rsplit(maxsplit=1) for line in capsys.readouterr().out.splitlines()[1:])
    assert float(ratios.pop(BASELINE)) == 1
    assert {"ours", "GradNorm", "PCGrad"} <= ratios.keys()
    assert all(float(ratio) > 0.2 for ratio in ratios.values())


@pytest.mark.slow
def test_a_step_trains_and_keeps_kpis_where_the_strategy_has_them():
    network = lite_catheter_net()
    image, label = random_batch(2, 32, 3, network.head_stride, "cpu")
    for name, strategy in build_strategies(network).items():
        before = torch.cat([parameter.detach().flatten() for parameter in network.parameters()])
        strategy.step(image, label)
        after = torch.cat([parameter.detach().flatten() for parameter in network.parameters()])
        assert not torch.equal(before, after), name
        assert bool(strategy.priority.observed.any()) == (name != BASELINE)
