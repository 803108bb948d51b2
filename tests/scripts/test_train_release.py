import subprocess
import sys

import pytest
import torch

from custom.errors import InputError
from custom.networks import lite_catheter_net
from custom.networks.weights_hash import check_hash
from custom.simulation.config import load_config
from custom.workflow import load_network
from scripts.release_weights import average_weights, publish_weights
from scripts.simulate import simulate
from scripts.train_release import train_release, write_patients_config
from tests.conftest import REPOSITORY
from tests.tiny_weights import write_tiny_weights


def test_published_weights_are_small_and_load(tmp_path):
    trained = write_tiny_weights(tmp_path / "trained.pt")
    state = torch.load(trained, weights_only=True)
    state["feature_distance.whitening"][0, 0] = 1e6  # beyond half precision
    torch.save(state, trained)
    released = tmp_path / "models" / "model.pt"
    publish_weights(trained, released)
    check_hash(released)
    assert released.stat().st_size < 0.6 * trained.stat().st_size
    network, same = lite_catheter_net(), lite_catheter_net()
    load_network(network, released)
    load_network(same, trained)
    assert network.feature_distance.whitening[0, 0] == 1e6
    for name, value in network.state_dict().items():
        assert value.dtype == same.state_dict()[name].dtype
        torch.testing.assert_close(value, same.state_dict()[name], rtol=1e-3, atol=1e-4)


def test_weights_are_averaged(tmp_path):
    files = [tmp_path / "one.pt", tmp_path / "other.pt"]
    for file, values, count in zip(files, ([1.0, -2.0], [2.0, 4.0]), (3, 5), strict=True):
        torch.save({"weight": torch.tensor(values), "count": torch.tensor(count)}, file)
    state = torch.load(average_weights(files, tmp_path / "mean.pt"), weights_only=True)
    assert state["weight"].tolist() == [1.5, 1.0]
    assert (state["count"].item(), state["count"].dtype) == (4, torch.int64)


def test_the_last_stages_see_other_patients(tmp_path):
    usual = load_config()
    other = load_config(write_patients_config(tmp_path / "new" / "patients.yaml"))
    assert other.shares.training == 1.0
    for name, procedure in other.procedures.items():
        counts = procedure.device_counts
        assert counts[0] / sum(counts) == pytest.approx(0.2)
        assert len(counts) == len(usual.procedures[name].device_counts)
    assert other.procedures["electrophysiology"].devices["star_mapping"] == 2
    assert other.detector == usual.detector


def test_a_misspelt_option_is_named_before_anything_is_done(tmp_path):
    command = [sys.executable, "-m", "scripts.train_release", str(tmp_path / "release"), "--sequencs", "3"]
    done = subprocess.run(command, cwd=REPOSITORY, capture_output=True, text=True, check=False, timeout=120)
    assert done.returncode == 2
    assert done.stderr == "catheter: --sequencs: unknown option. Did you mean --sequences or --seed.\n"
    assert not (tmp_path / "release").exists()


@pytest.mark.parametrize(
    ("option", "message"),
    [
        ({"sequences": 9}, "sequences: .* another value; found 8; expected 9"),
        ({"frames": 2}, "frames: .* another value; found 1; expected 2"),
        ({"size": 96}, r"size: .* another value; found \[64, 64\]; expected \[96, 96\]"),
        ({"seed": 2}, "seed: .* another value; found 1; expected 2"),
    ],
)
def test_frames_that_were_simulated_otherwise_are_not_taken(tmp_path, option, message):
    simulated = {"sequences": 8, "frames": 1, "size": 64, "seed": 1}
    simulate(str(tmp_path / "data"), **simulated)
    with pytest.raises(InputError, match=message):
        train_release(str(tmp_path), **{**simulated, **option}, publish=False)
    assert [path.name for path in tmp_path.iterdir()] == ["data"]


@pytest.mark.slow
def test_the_release_is_trained_in_pieces(tmp_path):
    options = ["--sequences", "14", "--frames", "2", "--size", "256", "--publish", "False"]
    command = [sys.executable, "-m", "scripts.train_release", str(tmp_path), *options]
    stages = [
        tmp_path / f"{number}_stage" / "model.pt" for number in ("first", "second", "third", "fourth", "fifth", "sixth")
    ]
    output = run_release([*command, "--epochs", "1"])
    assert output.count("epoch 1/1:") == 6
    before = [stage.read_bytes() for stage in stages]
    assert len(set(before)) == 6
    output = run_release([*command, "--epochs", "2"])
    assert output.count("epoch 2/2:") == 1
    assert "epoch 1/2:" not in output
    assert [stage.read_bytes() for stage in stages[:5]] == before[:5]


def run_release(command):
    done = subprocess.run(command, cwd=REPOSITORY, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout + done.stderr
