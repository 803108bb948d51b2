import signal
import subprocess
import sys
import time

import pytest

from custom.signals import stop_like_ctrl_c, uninterrupted
from tests.conftest import REPOSITORY

ENDING = [signal.SIGINT, signal.SIGTERM, signal.SIGHUP]


@pytest.fixture(autouse=True)
def handlers():
    """As in a terminal, also where the tests run in the background or under nohup, which ignore some signals."""
    before = {number: signal.signal(number, signal.default_int_handler) for number in ENDING}
    yield
    for number, handler in before.items():
        signal.signal(number, handler)


@pytest.mark.parametrize("number", ENDING)
def test_every_signal_that_ends_a_run_raises_what_ctrl_c_raises(number):
    signal.signal(signal.SIGHUP, signal.SIG_DFL)
    stop_like_ctrl_c()
    with pytest.raises(KeyboardInterrupt):
        signal.raise_signal(number)


def test_what_nohup_ignores_stays_ignored():
    signal.signal(signal.SIGHUP, signal.SIG_IGN)
    stop_like_ctrl_c()
    signal.raise_signal(signal.SIGHUP)


@pytest.mark.parametrize("number", ENDING)
def test_cleaning_up_is_not_interrupted(number):
    stop_like_ctrl_c()
    with uninterrupted():
        signal.raise_signal(number)
    with pytest.raises(KeyboardInterrupt):
        signal.raise_signal(signal.SIGINT)


@pytest.mark.parametrize("number", ENDING)
def test_a_simulation_that_is_stopped_leaves_nothing(tmp_path, number):
    command = [sys.executable, "-m", "scripts.main", "simulate", str(tmp_path / "data"), "--size", "64"]
    process = subprocess.Popen(command, cwd=REPOSITORY, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    while process.poll() is None and not list(tmp_path.rglob("*.png")):
        time.sleep(0.01)
    process.send_signal(number)
    assert process.wait(timeout=60) == 130
    assert list(tmp_path.iterdir()) == []
