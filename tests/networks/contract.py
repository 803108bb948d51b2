"""What every form of the network, and every peer, must do; a test class inherits it and says which network."""

from __future__ import annotations

import pytest
import torch

from custom.errors import InputError

ROWS, COLUMNS = 48, 80


class LogitsContract:
    without_gradient: tuple[str, ...] = ()  # parameters that are there and have no part

    def make(self) -> torch.nn.Module:
        raise NotImplementedError

    @pytest.fixture
    def network(self) -> torch.nn.Module:
        torch.manual_seed(0)
        return self.make().eval()

    @pytest.fixture
    def image(self) -> torch.Tensor:
        return torch.randn(2, 1, ROWS, COLUMNS, generator=torch.Generator().manual_seed(1))

    @torch.no_grad()
    def test_shapes_of_a_non_square_input(self, network, image):
        stride = network.head_stride
        shapes = {name: tuple(logits.shape) for name, logits in network(image).items()}
        assert shapes.pop("segmentation") == (2, 1, ROWS, COLUMNS)
        assert shapes.pop("center") == (2, 1, ROWS // stride, COLUMNS // stride)
        shapes.pop("feature_distance", None)
        assert shapes.keys() in ({"size"}, {"size", "offset"})
        assert set(shapes.values()) == {(2, 2, ROWS // stride, COLUMNS // stride)}

    @torch.no_grad()
    def test_saved_weights_give_the_same_logits(self, network, image, tmp_path):
        torch.save(network.state_dict(), tmp_path / "weights.pt")
        torch.manual_seed(9)
        other = self.make().eval()
        other.load_state_dict(torch.load(tmp_path / "weights.pt", weights_only=True))
        assert_same(other(image), network(image))

    @torch.no_grad()
    def test_a_trace_takes_other_sizes_and_batches(self, network, image):
        traced = torch.jit.trace(network, torch.zeros(1, 1, 64, 64), strict=False)
        assert_same(traced(image), network(image))

    def test_gradients_reach_every_parameter_with_a_part(self, network, image):
        network.train()
        sum(logits.square().mean() for logits in network(image).values()).backward()
        assert tuple(name for name, value in network.named_parameters() if value.grad is None) == self.without_gradient

    def test_a_seed_gives_the_same_weights_twice(self, network):
        torch.manual_seed(0)
        assert_same(self.make().state_dict(), network.state_dict())

    @torch.no_grad()
    def test_frames_of_a_batch_do_not_mix(self, network, image):
        alone = network(image[1:])
        together = network(image)
        for name, logits in alone.items():
            torch.testing.assert_close(together[name][1:], logits, rtol=1e-4, atol=1e-4, equal_nan=True)

    def test_center_starts_at_its_prior(self, network):
        *_, last = (layer for layer in network.heads.outputs["center"].modules() if isinstance(layer, torch.nn.Conv2d))
        assert last.bias.tolist() == pytest.approx([-2.19] * last.out_channels, abs=0.01)


class NetworkContract(LogitsContract):
    @torch.no_grad()
    def test_a_fitted_distance_is_part_of_evaluation_of_weights_and_of_a_trace(self, network, image):
        assert network(image)["feature_distance"].isnan().tolist() == [True, True]
        channels = len(network.feature_distance.mean)
        network.feature_distance.set(torch.randn(channels), 2 * torch.eye(channels), 3.0)
        other = self.make().eval()
        other.load_state_dict(network.state_dict())
        traced = torch.jit.trace(network, torch.zeros(1, 1, 64, 64), strict=False)
        distance = network(image)["feature_distance"]
        assert (distance > 0).all()
        assert_same({"fd": other(image)["feature_distance"]}, {"fd": distance})
        assert_same({"fd": traced(image)["feature_distance"]}, {"fd": distance})
        assert "feature_distance" not in network.train()(image)

    @pytest.mark.parametrize("shape", [(1, 1, 40, 64), (1, 1, 64, 250), (1, 3, 64, 64), (1, 64, 64)])
    def test_a_shape_that_does_not_fit_is_named(self, network, shape):
        with pytest.raises(InputError, match=str(shape[-1])):
            network(torch.zeros(shape))


def assert_same(one: dict[str, torch.Tensor], other: dict[str, torch.Tensor]) -> None:
    assert one.keys() == other.keys()
    for name in one:
        torch.testing.assert_close(one[name], other[name], rtol=0, atol=1e-6, equal_nan=True)
