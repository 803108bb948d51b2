"""What the bundle's `run` lists start: training and evaluation."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import ignite.distributed as idist
import torch
from monai.engines import Evaluator, Trainer

from custom.background import one_core_left
from custom.data.frame_stream import FrameStream
from custom.errors import CatheterError, FaultsError, InputError
from custom.metrics import METRIC_PREFIX
from custom.signals import stop_like_ctrl_c, uninterrupted
from custom.transforms.load import without_metadata
from custom.workflow.checkpoints import Checkpoints
from custom.workflow.feature_distance_fit import FeatureDistanceFit
from custom.workflow.processes import gather
from custom.workflow.result_writer import ResultWriter
from custom.workflow.start import start_network
from custom.workflow.weights_file import load_network


def train(
    *,
    trainer: Trainer,
    evaluator: Evaluator,
    checkpoints: Checkpoints,
    weights: str | Path | None,
    pretrained_weights: str | Path | None,
    resume: bool,
    overwrite: bool = False,
    feature_distance: FeatureDistanceFit | None = None,
) -> None:
    """Train from given weights, from a checkpoint, or from the start.

    Args:
        trainer: the training engine.
        evaluator: its validation engine.
        checkpoints: saves the run, and resumes it.
        weights: see `start_network`.
        pretrained_weights: see `start_network`.
        resume: go on from the last checkpoint in the output folder, whatever the run started from.
        overwrite: train anew where the output folder holds a run.
        feature_distance: fitted for the best weights at the end.

    Raises:
        InputError: the output folder holds a run, and nothing says what is to become of it, or there is no batch to
            train on.
    """
    if trainer.state.epoch_length == 0:  # MONAI would say so in a warning, and train nothing
        remedy = "Lower it, or leave drop_last out"
        raise InputError("the training frames do not make one whole batch", field="batch_size", remedy=remedy)
    if not (resume or overwrite):
        checkpoints.check_unused()
    stop_like_ctrl_c()
    checkpoints.attach(trainer, evaluator)
    if resume:
        checkpoints.resume(trainer, evaluator)
    else:
        start_network(checkpoints.network, weights=weights, pretrained_weights=pretrained_weights)
        if feature_distance is not None:
            feature_distance.forget()
    if trainer.state.epoch < trainer.state.max_epochs:
        trainer.run()
    else:  # Ignite would start at the first epoch again
        logging.getLogger("catheter.train").info(f"all {trainer.state.max_epochs} epochs are done: nothing to train")
    if feature_distance is not None:
        feature_distance.fit_trained(checkpoints.best_path)


def evaluate(*, evaluator: Evaluator, network: torch.nn.Module, weights: str | Path) -> None:
    """Evaluate a network with given weights.

    Args:
        evaluator: the engine; its handlers write the report.
        network: the network inside the engine.
        weights: its weights, a plain state dict.
    """
    load_network(network, weights)
    evaluator.run()
    metrics = {name: value for name, value in evaluator.state.metrics.items() if isinstance(value, int | float)}
    logger = logging.getLogger("catheter.evaluate")
    for name, value in metrics.items():
        logger.info(f"{name.removeprefix(METRIC_PREFIX):28s} {value:.4f}")


def fit_feature_distance(*, feature_distance: FeatureDistanceFit, weights: str | Path) -> None:
    """Fit the feature distance of weights that were trained without it, or on other frames, and write it with them.

    Args:
        feature_distance: how it is fitted, and on what.
        weights: a plain state dict; replaced as a whole.
    """
    feature_distance.fit_weights(weights)
    logger = logging.getLogger("catheter.train")
    logger.info(f"wrote {weights}")


@contextmanager
def inference_conditions() -> Iterator[None]:
    """Have engines run as in `infer`, which reads and writes beside the network."""
    with one_core_left(), without_metadata():
        yield


def infer(
    *,
    evaluator: Evaluator,
    network: torch.nn.Module,
    weights: str | Path,
    stream: FrameStream,
    results: ResultWriter,
) -> None:
    """Run a network with given weights over a stream of frames.

    Args:
        evaluator: the engine; `results` is among its handlers.
        network: the network inside the engine.
        weights: its weights, a plain state dict.
        stream: the frames.
        results: writes what was found; what is not finished when the run breaks off is removed.

    Raises:
        FaultsError: when all readable frames are done and some files were not readable, or not in every format.
    """
    load_network(network, weights)
    stop_like_ctrl_c()
    try:
        with inference_conditions():
            evaluator.run()
    finally:
        with uninterrupted():
            results.discard()
    # Gathering waits for all processes: torchrun ends them as soon as one of them fails.
    unread, unwritten = (gather([str(fault) for fault in faults]) for faults in (stream.faults, results.faults))
    lists = (stream.data, sorted(stream.incomplete), sorted(results.unwritten))
    files, used_in_part, not_in_every_format = (len(gather(one)) for one in lists)
    if (unread or unwritten) and idist.get_rank() == 0:
        counts = {
            "could not be used": len(unread) - used_in_part,
            "could be used in part": used_in_part,
            "could not be written in every format": not_in_every_format,
        }
        summary = ", ".join(f"{count} of {files} files {what}" for what, count in counts.items() if count)
        summary += "; the others are done"
        raise FaultsError(summary, [CatheterError(fault) for fault in [*unread, *unwritten]])
