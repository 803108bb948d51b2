"""Metadata that describe the network which a bundle holds, not the default one."""

from __future__ import annotations

import copy
from typing import Any

from custom.networks import CatheterNet

MASK = "pred"


def describe_network(metadata: dict[str, Any], network: CatheterNet) -> dict[str, Any]:
    """Return `metadata` with the network's heads: the stride they have, and no offset head where there is none.

    Args:
        metadata: content of `metadata.json`.
        network: the network that the bundle's configs build.
    """
    described = copy.deepcopy(metadata)
    outputs = described["network_data_format"]["outputs"]
    if "offset" not in network.heads.outputs:
        del outputs["offset"]
    for head in outputs.keys() - {MASK}:
        outputs[head]["spatial_shape"] = [f"16*n/{network.head_stride}"] * 2
    return described
