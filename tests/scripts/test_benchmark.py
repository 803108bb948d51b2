import json

import pytest

from tests.tiny_weights import write_tiny_weights


@pytest.mark.slow
def test_engines_and_stages_are_timed_and_written(catheter, tmp_path, capsys):
    weights = write_tiny_weights(tmp_path / "model.pt")
    options = ("--size", 64, "--rounds", 1, "--engines", "onnxruntime", "--peers", "basic_unet", "--device", "cpu")
    catheter("benchmark", *options, "--weights", weights, "--overrides", "lite", "--output", tmp_path / "new")
    assert "The network alone, 64 x 64" in capsys.readouterr().out
    document = json.loads((tmp_path / "new" / "benchmark.json").read_text())
    timed = [(row["network"], row["engine"]) for row in document["networks"]]
    both = ("torch", "onnxruntime")
    assert timed == [(network, engine) for network in ("this", "paper", "basic_unet") for engine in both]
    stages = {row["stage"]: row["minimum"] for row in document["stages"]}
    assert list(stages) == ["decode", "preparation", "network", "post-processing", "whole", "cine"]
    assert stages["whole"] > stages["network"] > 0


@pytest.mark.parametrize(
    ("option", "message"),
    [
        (("--engines", "abacus"), "no such engine here; found 'abacus'"),
        (("--peers", "vgg"), "no such peer; found 'vgg'"),
        (("--rounds", 0), "--rounds: too few; found 0; expected 1 or more"),
    ],
)
def test_what_cannot_be_is_answered_without_a_traceback(catheter, tmp_path, capsys, option, message):
    with pytest.raises(SystemExit) as stopped:
        catheter("benchmark", *option, "--device", "cpu", "--output", tmp_path)
    assert stopped.value.code == 2
    assert message in capsys.readouterr().err


@pytest.mark.parametrize(
    ("option", "message"),
    [
        (("--size", "64,100"), "size: no side of a frame; found 100; expected multiples of 16"),
        (("--size", "0"), "size: no side of a frame; found 0; expected multiples of 16"),
        (("--size", "-16"), "size: no side of a frame; found -16; expected multiples of 16"),
    ],
)
def test_sizes_that_no_network_takes_are_refused_before_anything_is_timed(catheter, tmp_path, capsys, option, message):
    with pytest.raises(SystemExit) as stopped:
        catheter("benchmark", *option, "--device", "cpu", "--output", tmp_path / "new")
    assert stopped.value.code == 2
    assert message in " ".join(capsys.readouterr().err.split())
    assert not (tmp_path / "new").exists()
