"""What MONAI Label 0.8.5 does with a bundle's configs, step by step, where MONAI Label itself is not installed."""

import json
import math
import shutil

import numpy as np
import pytest
import torch
from monai.bundle import ConfigItem, ConfigParser, run
from monai.data import decollate_batch
from monai.transforms import SaveImaged

from custom.errors import InputError
from tests.monai_label.command_line import assert_found_alike, infer_on_command_line


class InferTask:
    """Mimics `monailabel.tasks.infer.bundle.BundleInferTask`."""

    def __init__(self, bundle):
        self.config = ConfigParser()
        self.config.read_config(str(bundle / "configs" / "inference.yaml"))
        self.config.config.update({"bundle_root": str(bundle)})
        self.network = self.config.get_parsed_content("network_def", instantiate=True).eval()
        self.network.load_state_dict(torch.load(bundle / "models" / "model.pt"), strict=False)
        self.options = self.config.get_parsed_content("displayable_configs", instantiate=True)

    def __call__(self, image, **params):
        request = {**self.options, "model": "catheter_bundle", "image": str(image), "device": "cpu", **params}
        data = {**request, "image_path": request["image"]}
        self.config["displayable_configs"].update({name: data[name] for name in self.options})
        self.config.parse()
        for transform in self._parsed("preprocessing").transforms:
            data = transform(data)
        with torch.no_grad():
            data["pred"] = decollate_batch(self._parsed("inferer")(data["image"][None], self.network))[0]
        for transform in self._parsed("postprocessing").transforms:
            data = data if isinstance(transform, SaveImaged) else transform(data)
        return restored(data)

    def _parsed(self, name):
        self.config.config.update({"device": "cpu"})
        if self.config.ref_resolver.items.get("device"):
            self.config.ref_resolver.items["device"] = ConfigItem(config="cpu", id="device")
        return self.config.get_parsed_content(name, instantiate=True)


def restored(data):
    """`Restored` takes the first axis of the mask for channels and resizes the rest where the image differs in size."""
    size = data["pred"].shape[1:]
    assert tuple(data["image"].meta.get("spatial_shape", size))[-len(size) :] == tuple(size)
    return data


def written(data):
    """The mask as MONAI Label's writer puts it into an image: axes reversed, like ITK."""
    assert isinstance(data["pred"], np.ndarray)
    assert data["pred"].dtype == np.uint8
    return data["pred"].transpose()


@pytest.fixture(scope="module")
def infer_task(bundle):
    return InferTask(bundle)


def test_the_options_are_plain_numbers(infer_task):
    assert infer_task.options == {"mask_threshold": 0.4, "minimum_score": 0.35}


def test_the_reply_is_that_of_the_command_line(infer_task, bundle, image):
    data = infer_task(image)
    mask, expected = infer_on_command_line(image, bundle / "models" / "model.pt")
    assert 0 < mask.mean() < 1
    np.testing.assert_array_equal(written(data), mask)
    assert_found_alike(json.loads(json.dumps(data["result"])), expected)
    assert expected["electrodes"]


def test_options_take_effect_in_their_own_request(infer_task, image):
    default = infer_task(image)
    lenient = infer_task(image, mask_threshold=0.1, minimum_score=0.05)
    strict = infer_task(image, mask_threshold=0.9, minimum_score=0.95)
    assert lenient["pred"].sum() > default["pred"].sum() > strict["pred"].sum()
    assert len(lenient["result"]["electrodes"]) >= len(default["result"]["electrodes"])
    assert len(default["result"]["electrodes"]) > len(strict["result"]["electrodes"])
    np.testing.assert_array_equal(infer_task(image)["pred"], default["pred"])


@pytest.mark.parametrize("value", ["$open('evaluated', 'w').close() or 0.3", "@image_size", "0.3"])
def test_texts_of_a_request_are_refused_and_not_evaluated(infer_task, image, value, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(InputError, match=r"minimum_score: no probability.*a number from 0 to 1"):
        infer_task(image, minimum_score=value)
    assert not (tmp_path / "evaluated").exists()
    assert infer_task(image)["result"]["electrodes"]


def test_one_label_and_the_type_that_monai_label_guesses(bundle):
    outputs = json.loads((bundle / "configs" / "metadata.json").read_text())["network_data_format"]["outputs"]
    labels = {name: int(value) for value, name in next(iter(outputs.values()))["channel_def"].items()}
    assert labels == {"background": 0, "catheter": 1}
    assert not [word for word in ("detection", "classification", "deep") if word in bundle.name]


def test_the_weights_are_the_only_ones_that_monai_label_can_choose(bundle):
    assert [path.name for path in (bundle / "models").glob("*.pt")] == ["model.pt"]


@pytest.mark.slow
def test_training_on_masks_alone_replaces_the_weights(bundle, data, tmp_path):
    """As `monailabel.tasks.train.bundle.BundleTrainTask` calls it."""
    bundle = shutil.copytree(bundle, tmp_path / "catheter_bundle")
    images = sorted((data / "images").glob("*.png"))
    entries = [{"image": str(path), "label": str(data / "masks" / path.name)} for path in images]
    weights = bundle / "models" / "model.pt"
    config = ConfigParser.load_config_file(str(bundle / "configs" / "train.yaml"))
    loader = {"_target_": "CheckpointLoader", "load_path": str(weights), "load_dict": {"model": "$@network"}}
    before = weights.read_bytes()
    run(
        run_id="run",
        init_id=None,
        final_id=None,
        meta_file=str(bundle / "configs" / "metadata.json"),
        config_file=str(bundle / "configs" / "train.yaml"),
        **{
            "bundle_root": str(bundle),
            "device": "cpu",
            "train#trainer#max_epochs": 2,
            "train#dataset#data": entries[:6],
            "validate#dataset#data": entries[6:],
            "train#handlers": [{**loader, "strict": False}, *config["train"]["handlers"]],
        },
    )
    assert weights.read_bytes() != before
    after = torch.load(weights, weights_only=True)
    assert all(math.isfinite(float(value.sum())) for value in after.values() if value.is_floating_point())
    assert InferTask(bundle)(images[0])["pred"].shape == (96, 64)
