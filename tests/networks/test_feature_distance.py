import pytest
import torch

from custom.networks.feature_distance import FeatureDistance
from custom.networks.weights import load_weights


@pytest.fixture
def distance():
    """Two deep channels with standard deviations 2 and 0.5 about (1, -1); the limit is 3 of them."""
    fitted = FeatureDistance(0, 2)
    fitted.set(torch.tensor([1.0, -1.0]), torch.diag(torch.tensor([1 / 4, 4.0])), 3.0)
    return fitted


def test_distance_counts_in_units_of_the_limit(distance):
    pooled = torch.tensor([[1.0, -1.0], [7.0, -1.0], [1.0, -4.0], [7.0, -4.0]])  # three of 2, six of 0.5
    torch.testing.assert_close(distance.measure(pooled), torch.tensor([0, 1, 2, 5**0.5]))


def test_features_are_pooled_over_their_places():
    first = torch.tensor([[[1.0, 3.0], [1.0, 3.0]], [[5.0, 5.0], [5.0, 5.0]]])[None]
    deep = torch.tensor([[[2.0, 4.0, 9.0]]])[None]
    pooled = FeatureDistance(2, 1).pool(first.bfloat16(), deep)
    torch.testing.assert_close(pooled, torch.tensor([[2.0, 5.0, (4 / 3) ** 0.5, 0.0, 5.0]]))


def test_correlated_features_are_told_apart():
    covariance = torch.tensor([[4.0, 3.0], [3.0, 4.0]])
    distance = FeatureDistance(0, 2)
    distance.set(torch.zeros(2), torch.linalg.inv(covariance), 1.0)
    # Along (1, 1) the variance is 7, along (1, -1) it is 1.
    pooled = torch.tensor([[1.0, 1.0], [1.0, -1.0]])
    torch.testing.assert_close(distance.measure(pooled), torch.tensor([(2 / 7) ** 0.5, 2**0.5]))


def test_reduced_precision_does_not_reach_it(distance):
    with torch.autocast("cpu", dtype=torch.bfloat16):
        assert distance.measure(torch.tensor([[7.0, -4.0]])).item() == pytest.approx(5**0.5, rel=1e-6)


def test_before_fitting_and_after_forgetting_it_is_unknown(distance):
    assert FeatureDistance(0, 2).measure(torch.ones(3, 2)).isnan().all()
    distance.forget()
    assert distance.measure(torch.ones(3, 2)).isnan().all()
    assert all(torch.isfinite(buffer).all() for buffer in distance.buffers())


def test_weights_of_before_load_strictly_and_leave_it_unfitted(distance):
    network = torch.nn.ModuleDict({"linear": torch.nn.Linear(2, 2), "feature_distance": distance})
    old = {key: value for key, value in network.state_dict().items() if key.startswith("linear")}
    load_weights(network, old, source="old.pt")
    assert network["feature_distance"].measure(torch.ones(3, 2)).isnan().all()
