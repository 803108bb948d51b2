from pathlib import Path

import yaml

from custom.workflow import bundle_root

CONFIGS = Path(bundle_root()) / "configs"


def read(name):
    return yaml.safe_load((CONFIGS / f"{name}.yaml").read_text())


def test_frames_are_loaded_as_in_any_evaluation_and_corrupted_before_anything_else():
    loading, *_ = read("train")["validate"]["preprocessing"]["transforms"]
    replaced = read("evaluate_robustness")["validate#preprocessing#transforms#0"]
    assert replaced["transforms"] == [loading, "@corruption"]


def test_every_corruption_has_five_strengths():
    corruptions = read("evaluate_robustness")["corruptions"]
    assert len(corruptions) == 16
    assert all(len(item["strengths"]) == 5 for item in corruptions.values())
