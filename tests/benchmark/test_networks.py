import pytest
import torch

from custom.benchmark import benchmark_engines, describe_machine, time_networks
from custom.errors import InputError
from tests.workflow.plain_network import PlainNetwork


def test_all_engines_of_this_machine_with_the_reference_first():
    engines = benchmark_engines("all", "cpu")
    assert engines[0] == "torch"
    assert {"channels_last", "compiled", "torchscript", "onnxruntime", "openvino", "openvino_int8", "ncnn"} < set(
        engines
    )
    assert "float16" not in engines
    assert benchmark_engines(("ncnn", "openvino_int8"), "cpu") == ["torch", "ncnn", "openvino_int8"]


def test_engines_of_other_machines_are_refused():
    with pytest.raises(InputError, match=r"found 'cuda_graph'; expected all, torch, .*openvino_int8"):
        benchmark_engines("ncnn,cuda_graph", "cpu")


def test_an_engine_that_cannot_run_a_network_is_left_out_with_a_warning(caplog):
    class Stubborn(torch.nn.Module):
        def forward(self, image):
            if torch.jit.is_tracing():
                raise ValueError("not today")
            return {"segmentation": image}

    networks = {"plain": PlainNetwork().eval(), "stubborn": Stubborn().eval()}
    engines = dict.fromkeys(networks, ("torch", "onnxruntime"))
    times = time_networks(networks, engines, size=(32, 48), rounds=1, device="cpu")
    assert list(times) == [("plain", "torch"), ("plain", "onnxruntime"), ("stubborn", "torch")]
    assert "stubborn does not run in onnxruntime: not today" in caplog.text


def test_the_machine_is_named():
    machine = describe_machine("cpu")
    assert machine["threads"] == str(torch.get_num_threads())
    assert machine["torch"] == torch.__version__.partition("+")[0] or machine["torch"] == torch.__version__
    assert machine["processor"]
