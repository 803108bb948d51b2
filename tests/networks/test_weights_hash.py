import hashlib

import pytest
import torch

from custom.errors import InputError
from custom.networks.weights import read_weights
from custom.networks.weights_hash import forget_hash, hash_line

# Of the three bytes "abc": FIPS 180-2, appendix B.1.
ABC = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"


@pytest.fixture
def weights(tmp_path):
    path = tmp_path / "model.pt"
    torch.save({"a": torch.ones(2)}, path)
    return path


def record(weights, line):
    weights.with_suffix(".sha256").write_text(line)


def test_the_line_is_that_of_sha256sum():
    assert hash_line(b"abc", "model.pt") == f"{ABC}  model.pt\n"


def test_weights_without_a_record_are_loaded(weights):
    torch.testing.assert_close(read_weights(weights)["a"], torch.ones(2))


@pytest.mark.parametrize("change", [str.lower, str.upper])
def test_weights_that_are_those_recorded_are_loaded(weights, change):
    record(weights, change(hashlib.sha256(weights.read_bytes()).hexdigest()) + "  model.pt\n")
    torch.testing.assert_close(read_weights(weights)["a"], torch.ones(2))


@pytest.mark.parametrize("line", ["", f"{ABC}  model.pt\n", "no hash"])
def test_weights_that_differ_are_refused_before_they_are_read(weights, line):
    record(weights, line)
    weights.write_bytes(b"anything")
    with pytest.raises(InputError, match=r"model\.pt: the weights are not those .* SHA-256 differs"):
        read_weights(weights)


def test_a_forgotten_record_is_not_checked(weights):
    record(weights, f"{ABC}  model.pt\n")
    forget_hash(weights)
    forget_hash(weights)
    torch.testing.assert_close(read_weights(weights)["a"], torch.ones(2))
