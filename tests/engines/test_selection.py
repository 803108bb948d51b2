import logging
import sys
from concurrent.futures import ThreadPoolExecutor
from time import sleep

import pytest
import torch

from custom.engines import ENGINES, EngineSelection, available_engines, selection
from custom.engines.registry import Engine
from custom.errors import CatheterError, InputError
from custom.networks import lite_catheter_net
from tests.workflow.plain_network import PlainNetwork

CPU = torch.device("cpu")


@pytest.fixture
def network():
    return PlainNetwork().eval()


@pytest.fixture
def engines(monkeypatch):
    """Only the engine `ncnn`, which counts how often it converts a network; it fails where `fails` is set."""

    class Counting:
        calls, fails = 0, False

        def __call__(self, network):
            self.calls += 1
            if self.fails:
                raise CatheterError("what it cannot do.")
            return lambda image: {"engine": image}

    build = Counting()
    monkeypatch.setattr(selection, "ENGINES", {**ENGINES, "ncnn": Engine(build, ("cpu",))})
    monkeypatch.setattr(selection, "available_engines", lambda device: ["torch", "ncnn"])
    return build


def test_the_fastest_engine_is_taken_and_keeps_the_network_until_its_weights_change(network, engines):
    chosen = EngineSelection()
    for _ in range(2):
        assert chosen(network, CPU)(torch.zeros(1)).keys() == {"engine"}
    assert (chosen.used, engines.calls) == ("ncnn", 1)
    network.load_state_dict(network.state_dict())
    chosen(network, CPU)
    assert engines.calls == 2
    chosen(PlainNetwork().eval(), CPU)
    assert engines.calls == 3


def test_threads_that_show_a_first_frame_at_once_convert_the_network_once(network, engines, monkeypatch):
    build = selection.ENGINES["ncnn"].build
    slow = lambda network: sleep(0.1) or build(network)  # noqa: E731
    monkeypatch.setitem(selection.ENGINES, "ncnn", Engine(slow, ("cpu",)))
    chosen = EngineSelection()
    with ThreadPoolExecutor(4) as threads:
        runners = list(threads.map(lambda _: chosen(network, CPU), range(4)))
    assert engines.calls == 1
    assert len(set(runners)) == 1


@pytest.mark.parametrize("name", sorted({"torch", "torchscript", *available_engines(CPU)} - {"compiled"}))
def test_threads_get_what_one_would(name, monkeypatch, tmp_path):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    torch.manual_seed(0)
    network = lite_catheter_net(encoder="narrow_resnet").eval()
    images = [torch.rand(1, 1, 128, 128) for _ in range(16)]
    chosen = EngineSelection(name)

    @torch.no_grad()
    def run(image):
        return chosen(network, CPU)(image)["segmentation"]

    with ThreadPoolExecutor(4) as threads:
        found = list(threads.map(run, images))
    for image, segmentation in zip(images, found, strict=True):
        torch.testing.assert_close(segmentation, run(image), rtol=0, atol=1e-6)


def test_pytorch_runs_what_nothing_else_can(network, engines, caplog):
    engines.fails = True
    chosen = EngineSelection()
    with caplog.at_level(logging.WARNING):
        assert chosen(network, CPU) is network
    assert chosen.used == "torch"
    assert "not in ncnn, which cannot run this network: what it cannot do" in caplog.text


def test_an_engine_that_was_asked_for_does_not_give_way(network, engines):
    engines.fails = True
    with pytest.raises(CatheterError, match="what it cannot do"):
        EngineSelection("ncnn")(network, CPU)


def test_what_a_damaged_package_raises_is_said_without_a_traceback(network, monkeypatch):
    def build(network):
        raise ImportError("libgomp.so.1: cannot open shared object file")

    monkeypatch.setattr(selection, "ENGINES", {**ENGINES, "ncnn": Engine(build, ("cpu",))})
    with pytest.raises(InputError, match=r"engine: .*cannot run this network: libgomp.so.1.*'ncnn'.*--engine auto"):
        EngineSelection("ncnn")(network, CPU)


def test_compiling_needs_a_compiler(network, monkeypatch):
    monkeypatch.setenv("CXX", "no-such-compiler")
    with pytest.raises(InputError, match=r"there is no C\+\+ compiler no-such-compiler; found 'compiled'"):
        EngineSelection("compiled")(network, CPU)
    assert "compiled" not in available_engines("cpu")
    monkeypatch.setenv("CXX", sys.executable)
    assert "compiled" in available_engines("cpu")


def test_unknown_engines_are_answered_with_the_known_ones():
    with pytest.raises(InputError, match=r"'fastest'; expected one of auto, torch, .*ncnn"):
        EngineSelection("fastest")


def test_what_does_not_run_here_is_answered_with_what_does(network):
    with pytest.raises(InputError, match=r"runs on cuda, not on cpu.*expected one of auto, torch"):
        EngineSelection("cuda_graph")(network, CPU)


def test_what_is_not_installed_is_named(network, monkeypatch):
    monkeypatch.setattr("custom.engines.registry.find_spec", lambda name: None)
    with pytest.raises(InputError, match=r"ncnn and pnnx is not installed.*pip install"):
        EngineSelection("ncnn")(network, CPU)
    chosen = EngineSelection()
    assert chosen(network, CPU) is network
    assert available_engines("cpu") == ["torch", "channels_last", "compiled", "torchscript"]
