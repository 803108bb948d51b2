import json

import numpy as np
import pytest
import torch
from PIL import Image

from custom.error_report import find_user_error
from custom.errors import InputError
from tests.tiny_data import write_tiny_data
from tests.workflow.tiny_training import Stop, train_tiny


def assert_same(first, second, where="checkpoint"):
    assert type(first) is type(second), where
    if isinstance(first, torch.Tensor):
        assert torch.equal(first, second), where
    elif isinstance(first, dict):
        assert first.keys() == second.keys(), where
        for key in first:
            assert_same(first[key], second[key], f"{where}.{key}")
    elif isinstance(first, (list, tuple)):
        assert len(first) == len(second), where
        for index, pair in enumerate(zip(first, second, strict=True)):
            assert_same(*pair, f"{where}[{index}]")
    else:
        assert first == second, where


@pytest.fixture(scope="module")
def straight(tmp_path_factory):
    folder = tmp_path_factory.mktemp("straight")
    datalist = write_tiny_data(folder / "data", cases=6, frames=2)
    state, _ = train_tiny(datalist, folder / "output")
    return datalist, state


@pytest.mark.slow
@pytest.mark.parametrize("stop_at", [(2, 5), (2, 4), (3, 7), (4, 10)])
def test_a_resumed_run_is_bit_identical_to_the_straight_run(straight, tmp_path, stop_at):
    datalist, expected = straight
    with pytest.raises(Stop):
        train_tiny(datalist, tmp_path, stop_at=stop_at)
    state, iterations = train_tiny(datalist, tmp_path, resume=True)
    assert 0 < iterations < expected["trainer"]["iteration"]
    assert_same(state, expected)


@pytest.mark.slow
def test_a_finished_run_is_left_as_it_is(straight, tmp_path):
    datalist, _ = straight
    expected, _ = train_tiny(datalist, tmp_path, max_epochs=1)
    state, iterations = train_tiny(datalist, tmp_path, max_epochs=1, resume=True)
    assert iterations == 0
    assert_same(state, expected)


@pytest.mark.slow
def test_a_finished_run_is_replaced_only_where_that_is_asked_for(straight, tmp_path):
    datalist, _ = straight
    first, _ = train_tiny(datalist, tmp_path, max_epochs=1)
    with pytest.raises(RuntimeError) as refused:
        train_tiny(datalist, tmp_path, max_epochs=1, seed=5)
    assert "holds a run already" in str(find_user_error(refused.value))
    assert_same(torch.load(tmp_path / "checkpoints" / "last.pt", weights_only=True), first)
    again, iterations = train_tiny(datalist, tmp_path, max_epochs=1, overwrite=True)
    assert iterations > 0
    assert_same(again, first)


@pytest.mark.slow
def test_a_run_that_stopped_early_stays_stopped(straight, tmp_path):
    datalist, _ = straight
    recipe = {"learning_rate": 0.0, "early_stopping_patience": 1}
    stopped, _ = train_tiny(datalist, tmp_path, **recipe)
    assert stopped["trainer"]["epoch"] == 2
    resumed, iterations = train_tiny(datalist, tmp_path, resume=True, **recipe)
    assert iterations == 0
    assert_same(resumed, stopped)


STRATEGIES = {
    "gradnorm": {"_target_": "GradNorm", "shared": "$@network_def.decoder.steps[-1].parameters()"},
    "uncertainty": {"_target_": "UncertaintyWeighting"},
    "dynamic_average": {"_target_": "DynamicWeightAverage"},
    "famo": {"_target_": "Famo"},
    "pcgrad": {"_target_": "PCGrad", "parameters": "$@network_def.parameters()"},
}


@pytest.mark.slow
@pytest.mark.parametrize("strategy", STRATEGIES.values(), ids=STRATEGIES)
def test_every_weighting_trains_in_half_precision_and_resumes_bit_identically(strategy, tmp_path):
    datalist = write_tiny_data(tmp_path / "data", cases=6, frames=2)
    weighting = strategy | {"_target_": f"custom.prioritization.{strategy['_target_']}"}
    settings = {"weighting": weighting, "precision": "bfloat16", "max_epochs": 3}
    expected, _ = train_tiny(datalist, tmp_path / "straight", **settings)
    with pytest.raises(Stop):
        train_tiny(datalist, tmp_path / "resumed", stop_at=(3, 7), **settings)
    state, iterations = train_tiny(datalist, tmp_path / "resumed", resume=True, **settings)
    assert 0 < iterations < expected["trainer"]["iteration"]
    assert_same(state, expected)


