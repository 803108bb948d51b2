"""The commands and links of the documentation exist."""

import inspect
import re
import shlex

import numpy as np
import pytest
import torch
from monai.bundle import ConfigParser
from PIL import Image

from custom.workflow import check_command_line, check_overrides
from scripts.bundle import CONFIGS, config_files
from scripts.main import COMMANDS
from tests.conftest import REPOSITORY

README = (REPOSITORY / "README.md").read_text()
BLOCKS = "\n".join(re.findall(r"```sh\n(.*?)```", README, re.DOTALL)).replace("\\\n", " ")
LINES = [shlex.split(line, comments=True) for line in BLOCKS.splitlines() if line.strip()]
CATHETER = [line[1:] for line in LINES if line[0] == "catheter"]
MONAI = [line[line.index("monai.bundle") :] for line in LINES if "monai.bundle" in line]
PAGES = [REPOSITORY / "README.md", *sorted((REPOSITORY / "docs").glob("*.md"))]
SETTINGS = {"train": ("train.yaml",), "evaluate": ("train.yaml", "evaluate.yaml"), "infer": ("inference.yaml",)}


def options(arguments):
    """Map the options of a command line to their values, empty for a switch."""
    following = [*arguments[1:], ""]
    return {
        argument[2:]: "" if value.startswith("--") else value
        for argument, value in zip(arguments, following, strict=True)
        if argument.startswith("--")
    }


def check_catheter(arguments):
    command, *rest = arguments
    parameters = inspect.signature(COMMANDS[command]).parameters
    given = options(rest)
    settings = given.keys() - parameters.keys()
    if command not in SETTINGS:
        assert not settings, f"catheter {command} has no options {settings}"
        return
    files = config_files(*SETTINGS[command], overrides=given.get("overrides", ()))
    check_overrides(files, settings, tracking=str(CONFIGS / "tracking.yaml") if command == "train" else None)


def test_the_readme_shows_commands():
    assert {arguments[0] for arguments in CATHETER} >= {"train", "evaluate", "infer", "simulate", "validate"}
    assert len(MONAI) >= 3


@pytest.mark.parametrize("arguments", CATHETER, ids=" ".join)
def test_a_catheter_command_has_its_options(arguments):
    check_catheter(arguments)


def test_an_option_that_is_not_there_is_noticed():
    with pytest.raises(AssertionError, match="speed"):
        check_catheter(["simulate", "data", "--speed", "3"])


@pytest.mark.parametrize("arguments", MONAI, ids=" ".join)
def test_a_monai_command_has_its_config_files_options_and_run(arguments, monkeypatch):
    monkeypatch.chdir(REPOSITORY)
    check_command_line(["monai/bundle/__main__.py", *arguments[1:]])
    given = options(arguments)
    if "tracking" in given:
        assert (REPOSITORY / given["tracking"]).is_file()
    parser = ConfigParser()
    parser.read_config(re.findall(r"[\w/]+\.yaml", given["config_file"]))
    run_id = arguments[2] if not arguments[2].startswith("--") else "run"
    assert run_id in parser


def test_commands_in_the_text_exist():
    mentioned = set(re.findall(r"`catheter (\w+)", README))
    assert mentioned
    assert mentioned <= COMMANDS.keys()


def test_the_python_example_finds_catheters(monkeypatch, tmp_path):
    monkeypatch.chdir(REPOSITORY)
    monkeypatch.setattr(torch.cuda, "device_count", lambda: 0)
    rows, columns = np.indices((96, 128))
    pixels = np.where(abs(rows - columns * 0.3 - 20) < 3, 40, 160).astype(np.uint8)
    Image.fromarray(pixels).save(tmp_path / "frame.png")
    example = re.search(r"```python\n(.*?)```", README, re.DOTALL)[1]
    names = {}
    exec(example.replace("frame.png", str(tmp_path / "frame.png")), names)
    assert names["found"]["pred"].shape == (1, 96, 128)
    assert isinstance(names["found"]["catheters_found"], tuple)


def test_make_has_the_targets():
    targets = set(re.findall(r"^([\w-]+):", (REPOSITORY / "Makefile").read_text(), re.MULTILINE))
    mentioned = set(re.findall(r"(?:^|`)make ([\w-]+)", README, re.MULTILINE))
    assert mentioned
    assert mentioned <= targets


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_relative_links_lead_to_files(page):
    links = re.findall(r"\]\(([^)#\s]+)", page.read_text())
    broken = [link for link in links if "://" not in link and not (page.parent / link).exists()]
    assert not broken
