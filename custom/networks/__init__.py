"""The network: trunk, attention, decoder and heads."""

from custom.networks.catheter_net import CatheterNet, lite_catheter_net
from custom.networks.encoders import EfficientNetLiteEncoder, Encoder, NarrowResNetEncoder, ResNetEncoder
from custom.networks.fine_tuning import all_but_encoder_convolutions
from custom.networks.peers import PaddedTrunk, PeerNet, flexible_unet

__all__ = [
    "CatheterNet",
    "EfficientNetLiteEncoder",
    "Encoder",
    "NarrowResNetEncoder",
    "PaddedTrunk",
    "PeerNet",
    "ResNetEncoder",
    "all_but_encoder_convolutions",
    "flexible_unet",
    "lite_catheter_net",
]
