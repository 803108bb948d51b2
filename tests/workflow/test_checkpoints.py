import pytest
import torch
from ignite.engine import Engine

from custom.errors import InputError
from custom.workflow import Checkpoints, load_network


def test_weights_of_another_network_name_the_first_differences(tmp_path):
    path = tmp_path / "model.pt"
    torch.save(torch.nn.Linear(2, 3).state_dict(), path)
    with pytest.raises(InputError, match=r"weight is \(3, 2\) instead of \(3, 4\)"):
        load_network(torch.nn.Linear(4, 3), path)
    with pytest.raises(InputError, match=r"running_mean is missing.*differences"):
        load_network(torch.nn.BatchNorm1d(3), path)


def test_missing_weights_say_what_to_do(tmp_path):
    with pytest.raises(InputError, match=r"model\.pt: there is no such file of weights\. Train first"):
        load_network(torch.nn.Linear(2, 3), tmp_path / "model.pt")


def test_weights_come_back_as_they_were(tmp_path):
    path = tmp_path / "model.pt"
    source, target = torch.nn.Linear(2, 3), torch.nn.Linear(2, 3)
    torch.save(source.state_dict(), path)
    load_network(target, path)
    assert torch.equal(source.weight, target.weight)


def test_resuming_from_weights_alone_says_what_is_missing(tmp_path):
    checkpoints = Checkpoints(
        output_dir=tmp_path, objects={}, network=torch.nn.Linear(2, 3), settings={"seed": 0}, data=[]
    )
    checkpoints.last_path.parent.mkdir()
    torch.save(torch.nn.Linear(2, 3).state_dict(), checkpoints.last_path)
    with pytest.raises(InputError, match=r"last\.pt: the checkpoint does not fit this run: it holds no trainer"):
        checkpoints.resume(Engine(lambda engine, batch: None), Engine(lambda engine, batch: None))
