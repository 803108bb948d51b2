"""Networks are converted once for their weights, whatever happens to the cache."""

import os

import pytest
import torch

from custom.engines.cache import KEPT, cache_folder, convert
from custom.errors import CatheterError


class Double(torch.nn.Module):
    def __init__(self, factor=2.0):
        super().__init__()
        self.factor = torch.nn.Parameter(torch.tensor([factor]))

    def forward(self, image):
        return {"segmentation": self.factor * image}


class Conversion:
    """Keeps the factor in a file; `error` is what it adds to it."""

    name = "arithmetic"
    packages = ("numpy",)

    def __init__(self, error=0.0):
        self.error = error
        self.written = 0

    def write(self, network, folder):
        self.written += 1
        (folder / "factor.txt").write_text(str(network.factor.item() + self.error))

    def load(self, folder, network):
        factor = float((folder / "factor.txt").read_text())
        return lambda image: {"segmentation": factor * image}


@pytest.fixture(autouse=True)
def home(monkeypatch, tmp_path):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))


@pytest.fixture
def conversion():
    return Conversion()


def entries():
    return sorted(cache_folder().iterdir())


def test_a_network_is_converted_once_and_other_weights_again(conversion):
    for factor in (2.0, 2.0, 3.0):
        runner = convert(Double(factor), conversion)
        assert runner(torch.ones(1))["segmentation"].item() == factor
    assert conversion.written == len(entries()) == 2


@pytest.mark.parametrize("content", ["", "2.001"])
def test_damaged_and_outdated_files_are_replaced(conversion, content):
    convert(Double(), conversion)
    (entry,) = entries()
    (entry / "factor.txt").write_text(content)
    assert convert(Double(), conversion)(torch.ones(1))["segmentation"].item() == 2
    assert (entry / "factor.txt").read_text() == "2.0"


def test_what_gives_other_logits_is_refused_and_not_kept():
    with pytest.raises(CatheterError, match="arithmetic gives other logits"):
        convert(Double(), Conversion(error=0.01))
    assert entries() == []


def test_a_cache_that_cannot_be_written_is_no_error(conversion, monkeypatch, tmp_path):
    (tmp_path / "file").touch()
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "file"))
    for _ in range(2):
        assert convert(Double(), conversion)(torch.ones(1))["segmentation"].item() == 2
    assert conversion.written == 2


def test_a_cache_that_cannot_even_be_looked_into_is_no_error(conversion, monkeypatch, tmp_path):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / ("long" * 100)))
    assert convert(Double(), conversion)(torch.ones(1))["segmentation"].item() == 2


def test_a_user_without_a_home_keeps_nothing(conversion, monkeypatch):
    def home():
        raise RuntimeError("Could not determine home directory.")

    monkeypatch.delenv("XDG_CACHE_HOME")
    monkeypatch.setattr("pathlib.Path.home", home)
    for _ in range(2):
        assert convert(Double(), conversion)(torch.ones(1))["segmentation"].item() == 2
    assert conversion.written == 2


def test_what_another_process_removes_meanwhile_is_no_error(conversion):
    convert(Double(), conversion)
    (cache_folder() / "removed").symlink_to("nowhere")  # listed, but no longer there
    assert convert(Double(3.0), conversion)(torch.ones(1))["segmentation"].item() == 3


def test_packages_of_another_distribution_s_name_have_a_version(conversion):
    conversion.packages = ("PIL",)  # of the distribution pillow, as onnxruntime may be of onnxruntime-gpu
    assert convert(Double(), conversion)(torch.ones(1))["segmentation"].item() == 2
    assert len(entries()) == 1


def test_only_the_networks_used_last_are_kept(conversion):
    for number in range(KEPT):
        convert(Double(1.0 + number), conversion)
        (newest,) = [path for path in entries() if (path / "factor.txt").read_text() == str(1.0 + number)]
        os.utime(newest, (number, number))
    convert(Double(1.0), conversion)  # the oldest is used again
    convert(Double(100.0), conversion)
    kept = {float((path / "factor.txt").read_text()) for path in entries()}
    assert kept == {1.0, *(1.0 + number for number in range(2, KEPT)), 100.0}


def test_what_a_killed_conversion_left_goes_like_a_network_that_is_not_used(conversion):
    leftover = cache_folder() / ".killed"
    leftover.mkdir(parents=True)
    os.utime(leftover, (0, 0))
    for number in range(KEPT):
        assert leftover.is_dir()
        convert(Double(1.0 + number), conversion)
    assert not leftover.exists()
