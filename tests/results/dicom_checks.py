"""The validator of David Clunie's dicom3tools, where it is installed."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest


def assert_valid(path: Path) -> None:
    """No errors; warnings may be about optional attributes and codes of our own.

    Comes last in a test: where the validator is not installed, the test ends here.
    """
    if shutil.which("dciodvfy") is None:
        pytest.skip("dciodvfy is not installed")
    found = subprocess.run(["dciodvfy", "-new", path], capture_output=True, text=True).stderr
    assert [line for line in found.splitlines() if line.startswith("Error")] == []
