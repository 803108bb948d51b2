"""MONAI Label's own task, in this process; runs where MONAI Label is installed (`make monai-label-test`)."""

import numpy as np
import pytest
from PIL import Image

from tests.monai_label.command_line import assert_found_alike, infer_on_command_line

bundle_tasks = pytest.importorskip("monailabel.tasks.infer.bundle")


@pytest.fixture(scope="module")
def infer_task(bundle):
    return bundle_tasks.BundleInferTask(str(bundle), {"preload": "false"})


def reply(task, image, **params):
    file, found = task({"model": "catheter_bundle", "image": str(image), "device": "cpu", **params})
    return np.asarray(Image.open(file)), found


def test_the_task_is_valid_and_offers_its_options(infer_task):
    assert infer_task.is_valid()
    info = infer_task.info()
    assert info["labels"] == {"catheter": 1}
    assert info["type"] == "segmentation"
    assert {name: info["config"][name] for name in ("mask_threshold", "minimum_score")} == {
        "mask_threshold": 0.4,
        "minimum_score": 0.35,
    }


@pytest.mark.parametrize("settings", [{}, {"mask_threshold": 0.9, "minimum_score": 0.9}])
def test_the_reply_is_that_of_the_command_line(infer_task, bundle, image, settings):
    mask, found = reply(infer_task, image, **settings)
    expected_mask, expected = infer_on_command_line(image, bundle / "models" / "model.pt", **settings)
    assert mask.shape == (320, 464)
    assert set(np.unique(mask)) == {0, 1}
    np.testing.assert_array_equal(mask, expected_mask)
    assert_found_alike(found, expected)
