from pathlib import Path

import pytest
import torch

from custom.errors import InputError
from custom.workflow import bundle_root, check_device, check_output_dir, unique_run_name


def test_the_bundle_root_holds_the_configs():
    assert (Path(bundle_root()) / "configs" / "train.yaml").is_file()


def test_a_cuda_device_that_is_not_there_is_refused():
    index = torch.cuda.device_count()
    with pytest.raises(InputError, match=f"no such CUDA device.*cuda:{index}"):
        check_device(f"cuda:{index}")
    check_device("cpu")


def test_an_output_folder_that_is_a_file_is_refused(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(InputError, match="output folder cannot be written"):
        check_output_dir(tmp_path / "file")


def test_an_output_folder_is_made(tmp_path):
    check_output_dir(tmp_path / "a" / "b")
    assert list((tmp_path / "a" / "b").iterdir()) == []


def test_run_names_differ():
    assert len({unique_run_name() for _ in range(20)}) == 20


@pytest.mark.parametrize("device", [None, "gpu", "meta", "mps"])
def test_what_is_no_device_is_refused(device):
    with pytest.raises(InputError, match=f"device: no device; found '{device}'"):
        check_device(device)
