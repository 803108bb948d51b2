"""What a config gets wrong, found when its parts are made."""

import pytest

from custom.errors import InputError
from scripts import bundle
from scripts.bundle import bundle_component, run_bundle, training_config


@pytest.mark.parametrize(
    ("component", "values", "message"),
    [
        ("network_def", {"network_def#_target_": "custom.networks.Lite"}, "_target_: no such class.*networks.Lite"),
        ("lr_scheduler", {"lr_scheduler#factor": "@train#learning_rat"}, "refers to what is not.*@train#learning_rat"),
        ("priority", {"priority#size": "$1 / 0"}, "an expression of the config fails: division by zero"),
    ],
)
def test_what_a_config_gets_wrong_is_the_user_s_error(component, values, message):
    config = training_config("lite", device="cpu", **values)
    with pytest.raises(InputError, match=message):
        bundle_component(config, component)


def test_overrides_that_do_not_fit_each_other_are_refused():
    config = training_config("peer_basic_unet,weighting_gradnorm", device="cpu")
    with pytest.raises(InputError, match=r"no attribute 'decoder'; found .*@network_def\.decoder.*do not fit"):
        bundle_component(config, "weighting")


def test_a_fault_in_code_that_an_expression_calls_is_no_user_s():
    config = training_config(**{"priority#size": "$data.evenly_spread(3, 2)"})
    with pytest.raises(RuntimeError, match="Failed to evaluate"):
        bundle_component(config, "priority")


def test_a_run_that_refers_to_what_is_not_there_is_refused(monkeypatch):
    def run(**_):
        raise KeyError("query key: batch_siz")

    monkeypatch.setattr(bundle, "run", run)
    with pytest.raises(InputError, match="refers to what is not there; found 'batch_siz'"):
        run_bundle("training", bundle.config_files("train.yaml"), settings={"max_epochs": "%batch_siz"})
