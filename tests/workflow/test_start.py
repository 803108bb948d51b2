import logging

import pytest
import torch
from torch import nn

from custom.error_report import find_user_error
from custom.errors import InputError
from custom.workflow.start import start_network
from tests.tiny_data import write_tiny_data
from tests.workflow.tiny_training import train_tiny


@pytest.fixture
def networks(tmp_path):
    source = nn.ModuleDict({"encoder": nn.Linear(2, 3), "neck": nn.Linear(3, 3)})
    torch.save(source.state_dict(), tmp_path / "model.pt")
    return source, nn.ModuleDict({"encoder": nn.Linear(2, 3), "neck": nn.Linear(3, 4)})


def test_pretrained_weights_say_what_was_taken(networks, tmp_path, caplog):
    source, target = networks
    with caplog.at_level(logging.INFO, logger="catheter.train"):
        start_network(target, pretrained_weights=tmp_path / "model.pt")
    assert torch.equal(target["encoder"].weight, source["encoder"].weight)
    assert caplog.messages[0] == f"starting from {tmp_path / 'model.pt'}"
    assert caplog.messages[1] == "took 2 of 4 tensors: encoder (2)"


def test_weights_must_fit_wholly(networks, tmp_path):
    with pytest.raises(InputError, match=r"neck\.weight is \(3, 3\) instead of \(4, 3\)"):
        start_network(networks[1], weights=tmp_path / "model.pt")


def test_both_at_once_are_refused(networks, tmp_path):
    with pytest.raises(InputError, match="either weights or pretrained_weights"):
        start_network(networks[1], weights=tmp_path / "model.pt", pretrained_weights=tmp_path / "model.pt")


def test_with_neither_nothing_changes(networks):
    target = networks[1]
    before = target["neck"].weight.clone()
    start_network(target)
    assert torch.equal(target["neck"].weight, before)


@pytest.mark.slow
def test_a_run_without_a_whole_batch_is_refused(tmp_path):
    datalist = write_tiny_data(tmp_path / "data", cases=6, frames=2)
    with pytest.raises(RuntimeError) as raised:
        train_tiny(datalist, tmp_path / "output", batch_size=20, **{"train#dataloader#drop_last": True})
    message = "batch_size: the training frames do not make one whole batch. Lower it, or leave drop_last out."
    assert str(find_user_error(raised.value)) == message
