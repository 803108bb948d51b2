"""A packaged bundle with weights that mark something, and a frame to infer."""

from pathlib import Path

import pytest

from tests.monai_label.command_line import enlarged, unpack_bundle
from tests.tiny_data import write_tiny_data
from tests.tiny_weights import write_tiny_weights


@pytest.fixture(scope="session")
def bundle(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("served")
    return unpack_bundle(write_tiny_weights(folder / "tiny.pt"), folder)


@pytest.fixture(scope="session")
def data(tmp_path_factory) -> Path:
    """A folder with `images` and `masks`."""
    return write_tiny_data(tmp_path_factory.mktemp("studies")).parent


@pytest.fixture(scope="session")
def image(data, tmp_path_factory) -> Path:
    return enlarged(data / "images" / "00_00.png", tmp_path_factory.mktemp("frame"))
