"""`catheter export`: the network as a file for other programs."""

from __future__ import annotations

from functools import partial
from pathlib import Path

from custom.errors import InputError
from custom.terminal import print_line
from custom.wording import counted
from scripts.command_line import check_count


def export(
    format: str,
    *,
    precision: str = "fp32",
    weights: str | None = None,
    overrides: str | tuple[str, ...] = (),
    output: str | None = None,
    datalist: str | None = None,
    frames: int | None = None,
) -> None:
    """Write the network as ONNX, TorchScript or OpenVINO, checked against PyTorch.

    Frames of any size may go in, in batches of any size. On 50 frames fp32 gives the same logits to 1e-4; in fp16 and
    int8 J differs by at most 0.005, and 95 % of the electrodes lie at most 0.1 pixels apart. What does not hold that is
    refused. docs/export.md says how to use the files.

    Args:
        format: onnx, torchscript or openvino.
        precision: fp32, fp16, or int8 (onnx and openvino).
        weights: network weights; the bundle's models/model.pt where it is not given.
        overrides: the overrides that the network was trained with (lite, ...).
        output: the file; model.onnx, model.ts or model.xml where it is not given.
        datalist: frames to check on (test or validation split) and to calibrate int8 on (training split); simulated
            ones where it is not given.
        frames: how many to check on; 50 where it is not given.
    """
    # Slow to import: every help would wait.
    from custom.export import CALIBRATION, CHECKED, ExportCheck, export_format, export_network, find_frames
    from custom.workflow import check_output_dir, load_network
    from scripts.bundle import bundle_component, inference_config

    check_count("frames", frames)
    kind = export_format(format, precision)
    path = _path(output, kind.suffix)
    check_output_dir(path.parent)  # calibration takes long
    config = inference_config(overrides, weights=weights, device="cpu")
    network = bundle_component(config, "network_def").eval()
    load_network(network, bundle_component(config, "weights"))
    take = partial(find_frames, datalist, bundle_component(config, "preprocessing"))
    calibration = take(count=CALIBRATION, calibrates=True) if precision == "int8" else []
    check = ExportCheck(
        network,
        take(count=CHECKED if frames is None else frames),
        exact=precision == "fp32",
        threshold=bundle_component(config, "mask_threshold"),
        minimum_score=bundle_component(config, "minimum_score"),
    )
    images = [frame.image for frame in calibration]
    files, accuracy = export_network(network, path, kind=kind, precision=precision, calibration=images, check=check)
    print_line(f"{counted(len(check.frames), 'frame')}: {accuracy.describe()}")
    for file in files:
        print_line(f"wrote {file}: {file.stat().st_size / 1e6:.1f} MB")


def _path(output: str | None, suffix: str) -> Path:
    path = Path(output or f"model{suffix}")
    if path.suffix != suffix:
        raise InputError("not the name of such a file", field="output", found=output, expected=f"NAME{suffix}")
    if path.is_dir():
        raise InputError("this is a folder, not a file to write", field="output", found=output)
    return path
