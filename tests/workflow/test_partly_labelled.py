import json

import pytest
import torch

from tests.tiny_data import write_tiny_data
from tests.workflow.tiny_training import train_tiny


@pytest.mark.slow
def test_masks_only_and_electrodes_only_train_in_one_run(tmp_path):
    datalist = write_tiny_data(tmp_path / "data", cases=6, frames=2)
    splits = json.loads(datalist.read_text())
    for index, entry in enumerate(splits["training"]):
        entry["mask" if index % 2 else "electrodes"] = None
    datalist.write_text(json.dumps(splits))
    state, iterations = train_tiny(datalist, tmp_path / "output", max_epochs=2)
    available = state["priority"]["available"]
    assert available[0::2].tolist() == [[False, True]] * 4
    assert available[1::2].tolist() == [[True, False]] * 4
    assert torch.equal(state["priority"]["observed"], available)
    assert iterations > 0
    assert all(torch.isfinite(value).all() for value in state["network"].values())
