"""The network: trunk, attention, decoder and heads."""

from custom.networks.catheter_net import CatheterNet, lite_catheter_net
from custom.networks.encoders import EfficientNetLiteEncoder, Encoder, NarrowResNetEncoder, ResNetEncoder
from custom.networks.peers import PeerNet

__all__ = [
    "CatheterNet",
    "EfficientNetLiteEncoder",
    "Encoder",
    "NarrowResNetEncoder",
    "PeerNet",
    "ResNetEncoder",
    "lite_catheter_net",
]
