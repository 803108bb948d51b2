"""Walk through a datalist's JSON and hold every value against `datalist_fields`."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from custom.data.datalist_fields import Field
from custom.errors import InputError

LONGEST_VALUE_SHOWN = 80


def object_faults(value: Any, fields: Mapping[str, Field], place: str, source: str | Path) -> Iterator[InputError]:
    """Find every field of an object, such as one entry, that is missing or has a wrong type or range, in its order.

    Args:
        value: the parsed JSON.
        fields: what it may hold, of `datalist_fields`.
        place: where it stands, such as `training[3]`; empty for the whole document.
        source: the file that it came from, for the messages.
    """
    if not isinstance(value, dict):
        keys = [key for key, rule in fields.items() if rule.required] or list(fields)
        expected = f"an object with {', '.join(keys)}"
        field = place or None
        yield InputError("wrong value", source=source, field=field, found=_shown(value), expected=expected)
        return
    for key, rule in fields.items():
        here = f"{place}.{key}".lstrip(".")
        if key not in value:
            if rule.required:
                yield InputError("missing", source=source, field=here, expected=rule.expected)
        elif not rule.fits(value[key]):
            yield InputError("wrong value", source=source, field=here, found=_shown(value[key]), expected=rule.expected)
        elif rule.items:
            for index, item in enumerate(value[key] or []):
                yield from object_faults(item, rule.items, f"{here}[{index}]", source)


def unknown_keys(value: Mapping[str, Any], fields: Mapping[str, Field], place: str = "") -> Iterator[str]:
    """Yield the places of keys that no part of the bundle reads, in an object without faults."""
    for key, content in value.items():
        here = f"{place}.{key}".lstrip(".")
        if key not in fields:
            yield here
        elif fields[key].items:
            for index, item in enumerate(content or []):
                yield from unknown_keys(item, fields[key].items, f"{here}[{index}]")


def _shown(value: Any) -> Any:
    text = json.dumps(value)
    if isinstance(value, (int, float, str)) and not isinstance(value, bool) and len(text) <= LONGEST_VALUE_SHOWN:
        return value
    return text if len(text) <= LONGEST_VALUE_SHOWN else text[:LONGEST_VALUE_SHOWN] + "..."
