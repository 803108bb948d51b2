"""The ids of a MONAI config's parts, as they are typed and as override files have them."""

from __future__ import annotations

from monai.bundle.utils import ID_SEP_KEY, MERGE_KEY

from custom.config_text import SEPARATOR


def id_parts(key: str) -> list[str]:
    """Return the names that an id is made of: `train` and `dataset` of `train#dataset` and of `+train::dataset`."""
    return key.removeprefix(MERGE_KEY).replace(SEPARATOR, ID_SEP_KEY).split(ID_SEP_KEY)
