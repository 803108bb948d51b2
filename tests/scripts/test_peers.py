"""A peer trained, evaluated and used as users type it."""

import json

import pytest
from PIL import Image

from tests.tiny_data import COLUMNS, ROWS, write_tiny_data


@pytest.mark.slow
def test_a_peer_trains_and_its_weights_mark_frames_of_any_size(catheter, tmp_path):
    data = write_tiny_data(tmp_path / "data")
    small = ("--network_def#trunk#trunk#backbone", "resnet18", "--image_size", f"[{ROWS},{COLUMNS}]", "--device", "cpu")
    peer = ("--overrides", "peer_flexible_unet", *small)
    catheter("train", data, "--output", tmp_path, "--epochs", 1, "--batch_size", 2, "--tracking", "False", *peer)
    catheter("evaluate", data, "--output", tmp_path, *peer)
    metrics = json.loads((tmp_path / "evaluation" / "metrics.json").read_text())
    assert metrics["frames"] == 2

    frame = Image.open(data.parent / "images" / "03_00.png")
    frame.resize((150, 110)).save(tmp_path / "frame.png")
    weights = ("--weights", tmp_path / "model.pt", "--engine", "torch")
    catheter("infer", tmp_path / "frame.png", "--output", tmp_path / "results", *weights, *peer)
    assert (tmp_path / "results" / "frame.png.json").is_file()
