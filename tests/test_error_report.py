import re
import subprocess
import sys

import pytest
from monai.bundle import ConfigComponent, ConfigParser

from custom.error_report import find_user_error
from custom.errors import InputError


def test_the_user_error_is_found_behind_others():
    error = InputError("wrong")
    outer = RuntimeError("failed to instantiate")
    outer.__cause__ = error
    assert find_user_error(outer) is error
    assert find_user_error(RuntimeError("other")) is None


@pytest.mark.parametrize(
    ("statement", "code", "traceback"),
    [("raise RuntimeError('wrapped') from InputError('bad value')", 2, False), ("raise RuntimeError('bug')", 1, True)],
)
def test_an_uncaught_user_error_ends_with_2_and_no_traceback(statement, code, traceback):
    program = f"from custom.errors import InputError; import custom.workflow as w; w.report_errors(); {statement}"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert done.returncode == code
    assert ("Traceback" in done.stderr) == traceback
    assert ("catheter: bad value" in done.stderr) != traceback


@pytest.mark.parametrize(
    ("text", "line", "reason"),
    [
        ("import no_such_library", 1, "ModuleNotFoundError: No module named 'no_such_library'"),
        ("import math\nraise ValueError('no licence')", 2, "ValueError: no licence"),
        ("x = = 3", 1, "SyntaxError: invalid syntax"),
    ],
)
def test_a_module_of_the_users_own_that_cannot_be_imported_is_named(tmp_path, monkeypatch, text, line, reason):
    (tmp_path / "own_module.py").write_text(text)
    monkeypatch.syspath_prepend(tmp_path)
    with pytest.raises(Exception, match="own_module") as raised:
        ConfigComponent({"_target_": "own_module.Selection"}).instantiate()
    assert f"own_module.py: line {line}: a module that the config names cannot be imported ({reason}" in str(
        find_user_error(raised.value)
    )


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("own_import", r"own_import\.py: line 2: .* cannot be imported \(import own_import \(no licence\)\)\. Mend it"),
        ("no_such_module", r"^a module .* cannot be imported \(import no_such_module \(No .*PYTHONPATH\.$"),
    ],
)
def test_an_import_of_the_config_that_fails_is_named(tmp_path, monkeypatch, name, message):
    (tmp_path / "own_import.py").write_text("import math\nraise ValueError('no licence')")
    monkeypatch.syspath_prepend(tmp_path)
    parser = ConfigParser({"imports": [f"$import {name}"], "selection": f"${name}.Selection()"})
    with pytest.raises(RuntimeError) as raised:
        parser.get_parsed_content("selection")
    assert re.search(message, str(find_user_error(raised.value)))


def test_a_setting_that_a_component_does_not_take_is_the_users_error():
    component = ConfigComponent({"_target_": "custom.networks.lite_catheter_net", "head_strid": 4})
    with pytest.raises(RuntimeError) as raised:
        component.instantiate()
    assert "'head_strid'" in str(find_user_error(raised.value))


def test_a_setting_that_a_component_needs_and_does_not_get_is_the_users_error():
    with pytest.raises(RuntimeError) as raised:
        ConfigComponent({"_target_": "custom.prioritization.LossKpi"}).instantiate()
    assert re.search(r"missing 1 required .*'loss'.* or for one that is missing", str(find_user_error(raised.value)))
