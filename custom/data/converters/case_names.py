"""Cases by names: what patients are called is known to the user alone."""

from __future__ import annotations

import re
from dataclasses import replace

from custom.data.converters.source_frame import Conversion
from custom.errors import FaultsError, InputError
from custom.wording import counted

OPTION = "--case"


def with_named_cases(conversion: Conversion, pattern: str) -> Conversion:
    """Take the case of every frame from its name, in place of what the layout tells.

    Args:
        conversion: what a converter gave back.
        pattern: a regular expression, searched for in the name of a frame: its path below the source, without suffix.
            What the first group matches is the case, without groups all that matches.

    Raises:
        InputError: if it is no regular expression.
        FaultsError: if it finds nothing in the names of frames; lists all of them.
    """
    try:
        expression = re.compile(pattern)
    except re.error as error:
        raise InputError(f"no regular expression ({error})", source=OPTION, found=pattern) from error
    matches = [expression.search(frame.name) for frame in conversion.frames]
    cases = [match[min(1, expression.groups)] if match else None for match in matches]
    faults = [
        InputError("the pattern finds no case in the name of this frame", source=frame.image, found=frame.name)
        for frame, case in zip(conversion.frames, cases, strict=True)
        if not case
    ]
    if faults:
        raise FaultsError(f"{OPTION} {pattern!r}: {counted(len(faults), 'frame')} without a case", faults)
    frames = [replace(frame, case=case or "") for frame, case in zip(conversion.frames, cases, strict=True)]
    found = sorted({frame.case for frame in frames})
    return replace(
        conversion, frames=frames, about_cases=f"{counted(len(found), 'case')}, from {found[0]} to {found[-1]}"
    )
