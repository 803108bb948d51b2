import subprocess
import sys

from tests.conftest import REPOSITORY


def test_help_does_not_wait_for_slow_packages():
    program = "import sys, scripts.main; print([name for name in ('torch', 'monai', 'mlflow') if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", program], cwd=REPOSITORY, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
