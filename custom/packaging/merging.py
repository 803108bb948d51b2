"""Overrides written into the config that they override, so that one file is enough."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from functools import reduce
from pathlib import Path
from typing import Any

from monai.bundle.utils import MERGE_KEY
from ruamel.yaml import YAML

from custom.config_ids import id_parts


def merge_overrides(
    config: Path,
    overrides: Sequence[Path],
    values: Mapping[str, Any] | None = None,
    *,
    other_workflows: Sequence[Path] = (),
) -> str:
    """Return the text of a config with overrides put in place; its comments and its order stay.

    What MONAI reads from it is what it reads from the config followed by the overrides. Keys of other workflows, and
    parts of what the config does not have, are left out; keys of the overrides' own, to which they refer, are added.

    Args:
        config: a YAML file.
        overrides: YAML files; later ones win.
        values: further values by id, which win over all files; left out where there is nothing to replace.
        other_workflows: YAML files of the workflows that the overrides may concern, too.
    """
    yaml = _round_trip()
    document = yaml.load(config)
    foreign = set().union(*(yaml.load(file) for file in other_workflows)) - set(document)
    for layer in (yaml.load(file) for file in overrides):
        for key, value in (layer or {}).items():
            if key not in foreign:
                _put(document, key, value)
    for key, value in (values or {}).items():
        if _holds(document, id_parts(key)):
            _put(document, key, value)
    text = io.StringIO()
    yaml.dump(document, text)
    return text.getvalue()


def _put(document: dict[str, Any], key: str, value: Any) -> None:
    *parents, last = id_parts(key)
    if (parents or key.startswith(MERGE_KEY)) and id_parts(key)[0] not in document:
        return
    parent = reduce(lambda node, name: node[_index(node, name)], parents, document)
    index = _index(parent, last)
    if not key.startswith(MERGE_KEY):
        parent[index] = value
    elif isinstance(value, Mapping):
        parent[index].update(value)
    else:
        parent[index].extend(value)


def _holds(node: Any, names: Sequence[str]) -> bool:
    return not names or (isinstance(node, Mapping) and names[0] in node and _holds(node[names[0]], names[1:]))


def _index(node: Any, name: str) -> Any:
    return int(name) if isinstance(node, list) else name


def _round_trip() -> YAML:
    yaml = YAML()
    yaml.preserve_quotes = True
    yaml.width = 10_000
    yaml.representer.add_representer(
        type(None), lambda representer, _: representer.represent_scalar("tag:yaml.org,2002:null", "null")
    )
    return yaml
