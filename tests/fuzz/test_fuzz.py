"""Spoilt DICOM and PNG files: every one is read or refused, soon and in little memory."""

import json
import subprocess
import sys

import pytest

from tests.conftest import REPOSITORY

PARTS = 2


@pytest.mark.slow
@pytest.mark.parametrize("part", range(PARTS))
def test_spoilt_files_are_read_or_refused(part, whole):
    files = 10_000 if whole else 2_000
    first, end = files * part // PARTS, files * (part + 1) // PARTS
    command = [sys.executable, "-m", "tests.fuzz.read_mutants", str(first), str(end)]
    done = subprocess.run(command, cwd=REPOSITORY, capture_output=True, text=True, check=False)
    lines = done.stdout.splitlines()
    assert done.returncode == 0, f"the process died at seed {lines[-1:]}: {done.stderr[-2000:]}"
    report = json.loads(lines[-1])
    print(report)
    assert not report["failures"], report["failures"][0]
    assert report["slowest_s"] < 10
    assert report["peak_mb"] < 2000
    assert min(report["outcomes"][outcome] for outcome in ("read", "read in part", "refused")) > 0
