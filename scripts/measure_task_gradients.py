"""How strongly each task's loss pulls at the layers that the tasks share: `python -m scripts.measure_task_gradients`.

Task weights can only balance what the losses leave unbalanced; this shows how much that is.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import islice
from typing import Any

import fire
import torch
from monai.bundle import ConfigParser
from monai.networks.utils import copy_model_state
from torch import nn
from torch.nn.functional import cosine_similarity
from tqdm import tqdm

from custom.networks.weights import read_weights
from custom.tasks import DETECTION, SEGMENTATION
from custom.workflow import bundle_root
from scripts.bundle import bundle_component, config_files

QUARTILES = torch.tensor([0.25, 0.5, 0.75])


def measure_task_gradients(
    datalist: str, weights: str | None = None, overrides: str = "", batches: int = 20, **settings: Any
) -> None:
    """Print the norm of the detection loss's gradient over that of segmentation's, and the cosine between the two.

    Args:
        datalist: the datalist's JSON file; its training frames are used.
        weights: of the network; without them it is measured at the start of training.
        overrides: names of overrides.
        batches: training batches that are looked at.
        **settings: any key of train.yaml, e.g. --batch_size 4.
    """
    parser = ConfigParser()
    parser.read_config(config_files("train.yaml", overrides=overrides))
    for name, value in ({"cache_rate": 0.0} | settings | {"bundle_root": bundle_root(), "datalist": datalist}).items():
        parser[name] = value
    torch.manual_seed(parser["seed"])
    network = bundle_component(parser, "network")
    if weights:
        copy_model_state(network, read_weights(weights))
    losses = bundle_component(parser, "loss").losses
    batches_seen = tqdm(_batches(parser, batches), total=batches, disable=None)
    measured = [compare_gradients(network, losses, *batch) for batch in batches_seen]
    for name, values in zip(("detection over segmentation", "cosine"), torch.tensor(measured).T, strict=True):
        low, median, high = values.quantile(QUARTILES)
        print(f"{name}: median {median:.2f}, quartiles {low:.2f} and {high:.2f}, {len(values)} batches")


def compare_gradients(
    network: nn.Module, losses: Mapping[str, nn.Module], image: torch.Tensor, label: Any
) -> tuple[float, float]:
    """Return the norm of detection's gradient over segmentation's at the parameters both have, and their cosine."""
    pred = network.train()(image)
    parameters = list(network.parameters())
    gradients = [
        torch.autograd.grad(losses[task](pred, label).mean(), parameters, retain_graph=True, allow_unused=True)
        for task in (DETECTION, SEGMENTATION)
    ]
    shared = [pair for pair in zip(*gradients, strict=True) if None not in pair]
    detection, segmentation = (torch.cat([part.flatten() for part in task]) for task in zip(*shared, strict=True))
    cosine = cosine_similarity(detection, segmentation, dim=0)
    return float(detection.norm() / segmentation.norm()), float(cosine)


def _batches(parser: ConfigParser, count: int) -> Iterator[Any]:
    bundle_component(parser, "priority").start_epoch(1)
    prepare = bundle_component(parser, "train#trainer#prepare_batch")
    for batch in islice(bundle_component(parser, "train#dataloader"), count):
        yield prepare(batch, device=parser.get_parsed_content("device"))[:2]


if __name__ == "__main__":
    fire.Fire(measure_task_gradients)
