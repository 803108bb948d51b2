"""Fixtures that every test can use."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
import torch

REPOSITORY = Path(__file__).resolve().parents[1]
# One thread a test process: xdist runs as many processes as there are cores.
torch.set_num_threads(1)
os.environ.setdefault("OMP_NUM_THREADS", "1")
# Networks converted by tests stay out of the user's cache.
os.environ["XDG_CACHE_HOME"] = str(REPOSITORY / ".pytest_cache" / "home")


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """Real files beside the checkout; tests that want them skip where they are absent."""
    folder = REPOSITORY.parent / "shared" / "data"
    if not folder.is_dir():
        pytest.skip("../shared/data is not here")
    return folder


def pytest_addoption(parser):
    parser.addoption("--whole", action="store_true", help="run the longest tests at their full length")


@pytest.fixture(scope="session")
def whole(pytestconfig):
    """Whether the longest tests run at their full length; CI shortens them."""
    return pytestconfig.getoption("--whole")
