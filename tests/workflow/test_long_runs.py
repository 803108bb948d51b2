"""Disk and memory of runs as users start them."""

import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from tests.tiny_data import write_tiny_data

WARM_UP = 10
TRAIN = [sys.executable, "-m", "scripts.main", "train"]
SETTINGS = [
    "--overrides",
    "lite",
    "--image_size",
    "[64,96]",
    "--scale_to_size",
    "True",
    "--batch_size",
    "3",
    "--device",
    "cpu",
]


@pytest.fixture(scope="module")
def datalist(tmp_path_factory):
    return write_tiny_data(tmp_path_factory.mktemp("data"), cases=6, frames=2)


def megabytes_and_handles(pid):
    process = Path("/proc") / str(pid)
    (kilobytes,) = re.findall(r"VmRSS:\s+(\d+)", (process / "status").read_text())
    return int(kilobytes) / 1024, len(list((process / "fd").iterdir()))


@pytest.mark.slow
@pytest.mark.skipif(not Path("/proc/self/fd").exists(), reason="reads memory and handles from /proc")
def test_memory_handles_and_disk_stay_flat(datalist, tmp_path, whole):
    epochs = 50 if whole else 25
    output = tmp_path / "output"
    command = [*TRAIN, str(datalist), "--output", str(output), *SETTINGS, "--epochs", str(epochs)]
    seen = {}
    with subprocess.Popen([*command, "--keep_checkpoints", "3"], stdout=subprocess.PIPE, text=True) as run:
        for line in run.stdout:
            if epoch := re.search(rf"epoch (\d+)/{epochs}:", line):
                seen[int(epoch[1])] = megabytes_and_handles(run.pid)
    assert run.returncode == 0
    (early_memory, early_handles), (late_memory, late_handles) = seen[WARM_UP], seen[epochs]
    assert late_memory < 1.05 * early_memory, seen
    assert late_handles <= early_handles, seen
    kept = sorted(path.name for path in (output / "checkpoints").iterdir())
    assert kept == [f"epoch_00{epochs - 2}.pt", f"epoch_00{epochs - 1}.pt", "last.pt"]


@pytest.mark.slow
def test_a_full_disk_loses_nothing_that_was_there(datalist, tmp_path):
    output = tmp_path / "output"
    command = [*TRAIN, str(datalist), "--output", str(output), *SETTINGS, "--tracking", "False"]
    subprocess.run([*command, "--epochs", "1"], check=True)
    files = [output / "model.pt", output / "checkpoints" / "last.pt"]
    before = [path.read_bytes() for path in files]
    # A limit on file sizes fails a write in its middle, as a full disk does; blocks are 1024 bytes.
    limited = ["bash", "-c", f"ulimit -f 4096; {shlex.join(command)} --epochs 3 --resume"]
    done = subprocess.run(limited, capture_output=True, text=True, check=False)
    assert done.returncode == 2, done.stderr
    assert "could not be written" in done.stderr
    assert "Traceback" not in done.stderr
    assert [path.read_bytes() for path in files] == before
    assert not list(output.rglob(".*.pt"))
    subprocess.run([*command, "--epochs", "3", "--resume"], check=True)
