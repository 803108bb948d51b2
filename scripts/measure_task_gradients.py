"""`catheter measure_task_gradients`: what task weights have to make up for."""

from __future__ import annotations

from itertools import islice
from typing import Any

from custom.errors import InputError
from scripts.command_line import check_count


def measure_task_gradients(
    datalist: str,
    *,
    weights: str | None = None,
    overrides: str | tuple[str, ...] = (),
    batches: int = 20,
    **settings: Any,
) -> None:
    """Print the gradient of the detection loss over that of segmentation at the layers that both share, and the cosine.

    Args:
        datalist: the datalist's JSON file; its training frames are used.
        weights: of the network; without them it is measured at the start of training.
        overrides: names of overrides.
        batches: training batches that are looked at; those without labels of both tasks are left out.
        **settings: any key of train.yaml, e.g. --batch_size 4.
    """
    import torch  # slow to import: every help would wait
    from tqdm import tqdm

    from custom.data import check_datalist
    from custom.prioritization.task_gradients import compare_gradients
    from custom.workflow import check_device, check_overrides, load_network
    from scripts.bundle import bundle_component, config_files, training_config

    check_count("batches", batches)
    check_overrides(config_files("train.yaml", overrides=overrides), settings)
    check_datalist(datalist)
    parser = training_config(overrides, **{"cache_rate": 0.0, **settings, "datalist": datalist})
    device = bundle_component(parser, "device")
    check_device(device)
    torch.manual_seed(parser["seed"])
    network = bundle_component(parser, "network").train()
    if weights is not None:
        load_network(network, weights)
    prepare = bundle_component(parser, "train#trainer#prepare_batch")
    losses = bundle_component(parser, "loss").losses
    bundle_component(parser, "priority").start_epoch(1)
    measured = []
    for batch in tqdm(islice(bundle_component(parser, "train#dataloader"), batches), total=batches, disable=None):
        image, label = prepare(batch, device=device)[:2]
        if label["available"].any(0).all():
            measured.append(compare_gradients(network, losses, image, label))
    if not measured:
        remedy = "Look at more --batches, or take a datalist with masks and electrodes"
        raise InputError("no batch has labels of both tasks", source=datalist, remedy=remedy)
    for name, values in zip(("detection over segmentation", "cosine"), torch.tensor(measured).T, strict=True):
        low, median, high = values.quantile(torch.tensor([0.25, 0.5, 0.75]))
        print(f"{name}: median {median:.2f}, quartiles {low:.2f} and {high:.2f}, {len(values)} batches")
