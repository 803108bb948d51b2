"""`catheter`: the command line of the bundle."""

from __future__ import annotations

import sys

import fire

from custom.errors import CatheterError
from custom.workflow.error_report import print_user_error
from scripts.convert import convert, to_coco
from scripts.simulate import simulate
from scripts.validate import validate

COMMANDS = {
    "convert": convert,
    "simulate": simulate,
    "to_coco": to_coco,
    "validate": validate,
}


def main() -> None:
    """Run a subcommand; a user's error is printed without a traceback and ends with its exit code."""
    try:
        fire.Fire(COMMANDS, name="catheter")
    except CatheterError as error:
        print_user_error(error)
        sys.exit(error.exit_code)
    except KeyboardInterrupt:
        sys.exit(130)


if __name__ == "__main__":
    main()
