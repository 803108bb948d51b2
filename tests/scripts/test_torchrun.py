import subprocess
import sys

from custom.workflow import bundle_root
from tests.tiny_data import write_tiny_data

CONFIGS = f"{bundle_root()}/configs"
FILES = [f"{CONFIGS}/train.yaml", f"{CONFIGS}/overrides/lite.yaml", f"{CONFIGS}/multi_gpu_train.yaml"]


def test_without_torchrun_it_says_how_to_start(tmp_path):
    datalist = write_tiny_data(tmp_path / "data")
    command = [sys.executable, "-m", "monai.bundle", "run", "training", "--config_file", str(FILES)]
    done = subprocess.run(
        [*command, "--datalist", str(datalist), "--output_dir", str(tmp_path / "output")],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 2
    assert "Start it with torchrun" in done.stderr
    assert "Traceback" not in done.stderr
