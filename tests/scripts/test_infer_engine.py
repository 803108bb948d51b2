"""`catheter infer` in the fastest engine and in PyTorch."""

import json

import numpy as np
import pytest
from PIL import Image

from tests.tiny_weights import write_tiny_weights

ROWS, COLUMNS = 112, 144


@pytest.mark.slow
def test_results_are_the_same_and_say_what_ran_the_network(catheter, tmp_path):
    weights = write_tiny_weights(tmp_path / "model.pt")
    pixels = np.random.default_rng(0).integers(0, 256, (ROWS, COLUMNS), dtype=np.uint8)
    Image.fromarray(pixels).save(tmp_path / "frame.png")
    options = ("--weights", weights, "--overrides", "lite", "--device", "cpu", "--formats", "json,mask")
    documents, masks = [], []
    for engine in ("torch", "auto"):
        output = tmp_path / engine
        catheter("infer", tmp_path / "frame.png", "--output", output, "--engine", engine, *options)
        documents.append(json.loads((output / "frame.png.json").read_text()))
        masks.append(np.asarray(Image.open(output / "frame.png_mask.png")))
    assert [document["engine"] for document in documents] == ["torch", "ncnn"]
    counts = [len(document["frames"][0]["electrodes"]) for document in documents]
    assert counts[0] == counts[1] > 0
    assert 0 < masks[0].mean() < 255
    assert np.mean(masks[0] != masks[1]) < 1e-3
