"""What is in a packaged bundle."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from custom.networks import CatheterNet
from custom.networks.weights_hash import hash_line
from custom.packaging.merging import merge_overrides
from custom.packaging.metadata import describe_network
from custom.postprocessing.catheter_types.table import load_catheter_types
from custom.workflow.environment import bundle_root, code_root

NETWORK_COMES_WITH_WEIGHTS = {"network_def#pretrained": None}
# MONAI Label brings frames of its own, and its users expect the next inference to use what was just trained.
TRAINS_IN_PLACE = {
    "datalist": None,
    "output_dir": "$@bundle_root + '/models'",
    "report_dir": "$@bundle_root + '/eval'",
    "overwrite": True,
}
PACKAGED_VALUES: dict[str, dict[str, Any]] = {
    "inference.yaml": NETWORK_COMES_WITH_WEIGHTS,
    "train.yaml": NETWORK_COMES_WITH_WEIGHTS | TRAINS_IN_PLACE,
}
CATHETER_TYPES = "configs/catheter_types.yaml"


def bundle_files(
    network: CatheterNet, weights: bytes, overrides: Sequence[Path], catheter_types: str | Path | None = None
) -> dict[str, bytes]:
    """Collect the files of a bundle that runs without the repository.

    Args:
        network: what the workflows build, with the overrides.
        weights: content of `models/model.pt`.
        overrides: config files that are merged into the workflows.
        catheter_types: a table of types that the overrides name; it is not where they say on another machine.

    Returns:
        Contents by path inside the bundle.

    Raises:
        InputError: the table is not as it should be.
    """
    root = Path(bundle_root())
    files = {
        **_contents(root, "configs/*", "configs/overrides/*", "docs/**/*", "LICENSE"),
        **_contents(code_root(), "custom/**/*"),
        "models/model.pt": weights,
        "models/model.sha256": hash_line(weights, "model.pt").encode(),
    }
    own_types = {}
    if catheter_types is not None:
        load_catheter_types(catheter_types)
        files[CATHETER_TYPES] = Path(catheter_types).read_bytes()
        own_types = {"catheter_types": f"$@bundle_root + '/{CATHETER_TYPES}'"}
    workflows = [root / "configs" / name for name in PACKAGED_VALUES]
    for workflow, values in zip(workflows, PACKAGED_VALUES.values(), strict=True):
        merged = merge_overrides(workflow, overrides, values | own_types, other_workflows=workflows)
        files[f"configs/{workflow.name}"] = merged.encode()
    metadata = json.loads(files["configs/metadata.json"])
    files["configs/metadata.json"] = json.dumps(describe_network(metadata, network), indent=2).encode()
    return files


def _contents(folder: Path, *patterns: str) -> dict[str, bytes]:
    paths = {path for pattern in patterns for path in folder.glob(pattern) if path.is_file()}
    inside = {path.relative_to(folder): path for path in paths}
    return {name.as_posix(): path.read_bytes() for name, path in inside.items() if not _is_leftover(name)}


def _is_leftover(name: Path) -> bool:
    return any(part == "__pycache__" or part.startswith(".") for part in name.parts)
