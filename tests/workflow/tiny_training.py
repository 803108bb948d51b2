"""Training of the lite network on a tiny data set, in this process."""

from __future__ import annotations

import torch
from ignite.engine import Events
from monai.bundle import ConfigWorkflow

from custom.workflow import bundle_root

CONFIGS = f"{bundle_root()}/configs"
EPOCHS = 4
# The share falls quickly and refreshes often, so that epochs of several lengths are crossed.
SCHEDULE = {"share_epochs": [1, 2], "final_share": 0.5, "refresh_interval": 3, "val_interval": 1}


class Stop(BaseException):
    pass


def train_tiny(datalist, output, *, stop_at=None, **overrides):
    """Train the lite network; `stop_at` = (epoch, iteration) raises there, unannounced as a kill."""
    training = ConfigWorkflow(
        config_file=[f"{CONFIGS}/train.yaml", f"{CONFIGS}/overrides/lite.yaml", f"{CONFIGS}/overrides/cosine.yaml"],
        logging_file=False,
        datalist=str(datalist),
        output_dir=str(output),
        **{"device": "cpu", "max_epochs": EPOCHS, "image_size": [64, 96], "batch_size": 3} | SCHEDULE | overrides,
    )
    training.initialize()
    trainer = training.parser.get_parsed_content("train#trainer")
    seen = {"iterations": 0}

    def count(engine):
        seen["iterations"] += 1
        if stop_at is not None and (engine.state.epoch, engine.state.iteration) == stop_at:
            raise Stop

    trainer.add_event_handler(Events.ITERATION_COMPLETED, count)
    training.run()
    return torch.load(output / "checkpoints" / "last.pt", weights_only=True), seen["iterations"]
