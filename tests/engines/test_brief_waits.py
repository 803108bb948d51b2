"""Threads of ncnn do not keep other processes from the cores that they wait on."""

import os
import subprocess
import sys

import pytest

SAY = "import os, sys, custom.engines; print(os.environ.get('GOMP_SPINCOUNT'), 'ncnn' in sys.modules)"


@pytest.mark.parametrize(
    ("users", "expected"),
    [({}, "1000"), ({"GOMP_SPINCOUNT": "7"}, "7"), ({"OMP_WAIT_POLICY": "active"}, "None")],
)
def test_waits_are_brief_before_ncnn_is_there_unless_the_user_has_said_otherwise(users, expected):
    inherited = {key: value for key, value in os.environ.items() if key not in ("GOMP_SPINCOUNT", "OMP_WAIT_POLICY")}
    done = subprocess.run(
        [sys.executable, "-c", SAY], env=inherited | users, capture_output=True, text=True, check=True
    )
    assert done.stdout.split() == [expected, "False"]
