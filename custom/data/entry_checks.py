"""What must hold between the fields of an entry and between entries; files are not opened."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

from custom.data.checked_entry import CheckedEntry
from custom.data.datalist_fields import ENTRY


def check_entry(checked: CheckedEntry) -> None:
    """Find the faults of one entry whose fields are right one by one."""
    entry = checked.content
    for key, other in (("spacing_plane", "pixel_spacing_mm"), ("pixel_spacing_mm", "spacing_plane")):
        if other in entry and key not in entry:
            checked.add_fault(key, "missing", expected=f"{ENTRY[key].expected}, beside {other}")
    if "catheters" in entry:
        _check_catheters(checked)


def check_duplicates(entries: Iterable[CheckedEntry]) -> None:
    """Find frames that stand in the list more than once."""
    first: dict[tuple[str, int], CheckedEntry] = {}
    for checked in entries:
        image = checked.content["image"]
        original = first.setdefault((image, checked.content.get("frame", 0)), checked)
        if original is not checked:
            checked.add_fault("image", f"the same frame as {original.place}", found=image)


def check_cases(entries: Iterable[CheckedEntry]) -> None:
    """Find cases that stand in several splits: what is learned on a patient would be tested on that patient."""
    first: dict[str, dict[str, CheckedEntry]] = defaultdict(dict)
    for checked in entries:
        first[checked.content["case"]].setdefault(checked.split, checked)
    for case, by_split in first.items():
        original, *others = by_split.values()
        for checked in others:
            problem = f"the case is in {original.split} too (first at {original.place})"
            checked.add_fault("case", problem, found=case, expected="each case in one split")


def _check_catheters(checked: CheckedEntry) -> None:
    known = [catheter["id"] for catheter in checked.content["catheters"]]
    for index, identifier in enumerate(known):
        if identifier in known[:index]:
            checked.add_fault(f"catheters[{index}].id", "the id occurs twice", found=identifier)
    for index, electrode in enumerate(checked.content["electrodes"] or []):
        if "catheter" in electrode and electrode["catheter"] not in known:
            expected = f"an id of its catheters ({', '.join(map(repr, known)) or 'there are none'})"
            key = f"electrodes[{index}].catheter"
            checked.add_fault(key, "no such catheter", found=electrode["catheter"], expected=expected)
