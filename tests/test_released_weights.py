"""What a fresh clone can do without training anything."""

import json
from pathlib import Path

import numpy as np
from skimage import io

from custom.metrics.matching import matched_pairs
from custom.networks.weights_hash import check_hash
from custom.workflow import bundle_root
from scripts.main import main

WEIGHTS = Path(bundle_root()) / "models" / "model.pt"


def test_they_fit_the_box_and_are_those_recorded():
    assert WEIGHTS.stat().st_size < 25e6
    assert WEIGHTS.with_suffix(".sha256").is_file()
    check_hash(WEIGHTS)


def run(monkeypatch, *arguments):
    monkeypatch.setattr("sys.argv", ["catheter", *map(str, arguments)])
    main()


def test_a_frame_is_marked_without_training_anything(tmp_path, monkeypatch):
    """Bounds are far below what docs/README.md of the bundle says: six frames vary."""
    data, results = tmp_path / "data", tmp_path / "results"
    devices = "coronary_sinus_decapolar,ablation"
    size = ("--sequences", 6, "--frames", 1, "--size", "400,320")
    run(monkeypatch, "simulate", data, *size, "--seed", 71, "--dose", 60, "--devices", devices)
    run(monkeypatch, "infer", data / "images", "--output", results, "--formats", "mask,json", "--device", "cpu")
    entries = [entry for split in json.loads((data / "datalist.json").read_text()).values() for entry in split]
    true, found, overlaps = 0, 0, []
    for entry in entries:
        name = Path(entry["image"]).name
        mask, marked = (io.imread(path) > 0 for path in (data / entry["mask"], results / f"{name}_mask.png"))
        overlaps.append((mask & marked).sum() / max(1, (mask | marked).sum()) if mask.any() or marked.any() else 1.0)
        frame = json.loads((results / f"{name}.json").read_text())["frames"][0]
        points = [np.array([[e["x"], e["y"]] for e in one["electrodes"]]).reshape(-1, 2) for one in (entry, frame)]
        true += len(points[0])
        found += len(matched_pairs(*points, tolerance=3.0)[0])
    assert true >= 20
    assert found >= 0.6 * true
    assert np.mean(overlaps) >= 0.3
