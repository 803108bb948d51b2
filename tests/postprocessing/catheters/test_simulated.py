"""Single simulated devices of every type: what the geometry alone gets right, from true masks and electrodes."""

import dataclasses

import numpy as np
import pytest
from scipy.spatial.distance import cdist

from custom.postprocessing.catheter_types.table import load_catheter_types
from custom.postprocessing.catheters.find import find_catheters
from custom.postprocessing.polyline import resample_polyline
from custom.simulation.config import load_config
from custom.simulation.dataset import SimulatedSequences
from custom.simulation.options import with_devices

FRAMES = 24
ROWS, COLUMNS = 256, 320


@pytest.fixture(
    scope="module", params=["ablation", "coronary_sinus_decapolar", "quadripolar", "lasso_20", "pacing_lead"]
)
def frames(request):
    """Mask, electrodes, spacing at the isocentre and truth of frames with one device, all its electrodes in view."""
    config = with_devices(load_config(), request.param)
    procedure = dataclasses.replace(config.procedures["electrophysiology"], device_counts=(0.0, 1.0))
    config = dataclasses.replace(config, procedures={"electrophysiology": procedure})
    simulated = SimulatedSequences(config, seed=77, size=(ROWS, COLUMNS), sequences=FRAMES, frames=1)
    found = []
    for index in range(FRAMES):
        batch = simulated.render([index])
        label = batch.labels[0]
        if len(label.electrodes) == len(label.plan.labels.electrodes) > 0:
            fields = [[item[key] for key in ("x", "y", "width", "height")] + [1.0] for item in label.electrodes]
            found.append((batch.masks[0, 0].numpy(), np.array(fields), label.plan.view.isocentre_pixel_mm, label))
    return found


@pytest.mark.slow
def test_single_devices(frames):
    types = load_catheter_types().by_name
    right, ordered, distances = [], [], []
    for mask, electrodes, pixel_mm, label in frames:
        truth = label.catheters[0]
        catheter = max(find_catheters(mask, electrodes)[1], key=lambda item: len(item.electrodes))
        right.append(catheter.type in types and truth["type"] in types[catheter.type].annotated_as)
        poles = [label.electrodes[index]["pole"] for index in catheter.electrodes]
        ordered.append(poles == list(range(len(electrodes))))
        line = resample_polyline(np.array(truth["centerline"]), 0.25)
        distances.append(pixel_mm * np.median(cdist(catheter.centerline, line).min(axis=1)))
    assert len(frames) > FRAMES / 2
    assert np.mean(right) >= 0.9
    assert truth["type"] == "lasso" or np.mean(ordered) >= 0.9  # a loop seen from the side hides its order
    assert np.median(distances) < 0.2
