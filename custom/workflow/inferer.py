"""The forward pass in a chosen arithmetic."""

from __future__ import annotations

from contextlib import nullcontext
from typing import Any

import torch
from monai.inferers import SimpleInferer

from custom.errors import InputError

PRECISIONS = {"float32": torch.float32, "bfloat16": torch.bfloat16, "float16": torch.float16}


class AutocastInferer(SimpleInferer):
    """Runs the network under autocast on whatever device its input lies on; MONAI's `amp` knows CUDA only.

    Args:
        precision: `float32` (as the engine has it: its `amp` stays in force), `bfloat16` (CPU and CUDA) or `float16`
            (CUDA, evaluation only: training in it needs the engine's own `amp`, which scales gradients).
    """

    def __init__(self, precision: str = "float32") -> None:
        super().__init__()
        if precision not in PRECISIONS:
            raise InputError(
                "unknown precision", field="precision", found=precision, expected=f"one of {', '.join(PRECISIONS)}"
            )
        self.dtype = PRECISIONS[precision]

    def __call__(self, inputs: torch.Tensor, network: Any, *args: Any, **kwargs: Any) -> Any:
        """Return the network's output for `inputs` (B, 1, H, W)."""
        # A disabled autocast would switch off the engine's own.
        context = nullcontext() if self.dtype == torch.float32 else torch.autocast(inputs.device.type, dtype=self.dtype)
        with context:
            return super().__call__(inputs, network, *args, **kwargs)
