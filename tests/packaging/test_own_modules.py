from pathlib import Path

from custom.packaging import own_modules
from custom.workflow import bundle_root


def test_modules_of_users_are_found(tmp_path, monkeypatch):
    """A package, a folder, a file; what the bundle has, what is installed, and MONAI's short names are none."""
    monkeypatch.syspath_prepend(tmp_path)
    for name in ("own_package/__init__.py", "own_folder/part.py", "own_file.py"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).touch()
    config = """
    imports: [$import own_file, $import json, $import sys]
    network_def: {_target_: own_package.nets.Network, trunk: {_target_: 'own_folder.part.Trunk'}}
    loss: {_target_: custom.losses.PrioritizedLoss}
    optimizer: {_target_: torch.optim.AdamW}
    dataloader: {_target_: DataLoader}
    missing: {_target_: not_here.Anything}
    """
    assert own_modules([config]) == ["not_here", "own_file", "own_folder", "own_package"]


def test_the_bundle_s_own_configs_name_none():
    assert own_modules(path.read_text() for path in Path(bundle_root()).glob("configs/**/*.yaml")) == []
