import pytest
import torch

from custom.networks.feature_distance import FeatureDistance
from custom.networks.weights import load_weights


@pytest.fixture
def distance():
    """Two channels with standard deviations 2 and 0.5 about (1, -1); the limit is 3 of them."""
    fitted = FeatureDistance(2)
    fitted.set(torch.tensor([1.0, -1.0]), torch.diag(torch.tensor([1 / 4, 4.0])), 3.0)
    return fitted


def constant(*values):
    """(1, 2, 3, 5): each channel has one value everywhere."""
    return torch.tensor(values)[None, :, None, None].expand(1, 2, 3, 5)


def test_distance_counts_in_units_of_the_limit(distance):
    assert distance(constant(1.0, -1.0)).item() == 0
    assert distance(constant(7.0, -1.0)).item() == pytest.approx(1)  # three of 2
    assert distance(constant(1.0, -4.0)).item() == pytest.approx(2)  # six of 0.5
    assert distance(constant(7.0, -4.0)).item() == pytest.approx(5**0.5)


def test_only_the_mean_over_places_counts(distance):
    feature = constant(7.0, -1.0).clone()
    feature[..., 0] += 4
    feature[..., 1] -= 4
    assert distance(feature).item() == pytest.approx(1)


def test_correlated_features_are_told_apart():
    covariance = torch.tensor([[4.0, 3.0], [3.0, 4.0]])
    distance = FeatureDistance(2)
    distance.set(torch.zeros(2), torch.linalg.inv(covariance), 1.0)
    # Along (1, 1) the variance is 7, along (1, -1) it is 1.
    assert distance(constant(1.0, 1.0)).item() == pytest.approx((2 / 7) ** 0.5)
    assert distance(constant(1.0, -1.0)).item() == pytest.approx(2**0.5)


def test_reduced_precision_does_not_reach_it(distance):
    with torch.autocast("cpu", dtype=torch.bfloat16):
        assert distance(constant(7.0, -4.0)).item() == pytest.approx(5**0.5, rel=1e-6)


def test_before_fitting_and_after_forgetting_it_is_unknown(distance):
    assert FeatureDistance(2)(constant(1.0, 2.0)).isnan().all()
    distance.forget()
    assert distance(constant(1.0, 2.0)).isnan().all()
    assert all(torch.isfinite(buffer).all() for buffer in distance.buffers())


def test_weights_of_before_load_strictly_and_leave_it_unfitted(distance):
    network = torch.nn.ModuleDict({"linear": torch.nn.Linear(2, 2), "feature_distance": distance})
    old = {key: value for key, value in network.state_dict().items() if key.startswith("linear")}
    load_weights(network, old, source="old.pt")
    assert network["feature_distance"](constant(1.0, 2.0)).isnan().all()
