from __future__ import annotations

import pytest
import torch
from torch import nn

from custom.errors import InputError
from custom.networks.weights import load_weights, read_weights


def test_what_was_saved_is_read(tmp_path):
    torch.save(nn.Linear(2, 3).state_dict(), tmp_path / "weights.pt")
    assert read_weights(tmp_path / "weights.pt")["weight"].shape == (3, 2)


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


def test_arbitrary_objects_are_refused(tmp_path):
    torch.save({"weight": nn.Linear(2, 3)}, tmp_path / "objects.pt")
    with pytest.raises(InputError, match=r"objects\.pt.*objects other than tensors"):
        read_weights(tmp_path / "objects.pt")


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(InputError, match=r"absent\.pt.*no such file"):
        read_weights(tmp_path / "absent.pt")


def test_every_kind_of_difference_is_counted_and_the_first_are_named():
    weights = {"weight": torch.zeros(4, 2), "more": torch.zeros(1)}
    with pytest.raises(InputError) as error:
        load_weights(nn.Linear(2, 3), weights, source="file.pt")
    assert "bias is missing; more is not part of this network; weight is (4, 2) instead of (3, 2)" in str(error.value)
    assert "(3 differences)" in str(error.value)
