"""Training that stops at the first loss that is not a number, and at such weights."""

from __future__ import annotations

from typing import NoReturn

import ignite.distributed as idist
import torch
from ignite.engine import Engine, Events
from monai.engines.utils import IterationEvents

from custom.errors import CatheterError
from custom.networks.weights import first_not_finite
from custom.workflow.processes import gather


class StopAtNonFiniteLoss:
    """Ends training before a loss that is not finite reaches the weights; the last checkpoint stays as it is.

    A gradient or a step may overflow although its loss did not. The loss of the next step tells; after the last one of
    an epoch the weights are looked at. Attach it before what validates and saves at the end of an epoch.
    """

    def attach(self, engine: Engine) -> None:
        """Attach to a trainer."""
        engine.add_event_handler(IterationEvents.LOSS_COMPLETED, self.check)
        engine.add_event_handler(Events.EPOCH_COMPLETED, self.check_weights)

    def check(self, engine: Engine) -> None:
        """Check the loss that was just computed; all processes stop at the same step.

        Raises:
            CatheterError: where it is not finite; names the step and its frames.
        """
        loss = engine.state.output["loss"].detach()
        finite = torch.isfinite(loss).float()
        if not bool(idist.all_reduce(finite, op="MIN")):
            _stop(engine, f"the loss became {float(loss)} in")

    def check_weights(self, engine: Engine) -> None:
        """Check the weights after the last step of an epoch; they are the same in all processes.

        Raises:
            CatheterError: where one is not finite; names it, the step and its frames.
        """
        spoilt = first_not_finite(engine.network, engine.network.state_dict())
        if spoilt is not None:
            _stop(engine, f"the network's {spoilt} is not finite after")


def _stop(engine: Engine, what: str) -> NoReturn:
    names = ", ".join(gather(engine.state.output["label"]["name"]))
    raise CatheterError(
        f"{what} epoch {engine.state.epoch}, iteration {engine.state.iteration}, on the frames {names}. No file was "
        "changed by it: lower learning_rate, or mend these frames, and train anew (--overwrite), from the model.pt of "
        "an earlier epoch if you like (--weights)."
    )
