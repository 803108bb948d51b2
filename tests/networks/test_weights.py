from __future__ import annotations

import ast
import io
import random
import zipfile

import pytest
import torch
from torch import nn

from custom.errors import InputError
from custom.networks.weights import load_weights, read_checkpoint, read_weights
from tests.conftest import REPOSITORY


def test_what_was_saved_is_read(tmp_path):
    torch.save(nn.Linear(2, 3).state_dict(), tmp_path / "weights.pt")
    assert read_weights(tmp_path / "weights.pt")["weight"].shape == (3, 2)


@pytest.mark.parametrize("value", [float("nan"), float("inf")])
def test_weights_that_are_no_numbers_are_refused(tmp_path, value):
    """A network with them finds nothing on any frame, and says so as if that were so."""
    network = nn.Linear(2, 3)
    weights = network.state_dict() | {"bias": torch.tensor([0, value, 1])}
    with pytest.raises(InputError, match=r"model\.pt: bias: the weights are not finite"):
        load_weights(network, weights, source="model.pt")


@pytest.mark.parametrize("content", [b"", b"not a file of weights", b"PK\x03\x04 truncated"])
def test_a_corrupt_file_is_named(tmp_path, content):
    path = tmp_path / "broken.pt"
    path.write_bytes(content)
    with pytest.raises(InputError, match=r"broken\.pt"):
        read_weights(path)


def test_a_truncated_file_is_named(tmp_path):
    path = tmp_path / "cut.pt"
    torch.save(nn.Linear(200, 300).state_dict(), path)
    path.write_bytes(path.read_bytes()[:1000])
    with pytest.raises(InputError, match=r"cut\.pt"):
        read_weights(path)


def test_a_zip_that_is_no_torch_file_is_named(tmp_path):
    with zipfile.ZipFile(tmp_path / "other.pt", "w") as archive:
        archive.writestr("readme.txt", "not weights")
    with pytest.raises(InputError, match=r"other\.pt: the file is damaged"):
        read_weights(tmp_path / "other.pt")


def test_a_folder_is_named(tmp_path):
    with pytest.raises(InputError, match=f"{tmp_path}: this is a folder, not a file of weights"):
        read_weights(tmp_path)


def test_a_file_that_may_not_be_read_is_named(tmp_path, monkeypatch):
    def refuse(*args, **kwargs):
        raise PermissionError(13, "Permission denied")

    (tmp_path / "secret.pt").write_bytes(b"")
    monkeypatch.setattr(torch, "load", refuse)
    with pytest.raises(InputError, match=r"secret\.pt: the file cannot be read \(Permission denied\)"):
        read_weights(tmp_path / "secret.pt")


def damage(content, generator):
    """Cut a file's second half somewhere and change up to seven of its bytes."""
    damaged = bytearray(content[: generator.randrange(len(content) // 2, len(content) + 1)])
    for _ in range(generator.randrange(8)):
        damaged[generator.randrange(len(damaged))] = generator.randrange(256)
    return damaged


@pytest.mark.parametrize("as_zip", [True, False])
@pytest.mark.filterwarnings("ignore:Detected pickle protocol")
def test_damage_anywhere_raises_nothing_but_an_error_that_names_the_file(tmp_path, as_zip):
    network, buffer, path = nn.Sequential(nn.Conv2d(1, 4, 3), nn.BatchNorm2d(4)), io.BytesIO(), tmp_path / "damaged.pt"
    torch.save(network.state_dict(), buffer, _use_new_zipfile_serialization=as_zip)
    generator, messages = random.Random(0), []
    for _ in range(150):
        path.write_bytes(damage(buffer.getvalue(), generator))
        try:
            load_weights(network, read_weights(path), source=path)
        except InputError as error:
            messages.append(str(error))
    assert len(messages) > 100
    assert all("damaged.pt" in message and "\n" not in message for message in messages)


def test_arbitrary_objects_are_refused(tmp_path):
    torch.save({"weight": nn.Linear(2, 3)}, tmp_path / "objects.pt")
    with pytest.raises(InputError, match=r"objects\.pt.*objects other than tensors"):
        read_weights(tmp_path / "objects.pt")


def test_code_in_a_file_is_not_run(tmp_path):
    class Attack:
        def __reduce__(self):
            return (__import__("os").mkdir, (str(tmp_path / "broken_in"),))

    torch.save({"weight": Attack()}, tmp_path / "attack.pt")
    with pytest.raises(InputError, match=r"attack\.pt.*objects other than tensors"):
        read_weights(tmp_path / "attack.pt")
    assert not (tmp_path / "broken_in").exists()


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ([torch.zeros(1)], "holds no state dict; found 'list'"),
        ({"weight": 3.5}, "weight: the file holds no plain state dict; found 'float'; expected a tensor"),
        ({0: torch.zeros(1)}, "0: the file holds no plain state dict"),
        ({"network": {"weight": torch.zeros(1)}}, "network: .*found 'dict'.*name OUTPUT/model.pt"),
    ],
)
def test_what_is_no_plain_state_dict_is_refused(tmp_path, content, message):
    torch.save(content, tmp_path / "other.pt")
    with pytest.raises(InputError, match=message):
        read_weights(tmp_path / "other.pt")


def test_a_checkpoint_may_nest(tmp_path):
    torch.save({"network": {"weight": torch.ones(1)}, "epoch": 3}, tmp_path / "last.pt")
    checkpoint = read_checkpoint(tmp_path / "last.pt")
    assert checkpoint["epoch"] == 3
    assert checkpoint["network"]["weight"] == 1


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(InputError, match=r"absent\.pt.*no such file"):
        read_weights(tmp_path / "absent.pt")


def test_every_kind_of_difference_is_counted_and_the_first_are_named():
    weights = {"weight": torch.zeros(4, 2), "more": torch.zeros(1)}
    with pytest.raises(InputError) as error:
        load_weights(nn.Linear(2, 3), weights, source="file.pt")
    assert "bias is missing; more is not part of this network; weight is (4, 2) instead of (3, 2)" in str(error.value)
    assert "(3 differences)" in str(error.value)


def test_every_file_of_tensors_is_read_without_running_code():
    calls = [
        (path, node)
        for folder in ("custom", "scripts")
        for path in (REPOSITORY / folder).rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Call) and ast.unparse(node.func) in ("torch.load", "pickle.load", "pickle.loads")
    ]
    assert calls
    for path, node in calls:
        options = {keyword.arg: ast.unparse(keyword.value) for keyword in node.keywords}
        assert options.get("weights_only") == "True", f"{path}:{node.lineno}"
