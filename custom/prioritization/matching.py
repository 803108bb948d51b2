"""One-to-one matching on the device, for KPIs that may not stall it."""

from __future__ import annotations

import torch

ROUNDS = 8


def matched_distances(
    true: torch.Tensor, true_valid: torch.Tensor, found: torch.Tensor, found_valid: torch.Tensor, *, max_distance: float
) -> torch.Tensor:
    """Distance from each true point to the found point matched to it, closest pairs first.

    Every round pairs the points that are each other's nearest, which is what picking the closest remaining pair again
    and again comes to. What is still free after `ROUNDS` rounds stays unmatched.

    Args:
        true: (B, N, 2) points.
        true_valid: (B, N) bool.
        found: (B, K, 2) points.
        found_valid: (B, K) bool.
        max_distance: pairs further apart do not match.

    Returns:
        (B, N) distances; `max_distance` where unmatched or not valid.
    """
    distance = (true[:, :, None] - found[:, None]).norm(dim=-1)
    allowed = true_valid[:, :, None] & found_valid[:, None] & (distance <= max_distance)
    distance = distance.where(allowed, torch.inf)
    result = torch.full_like(distance[:, :, 0], max_distance)
    for _ in range(ROUNDS):
        nearest, nearest_found = distance.min(dim=2)
        nearest_true = distance.argmin(dim=1)
        mutual = nearest.isfinite() & (nearest_true.gather(1, nearest_found) == _positions(nearest_found))
        taken = nearest_found.gather(1, nearest_true) == _positions(nearest_true)
        result = nearest.where(mutual, result)
        distance = distance.masked_fill(mutual[:, :, None] | taken[:, None], torch.inf)
    return result


def _positions(indices: torch.Tensor) -> torch.Tensor:
    return torch.arange(indices.shape[1], device=indices.device)
