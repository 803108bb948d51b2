from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from custom.errors import InputError
from custom.simulation.config import DEFAULT, load_config
from custom.simulation.device_table import load_devices
from custom.simulation.devices import load_routes
from custom.simulation.options import with_devices, with_dose
from custom.typed_yaml import LogRange


def _changed(tmp_path, change) -> Path:
    document = yaml.safe_load(DEFAULT.read_text())
    change(document)
    path = tmp_path / "mine.yaml"
    path.write_text(yaml.safe_dump(document))
    return path


def test_a_copy_with_one_change_is_read(tmp_path):
    path = _changed(tmp_path, lambda document: document["detector"].update(dose_ngy=[7, 9]))
    assert load_config(path).detector.dose_ngy == LogRange(7.0, 9.0)
    assert load_config(path).display == load_config().display


@pytest.mark.parametrize(
    ("change", "field"),
    [
        (lambda d: d["detector"].update(doze_ngy=[1, 2]), "doze_ngy"),
        (lambda d: d["motion"].pop("breathing_mm"), "breathing_mm"),
        (lambda d: d["detector"].update(kvp=[90, 60]), "detector.kvp"),
        (lambda d: d["detector"].update(kvp=80), "detector.kvp"),
        (lambda d: d["detector"].update(dose_ngy=[0, 60]), "detector.dose_ngy"),
        (lambda d: d["procedures"]["pacing"].update(anatomy=3), "procedures.pacing.anatomy"),
        (lambda d: d["procedures"]["pacing"].update(anatomy="foot"), "procedures.pacing.anatomy"),
        (lambda d: d["procedures"]["pacing"].update(devices={"lasoo": 1}), "lasoo"),
        (lambda d: d["procedures"]["pacing"].update(look_alikes={"spoon": 1}), "spoon"),
        (lambda d: d["procedures"]["pacing"].update(field_mm=[0.5, 20]), "procedures.pacing.field_mm"),
        (lambda d: d["procedures"]["pacing"].update(field_mm=[100, 100_000]), "procedures.pacing.field_mm"),
        (lambda d: d["procedures"]["pacing"].update(device_counts=[]), "procedures.pacing.device_counts"),
        (lambda d: d.update(sequences_per_case=0), "sequences_per_case"),
        (lambda d: d["motion"].update(frames_per_second=[]), "motion.frames_per_second"),
        (lambda d: d["motion"].update(frames_per_second=[7.5, 0]), "motion.frames_per_second"),
        (lambda d: d["motion"].update(sway_mm=[-1, 1]), "motion.sway_mm"),
        (lambda d: d["geometry"].update(sid_mm=[700, 1200]), "geometry.sid_mm"),
        (lambda d: d["detector"].update(kvp=[10, 20]), "detector.kvp"),
        (lambda d: d["detector"].update(dose_ngy=[1, 1e7]), "detector.dose_ngy"),
        (lambda d: d["detector"].update(focal_blur_mm=[-3, -1]), "detector.focal_blur_mm"),
        (lambda d: d["detector"].update(lag=[2, 3]), "detector.lag"),
        (lambda d: d["display"].update(jpeg_quality=[50, 900]), "display.jpeg_quality"),
        (lambda d: d["display"].update(jpeg_probability=7), "display.jpeg_probability"),
        (lambda d: d["collimator"].update(margin=[0.6, 0.9]), "collimator.margin"),
        (lambda d: d["procedures"]["pacing"].update(contrast_probability=-1), "procedures.pacing.contrast_probability"),
        (lambda d: d.update(shares={"training": 0, "validation": 0, "test": 0}), "shares"),
        (lambda d: d.update(shares={"training": 1, "validation": -1, "test": 1}), "shares.validation"),
        (lambda d: d.update(procedures={}), "procedures"),
    ],
)
def test_faults_name_the_file_and_the_field(tmp_path, change, field):
    path = _changed(tmp_path, change)
    with pytest.raises(InputError) as caught:
        load_config(path)
    assert str(path) in str(caught.value)
    assert field in str(caught.value)


def test_a_missing_file_and_a_file_that_is_no_yaml(tmp_path):
    with pytest.raises(InputError, match="cannot be read"):
        load_config(tmp_path / "absent.yaml")
    (tmp_path / "broken.yaml").write_text("a: [1,")
    with pytest.raises(InputError, match="is not YAML"):
        load_config(tmp_path / "broken.yaml")


def test_every_device_of_the_heart_has_a_route_there():
    routes = load_routes()["thorax"]
    for device in load_devices().values():
        assert any(name in routes for name in device.route), device.type


def test_the_dose_option_pins_the_dose(config):
    assert with_dose(config, 25).detector.dose_ngy == LogRange(25.0, 25.0)
    assert with_dose(config, None) is config
    for dose in (0, float("inf"), float("nan"), 1e36, 1e-40):
        with pytest.raises(InputError, match="--dose"):
            with_dose(config, dose)


def test_the_devices_option_lists_the_known_ones(config):
    for names in ("ablation,lasso_10", "ablation, lasso_10", ["ablation", "lasso_10"]):
        chosen = with_devices(config, names)
        assert all(set(item.devices) == {"ablation", "lasso_10"} for item in chosen.procedures.values())
    with pytest.raises(InputError, match=r"lasso_11.*coronary_sinus_decapolar.*lasso_10"):
        with_devices(config, ["lasso_11"])
