"""Training that stops at the first loss that is not a number."""

from __future__ import annotations

import ignite.distributed as idist
import torch
from ignite.engine import Engine
from monai.engines.utils import IterationEvents

from custom.errors import CatheterError
from custom.workflow.processes import gather


class StopAtNonFiniteLoss:
    """Ends training before a loss that is not finite reaches the weights; the last checkpoint stays as it is."""

    def attach(self, engine: Engine) -> None:
        """Attach to a trainer."""
        engine.add_event_handler(IterationEvents.LOSS_COMPLETED, self.check)

    def check(self, engine: Engine) -> None:
        """Check the loss that was just computed; all processes stop at the same step.

        Raises:
            CatheterError: where it is not finite; names the step and its frames.
        """
        output = engine.state.output
        finite = torch.isfinite(output["loss"]).float()
        if bool(idist.all_reduce(finite, op="MIN")):
            return
        names = ", ".join(gather(output["label"]["name"]))
        raise CatheterError(
            f"the loss became {float(output['loss'].detach())} in epoch {engine.state.epoch}, iteration "
            f"{engine.state.iteration}, on the frames {names}. No file was changed by it: lower learning_rate, or mend "
            "these frames, and train anew (--overwrite), from the model.pt of an earlier epoch if you like (--weights)."
        )
