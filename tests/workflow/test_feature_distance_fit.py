import pytest
import torch

from custom.errors import InputError
from custom.networks import lite_catheter_net
from custom.networks.feature_distance import FeatureDistance
from custom.workflow import FeatureDistanceFit
from tests.tiny_data import write_tiny_data
from tests.workflow.tiny_training import train_tiny


class NumbersNetwork(torch.nn.Module):
    """Stands for the network where a test says what the features of a frame are: its pixels."""

    def __init__(self, channels):
        super().__init__()
        self.feature_distance = FeatureDistance(0, channels)
        self.weight = torch.nn.Parameter(torch.zeros(1))

    def pooled_features(self, image):
        return image.flatten(1)

    def distances(self, features):
        return self.feature_distance.measure(features)


def normal(frames, seed, mean=5.0):
    """(frames, 4) with standard deviations 1, 2, 3, 4."""
    generator = torch.Generator().manual_seed(seed)
    return mean + torch.randn(frames, 4, generator=generator) * torch.arange(1.0, 5.0)


def dataset(features):
    return [{"image": row.reshape(1, 2, 2)} for row in features]


@pytest.fixture
def fitted():
    network = NumbersNetwork(4)
    FeatureDistanceFit(network=network, dataset=dataset(normal(3000, 0)), frames=3000, quantile=0.99).fit()
    return network


def test_mean_precision_and_limit_are_those_of_a_normal_distribution(fitted):
    distance = fitted.feature_distance
    precision = distance.whitening @ distance.whitening.T
    torch.testing.assert_close(distance.mean, torch.full((4,), 5.0), atol=0.2, rtol=0)
    torch.testing.assert_close(precision.diagonal().rsqrt(), torch.arange(1.0, 5.0), atol=0, rtol=0.06)
    assert distance.limit.item() == pytest.approx(13.277**0.5, rel=0.04)  # chi-squared, 4 degrees of freedom, 99 %


def test_one_in_a_hundred_unseen_frames_lies_beyond_and_others_do(fitted):
    assert (fitted.distances(normal(5000, 1)) > 1).float().mean().item() == pytest.approx(0.01, abs=0.006)
    assert (fitted.distances(normal(500, 2, mean=15.0)) > 1).all()


def test_few_frames_with_many_features_do_not_flag_what_is_alike():
    generator = torch.Generator().manual_seed(0)
    features = torch.randn(460, 64, generator=generator)
    network = NumbersNetwork(64)
    FeatureDistanceFit(network=network, dataset=[{"image": row.reshape(1, 8, 8)} for row in features[:60]]).fit()
    assert (network.distances(features[60:]) > 1).float().mean() < 0.06


def test_frames_are_spread_over_the_whole_list():
    network = NumbersNetwork(4)
    fit = FeatureDistanceFit(network=network, dataset=dataset(torch.arange(100.0)[:, None].expand(-1, 4)), frames=34)
    assert fit._features()[:, 0].tolist() == [3.0 * index for index in range(34)]


def test_weights_are_written_back_with_the_distance(tmp_path):
    path = tmp_path / "model.pt"
    torch.manual_seed(0)
    network = lite_catheter_net()
    torch.save(network.state_dict(), path)
    frames = [{"image": frame} for frame in torch.rand(24, 1, 48, 80)]
    FeatureDistanceFit(network=network, dataset=frames).fit_weights(path)
    weights = torch.load(path, weights_only=True)
    assert weights["feature_distance.limit"] > 0
    assert torch.equal(weights["projection.weight"], network.projection.weight)
    network.eval()
    with torch.no_grad():
        assert network(frames[0]["image"][None])["feature_distance"].item() < 2
        assert network(torch.zeros(1, 1, 48, 80))["feature_distance"].item() > 2


def test_too_few_frames_are_refused_but_do_not_spoil_a_training(tmp_path, caplog):
    path = tmp_path / "model.pt"
    network = lite_catheter_net()
    torch.save(network.state_dict(), path)
    before = path.read_bytes()
    fit = FeatureDistanceFit(network=network, dataset=[{"image": torch.rand(1, 16, 16)}] * 19)
    with pytest.raises(InputError, match="feature_distance_frames: too few training frames; found 19; expected 20 or"):
        fit.fit_weights(path)
    with caplog.at_level("WARNING"):
        fit.fit_trained(path)
    assert "frames unlike the training frames will not be told apart" in caplog.text
    assert path.read_bytes() == before


def test_a_network_without_a_distance_is_refused(tmp_path):
    fit = FeatureDistanceFit(network=torch.nn.Linear(2, 2), dataset=dataset(normal(30, 0)))
    with pytest.raises(InputError, match="no feature distance"):
        fit.fit_weights(tmp_path / "model.pt")


def test_a_network_without_a_distance_trains_as_it_is(tmp_path):
    fit = FeatureDistanceFit(network=torch.nn.Linear(2, 2), dataset=[{"image": torch.rand(1, 16, 16)}] * 30)
    fit.forget()
    fit.fit_trained(tmp_path / "there is no such file")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.slow
@pytest.mark.parametrize(("frames", "known"), [(2000, True), (0, False)])
def test_training_ends_with_it_unless_it_is_switched_off(tmp_path, frames, known):
    datalist = write_tiny_data(tmp_path / "data", cases=14, frames=2)
    train_tiny(datalist, tmp_path / "output", max_epochs=1, feature_distance_frames=frames)
    weights = torch.load(tmp_path / "output" / "model.pt", weights_only=True)
    checkpoint = torch.load(tmp_path / "output" / "checkpoints" / "last.pt", weights_only=True)
    assert bool(weights["feature_distance.limit"] > 0) == known
    assert checkpoint["network"]["feature_distance.limit"] == 0
