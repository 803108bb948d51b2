"""Modules of users that a bundle's configs name, which do not come with it."""

from __future__ import annotations

import re
import sysconfig
from collections.abc import Iterable
from importlib.util import find_spec
from pathlib import Path

NAMES = re.compile(r"""_target_: *['"]?(\w+)\.|\$import (\w+)""")
BUNDLED = "custom"
INSTALLED = ("purelib", "platlib", "stdlib", "platstdlib")


def own_modules(configs: Iterable[str]) -> list[str]:
    """Find the modules that are neither part of the bundle nor installed.

    Args:
        configs: texts of YAML configs.

    Returns:
        Names of the outermost modules, `my` of `my.module.Network`, in order.
    """
    names = {first or second for config in configs for first, second in NAMES.findall(config)}
    return sorted(name for name in names - {BUNDLED} if not _is_installed(name))


def _is_installed(name: str) -> bool:
    spec = find_spec(name)
    if spec is None:
        return False
    if spec.origin in ("built-in", "frozen"):
        return True
    # A folder without an __init__.py has no file of its own.
    places = [spec.origin] if spec.has_location and spec.origin else list(spec.submodule_search_locations or [])
    folders = [Path(sysconfig.get_path(kind)).resolve() for kind in INSTALLED]
    return any(Path(place).resolve().is_relative_to(folder) for place in places for folder in folders)
