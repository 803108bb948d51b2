"""The network: trunk, attention, decoder and heads."""

from custom.networks.catheter_net import CatheterNet, lite_catheter_net
from custom.networks.encoders import EfficientNetLiteEncoder, Encoder, ResNetEncoder

__all__ = ["CatheterNet", "EfficientNetLiteEncoder", "Encoder", "ResNetEncoder", "lite_catheter_net"]
