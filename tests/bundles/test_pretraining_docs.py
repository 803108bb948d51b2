"""The commands of the pre-training pages have config files and options that exist."""

import re
import shlex

import pytest
from monai.bundle import ConfigParser

from custom.workflow import check_command_line
from tests.conftest import REPOSITORY
from tests.test_readme import check_catheter

PAGES = [REPOSITORY / "docs" / "pretraining.md", *sorted(REPOSITORY.glob("bundles/*/docs/README.md"))]


def commands(page):
    blocks = "\n".join(re.findall(r"```sh\n(.*?)```", page.read_text(), re.DOTALL)).replace("\\\n", " ")
    return [shlex.split(line) for line in blocks.splitlines() if line.strip()]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.parts[-3])
def test_the_commands_can_be_typed(page, monkeypatch):
    monkeypatch.chdir(REPOSITORY)
    found = commands(page)
    assert len(found) >= 2
    for line in found:
        if line[0] == "catheter":
            check_catheter(line[1:])
        else:
            check_command_line(["monai/bundle/__main__.py", *line[line.index("monai.bundle") + 1 :]])


@pytest.mark.parametrize("page", PAGES[1:], ids=lambda page: page.parts[-3])
def test_relative_links_lead_to_files(page):
    links = re.findall(r"\]\(([^)#\s]+)", page.read_text())
    assert links
    assert all((page.parent / link).exists() for link in links)


@pytest.mark.parametrize("page", PAGES[1:], ids=lambda page: page.parts[-3])
def test_the_size_of_the_network_is_told(page):
    parser = ConfigParser()
    parser.read_config(page.parents[1] / "configs" / "train.yaml")
    network = parser.get_parsed_content("network_def")
    millions = sum(parameter.numel() for parameter in network.parameters()) / 1e6
    assert f"the small one, {millions:.1f} million parameters" in page.read_text()
