"""`catheter package`: the bundle and its weights as one archive."""

from __future__ import annotations

from pathlib import Path

from custom.errors import InputError
from custom.terminal import print_line

FOLDER = "catheter_bundle"


def package(
    *, weights: str | None = None, output: str = "catheter_bundle.zip", overrides: str | tuple[str, ...] = ()
) -> None:
    """Write a bundle that runs by itself: configs, weights with their SHA-256, code, licence and docs.

    Unpacked anywhere, `python -m monai.bundle run --config_file configs/inference.yaml` infers inside the folder, and
    MONAI Label serves the folder as it is. The same input gives the same archive, byte for byte.

    Args:
        weights: of the network that inference.yaml with the overrides describes; the bundle's models/model.pt where
            none are given.
        output: the archive, a .zip file.
        overrides: the overrides that the network was trained with (lite, ...).
    """
    from custom.packaging import bundle_files, own_modules, write_archive  # slow to import: every help would wait
    from custom.workflow import load_network
    from scripts.bundle import bundle_component, config_files, inference_config

    if Path(output).suffix != ".zip":
        raise InputError("not the name of an archive", field="output", found=output, expected="a name ending in .zip")
    merged = config_files(overrides=overrides)
    config = inference_config(overrides)
    network = bundle_component(config, "network_def")
    source = Path(weights or bundle_component(config, "weights"))
    load_network(network, source)
    types = bundle_component(config, "catheter_types")
    content = bundle_files(network, source.read_bytes(), [Path(file) for file in merged], types)
    try:
        write_archive(output, {f"{FOLDER}/{name}": data for name, data in content.items()})
    except OSError as error:
        raise InputError(f"the archive cannot be written ({error.strerror})", source=output) from error
    megabytes = Path(output).stat().st_size / 1e6
    print_line(f"wrote {output}: {len(content)} files in {FOLDER}/, {megabytes:.1f} MB")
    for module in own_modules(content[f"configs/{name}"].decode() for name in ("inference.yaml", "train.yaml")):
        print_line(f"note: the module {module}, which its configs name, is not in it: put it into the unpacked folder")
