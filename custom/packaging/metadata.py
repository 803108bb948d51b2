"""Metadata that describe the network which a bundle holds, not the default one."""

from __future__ import annotations

import copy
from typing import Any

from custom.networks import CatheterNet

MASK = "pred"
OFFSET = {"format": "position in the heatmap's cell, in cells from its centre", "channel_def": {"0": "x", "1": "y"}}


def describe_network(metadata: dict[str, Any], network: CatheterNet) -> dict[str, Any]:
    """Return `metadata` with the network's heads: the stride they have, and the offset head where there is one.

    Args:
        metadata: content of `metadata.json`.
        network: the network that the bundle's configs build.
    """
    described = copy.deepcopy(metadata)
    outputs = described["network_data_format"]["outputs"]
    if "offset" in network.heads.outputs:
        outputs["offset"] = outputs["size"] | OFFSET | {"value_range": [-0.5, 0.5]}
    for head in outputs.keys() - {MASK}:
        outputs[head]["spatial_shape"] = [f"16*n/{network.head_stride}"] * 2
    return described
