"""Texts, such as paths, that a MONAI config would take for something else."""

from __future__ import annotations

from typing import Any

from fire.parser import DefaultParseValue

SEPARATOR = "#"  # of ids, which on a command line starts a comment
STARTS = ("$", "@", "%")  # of expressions, references and macros
TEXTS = (  # keys of the bundle's configs whose values may look like numbers
    "dataset_dir",
    "datalist",
    "output_dir",
    "report_dir",
    "weights",
    "pretrained_weights",
    "catheter_types",
    "tracking_uri",
    "experiment_name",
    "run_name",
)
NO_VALUE = "$None"  # MONAI leaves out overrides that are None themselves
LITERALS = ("[", "(", "{", "'", '"')  # starts of what is Python's on a command line


def plain_text(value: Any) -> Any:
    """Return a config value by which MONAI gives a text, or each of a list of texts, as it is.

    It takes `$`, `@` and `%` at a start for code and references, writes `::` for every `#`, and a command line takes
    `2024` for a number. Everything else comes back unchanged.
    """
    if isinstance(value, list | tuple):
        return [plain_text(item) for item in value]
    if not isinstance(value, str):
        return value
    if SEPARATOR not in value and not value.startswith(STARTS) and isinstance(DefaultParseValue(value), str):
        return value
    escaped = repr(value)
    for character in (SEPARATOR, *STARTS):
        escaped = escaped.replace(character, f"\\x{ord(character):02x}")
    return f"${escaped}"
