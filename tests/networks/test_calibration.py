import pytest
import torch
from torch import nn

from custom.networks import CatheterNet, lite_catheter_net
from custom.networks.calibration import divide_segmentation_logits, fit_temperature


class TooSure(nn.Module):
    """Takes the image for the true logits and exaggerates them."""

    def __init__(self, factor):
        super().__init__()
        self.factor = nn.Parameter(torch.tensor(factor))

    def forward(self, image):
        return {"segmentation": self.factor * image}


@pytest.mark.parametrize("factor", [3.0, 1.0, 0.5])
def test_the_temperature_takes_back_an_exaggeration(factor):
    random = torch.Generator().manual_seed(0)
    logits = 2 * torch.randn((4, 1, 300, 200), generator=random)
    masks = (torch.rand(logits.shape, generator=random) < logits.sigmoid()).to(torch.uint8)
    samples = [{"image": image, "mask": mask} for image, mask in zip(logits, masks, strict=True)]
    assert fit_temperature(TooSure(factor), samples) == pytest.approx(factor, rel=0.05)


@pytest.mark.parametrize("shared", [True, False])
def test_segmentation_logits_alone_are_divided(shared):
    network = (lite_catheter_net() if shared else CatheterNet(encoder="resnet18", pretrained=None)).eval()
    image = torch.rand((1, 1, 64, 96), generator=torch.Generator().manual_seed(0))
    with torch.no_grad():
        before = network(image)
        divide_segmentation_logits(network, 2.0)
        after = network(image)
    torch.testing.assert_close(after.pop("segmentation"), before.pop("segmentation") / 2, rtol=0, atol=1e-6)
    for name, values in after.items():
        torch.testing.assert_close(values, before[name], rtol=0, atol=0, equal_nan=True)
