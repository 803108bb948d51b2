"""`catheter`: the command line of the bundle."""

from __future__ import annotations

import sys

import fire
from rich.console import Console

from custom.errors import CatheterError
from scripts.validate import validate

COMMANDS = {
    "validate": validate,
}


def main() -> None:
    """Run a subcommand; a user's error is printed without a traceback and ends with its exit code."""
    try:
        fire.Fire(COMMANDS, name="catheter")
    except CatheterError as error:
        Console(stderr=True).print(f"catheter: {error}", style="red", markup=False, highlight=False, soft_wrap=True)
        sys.exit(error.exit_code)
    except KeyboardInterrupt:
        sys.exit(130)


if __name__ == "__main__":
    main()
