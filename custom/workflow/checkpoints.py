"""Checkpoints of a training run, and the weights that come out of it."""

from __future__ import annotations

import logging
import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import ignite.distributed as idist
import torch
from ignite.engine import Engine, Events

from custom.errors import InputError
from custom.networks.weights import read_checkpoint
from custom.workflow.run_identity import RunIdentity, first_change, layers_without_weights
from custom.workflow.weights_file import save_state, save_weights, written_whole

BEST = "model.pt"
RUN_PARTS = ("trainer", "best", "processes", "layers", "settings", "samples", "contents")


def last_checkpoint(output_dir: str | Path) -> Path:
    """Return where a run keeps the state that it is resumed from."""
    return Path(output_dir) / "checkpoints" / "last.pt"


class Checkpoints:
    """Saves everything a run needs to go on after every epoch, and the weights whenever the key metric is best.

    `output_dir/checkpoints/last.pt` holds the run's whole state, `epoch_0012.pt` beside it that of an earlier epoch;
    `output_dir/model.pt` is a plain state dict of the best network so far. All are replaced as a whole: killed at any
    moment, the run leaves the old file or the new one.

    Args:
        output_dir: the run's folder.
        objects: what has a `state_dict` and must survive: network, optimizer, schedule, priorities.
        network: whose state dict goes into `model.pt`.
        keep: checkpoints on disk, `last.pt` included.
        settings: values that a resumed run must share with the run that it goes on with.
        data: the entries that it trains and validates on, which it must share too, labels included.
    """

    def __init__(
        self,
        *,
        output_dir: str | Path,
        objects: Mapping[str, Any],
        network: torch.nn.Module,
        settings: Mapping[str, Any],
        data: Sequence[Mapping[str, Any]],
        keep: int = 1,
    ) -> None:
        if keep < 1:
            raise InputError("the last checkpoint is always kept", field="keep", found=keep, expected="1 or more")
        self.output_dir = Path(output_dir)
        self.last_path = last_checkpoint(output_dir)
        self.best_path = self.output_dir / BEST
        self.objects = objects
        self.network = network
        self.keep = keep
        self.identity = RunIdentity(settings, data)
        self.has_saved = False
        self.logger = logging.getLogger("catheter.train")

    def check_unused(self) -> None:
        """Check that no run has saved anything here.

        Raises:
            InputError: one has.
        """
        if self.last_path.exists():
            raise InputError(
                "holds a run already, whose weights would be replaced",
                source=self.output_dir,
                remedy="Go on with it (--resume), train into another folder, or train anew (--overwrite)",
            )

    def attach(self, trainer: Engine, evaluator: Engine) -> None:
        """Attach to both engines; the trainer saves after its other handlers of the epoch."""
        self.evaluator = evaluator
        if idist.get_rank() == 0:
            self._remove_leftovers()
        evaluator.add_event_handler(Events.COMPLETED, self.save_if_best)
        trainer.add_event_handler(Events.EPOCH_COMPLETED, self.save_last)
        trainer.add_event_handler(Events.COMPLETED, self.finish)

    def save_last(self, trainer: Engine) -> None:
        """Save the state of the run after an epoch."""
        if idist.get_rank() != 0:
            return
        state = {name: value.state_dict() for name, value in self.objects.items()}
        state["trainer"] = {"epoch": trainer.state.epoch, "iteration": trainer.state.iteration}
        state["best"] = {
            "metric": float(self.evaluator.state.best_metric),
            "epoch": int(self.evaluator.state.best_metric_epoch),
        }
        state["validated"] = int(self.evaluator.state.epoch)
        state["processes"] = idist.get_world_size()
        state["layers"] = layers_without_weights(self.network)
        scaler = getattr(trainer, "scaler", None)  # of float16; MONAI makes a new one at the start of every run
        state["scaler"] = None if scaler is None else scaler.state_dict()
        self._keep_earlier(trainer.state.epoch)
        save_state(state | self.identity.state_dict(), self.last_path, remedy=self._remedy())
        self.has_saved = True

    def save_if_best(self, evaluator: Engine) -> None:
        """Save the weights when the evaluation that just ended was the best one."""
        if idist.get_rank() == 0 and evaluator.state.best_metric_epoch == evaluator.state.epoch:
            save_weights(self.network, self.best_path, remedy=self._remedy())

    def finish(self, trainer: Engine) -> None:
        """Save the weights of a run that never evaluated, and say where everything is."""
        if idist.get_rank() != 0:
            return
        if self.evaluator.state.best_metric_epoch == -1:
            save_weights(self.network, self.best_path, remedy=self._remedy())
        self.logger.info(f"wrote {self.best_path} (weights) and {self.last_path} (to resume from)")

    def resume(self, trainer: Engine, evaluator: Engine) -> None:
        """Put trainer, evaluator and every saved object back to the end of the last saved epoch.

        Raises:
            InputError: where there is no checkpoint, or it does not fit this run.
        """
        if not self.last_path.exists():
            remedy = "Start one without --resume"
            raise InputError("no run to go on with is there", source=self.output_dir, remedy=remedy)
        state = read_checkpoint(self.last_path)
        missing = [name for name in (*RUN_PARTS, *self.objects) if name not in state]
        if missing:
            raise self._misfit(f"it holds no {missing[0]}")
        self._check_identity(state)
        for name, value in self.objects.items():
            try:
                value.load_state_dict(state[name])
            except (KeyError, RuntimeError, ValueError) as error:
                raise self._misfit(f"its {name} differs: {str(error).splitlines()[-1].strip()}") from error
        self._check_layers(state["layers"])
        self.has_saved = True
        trainer.state.epoch = state["trainer"]["epoch"]
        # More processes have shorter epochs, and Ignite ends a run by its iterations, too.
        trainer.state.iteration = min(state["trainer"]["iteration"], trainer.state.epoch * trainer.state.epoch_length)
        # Ignite would start inside an epoch when the iteration is no multiple of the epoch's length, which changes.
        trainer.should_terminate = True
        if state.get("scaler"):
            trainer.add_event_handler(Events.STARTED, lambda engine: engine.scaler.load_state_dict(state["scaler"]))
        evaluator.state.best_metric = state["best"]["metric"]
        evaluator.state.best_metric_epoch = state["best"]["epoch"]
        evaluator.state.epoch = state.get("validated", trainer.state.epoch)
        self.logger.info(f"resumed from {self.last_path}, epoch {trainer.state.epoch}")

    def _check_identity(self, state: Mapping[str, Any]) -> None:
        difference = self.identity.difference(state)
        if difference is not None:
            raise self._misfit(difference)
        before, now = state["processes"], idist.get_world_size()
        if before != now:
            self.logger.warning(
                f"the checkpoint was written by {before} processes and {now} go on: steps of {now} batches instead of "
                f"{before}, so the run is not the one that would have gone on with {before}"
            )

    def _check_layers(self, saved: Mapping[str, str]) -> None:
        """Check what weights that fit do not tell of a network, such as dropout."""
        change = first_change(saved, layers_without_weights(self.network), absent="not there")
        if change is not None:
            raise self._misfit(f"the network's layer {change}")

    def _misfit(self, difference: str) -> InputError:
        return InputError(
            f"the checkpoint does not fit this run: {difference}",
            source=self.last_path,
            remedy="Resume with the settings and data that the run was started with, or train into another folder",
        )

    def _keep_earlier(self, epoch: int) -> None:
        """Set the last checkpoint, of the epoch before `epoch`, aside; drop the oldest."""
        if self.keep > 1 and epoch > 1 and self.last_path.exists():
            aside = self.last_path.with_name(f"epoch_{epoch - 1:04d}.pt")
            with written_whole(aside, remedy=self._remedy()) as temporary:
                shutil.copyfile(self.last_path, temporary)
        # By time, not by number: a new run in an old folder starts at epoch 1.
        earlier = sorted(self.last_path.parent.glob("epoch_*.pt"), key=lambda path: path.stat().st_mtime)
        for path in earlier[: max(0, len(earlier) + 1 - self.keep)]:
            path.unlink()

    def _remedy(self) -> str:
        # A checkpoint that is there can be that of an earlier run, which this one was told to overwrite.
        return "go on with --resume" if self.has_saved else "start again: this run has no checkpoint to go on from yet"

    def _remove_leftovers(self) -> None:
        """Remove what a killed run left half written."""
        for leftover in (*self.last_path.parent.glob(".*.pt"), *self.best_path.parent.glob(".model.*.pt")):
            leftover.unlink()