@pytest.mark.slow
def test_the_same_seed_gives_the_same_weights_and_another_does_not(straight, tmp_path):
    datalist, expected = straight
    state, _ = train_tiny(datalist, tmp_path / "same", deterministic=True)
    torch.use_deterministic_algorithms(False)
    assert_same(state, expected)
    other, _ = train_tiny(datalist, tmp_path / "other", seed=1)
    assert any(not torch.equal(other["network"][key], value) for key, value in expected["network"].items())


CHANGED_LOSSES = {
    "detection": {"_target_": "custom.losses.DetectionLoss", "size_weight": 2.0},
    "segmentation": {"_target_": "custom.losses.SegmentationLoss"},
}


@pytest.mark.slow
def test_a_resume_that_does_not_fit_says_what_differs(straight, tmp_path):
    datalist, _ = straight
    output = tmp_path / "output"
    train_tiny(datalist, output, max_epochs=1)
    for overrides, message in [
        ({"batch_size": 2}, "batch_size was 3 and is now 2"),
        ({"selection": {"_target_": "custom.prioritization.NoSelection"}}, "selection was TopKHard and is now NoS"),
        ({"train#augmentation#affine_degrees": 10}, "degree_sampler.high was 30.0 and is now 10.0"),
        ({"network_def#encoder": "resnet34"}, "its network differs"),
        ({"priority#alpha": 0.5}, "alpha was 0.1 and is now 0.5"),
        ({"priority#initial_share": 0.5}, "initial_share was 1.0 and is now 0.5"),
        ({"loss#losses": CHANGED_LOSSES}, "loss.losses.detection.weights.size was 1.0 and is now 2.0"),
        ({"train#preprocessing#transforms#2#upper": 99.0}, "percentiles was (0.1, 99.9) and is now (0.1, 99.0)"),
        ({"train#sampler#seed": 7}, "sampler.seed was 0 and is now 7"),
        ({"train#dataloader#drop_last": True}, "drop_last was False and is now True"),
        ({"max_electrodes": 64}, "max_electrodes was 128 and is now 64"),
        ({"mask_threshold": 0.5}, "postprocessing.threshold was 0.4 and is now 0.5"),
    ]:
        with pytest.raises(RuntimeError) as caught:
            train_tiny(datalist, output, resume=True, **overrides)
        assert isinstance(caught.value.__cause__, InputError)
        assert message in str(caught.value.__cause__)
    changed = write_tiny_data(tmp_path / "other", cases=6, frames=3)
    with pytest.raises(RuntimeError) as caught:
        train_tiny(changed, output, resume=True)
    assert "10 frames are gone and 15 are new" in str(caught.value.__cause__)


@pytest.mark.slow
@pytest.mark.parametrize("split", ["training", "validation"])
def test_a_resume_after_labels_were_edited_in_place_names_the_first_frame(tmp_path, split):
    datalist = write_tiny_data(tmp_path / "data", cases=6, frames=2)
    train_tiny(datalist, tmp_path / "output", max_epochs=1)
    entry = json.loads(datalist.read_text())[split][1]
    mask = tmp_path / "data" / entry["mask"]
    Image.fromarray(np.asarray(Image.open(mask)).T.reshape(64, 96)).save(mask)
    with pytest.raises(RuntimeError) as caught:
        train_tiny(datalist, tmp_path / "output", resume=True)
    assert f"1 frame changed, first {tmp_path / 'data' / entry['image']} frame 0: mask" in str(caught.value.__cause__)


@pytest.mark.slow
def test_what_does_not_change_the_result_may_change_on_resume(straight, tmp_path):
    datalist, _ = straight
    train_tiny(datalist, tmp_path, max_epochs=2, val_interval=2, keep_checkpoints=1)
    changed = {"num_workers": 1, "cache_rate": 0.5, "keep_checkpoints": 2, "report_dir": str(tmp_path / "report")}
    state, _ = train_tiny(datalist, tmp_path, resume=True, max_epochs=3, **changed)
    assert state["trainer"]["epoch"] == 3
