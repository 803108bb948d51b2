"""Commands as users type them, in this process."""

import pytest

from scripts.main import main


@pytest.fixture
def catheter(monkeypatch):
    def run(*arguments):
        monkeypatch.setattr("sys.argv", ["catheter", *map(str, arguments)])
        main()

    return run
