import re
import subprocess
import sys

import pytest

from scripts.benchmark_data import benchmark_data
from tests.tiny_data import write_tiny_data


@pytest.mark.parametrize("all_options", [False, True])
def test_three_rates_are_printed(tmp_path, capsys, all_options):
    datalist = write_tiny_data(tmp_path)
    benchmark_data(str(datalist), size=64, passes=1, all_options=all_options)
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "4 frames, batches of 8, 0 workers, 64 x 64 on cpu"
    rates = [int(re.search(r": (\d+) images/s", line)[1]) for line in lines[1:]]
    assert len(rates) == 3
    assert all(rate > 0 for rate in rates)


@pytest.mark.slow
def test_a_missing_datalist_ends_with_a_message_and_two(tmp_path):
    command = [sys.executable, "-m", "scripts.benchmark_data", str(tmp_path / "nowhere.json")]
    result = subprocess.run(command, capture_output=True, text=True)
    assert result.returncode == 2
    assert "nowhere.json" in result.stderr
    assert "Traceback" not in result.stderr
