"""`catheter simulate`: write a simulated data set."""

from __future__ import annotations

import time
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from rich.console import Console
from rich.table import Table

from custom.errors import InputError
from custom.terminal import print_line

if TYPE_CHECKING:
    from custom.simulation.dataset import SimulatedSequences


def simulate(
    output: str,
    *,
    sequences: int = 40,
    frames: int = 8,
    size: int | tuple[int, int] = 256,
    seed: int = 0,
    format: str = "png",
    dose: float | None = None,
    devices: str | Sequence[str] | None = None,
    config: str | None = None,
    ct: str | None = None,
    overwrite: bool = False,
    device: str = "cpu",
) -> None:
    """Write simulated fluoroscopy with exact ground truth: frames, masks and a datalist split by case.

    Args:
        output: folder to write; refused where it is not empty.
        sequences: how many sequences, each of one device arrangement and C-arm position.
        frames: frames of each sequence.
        size: side of a square frame, or rows,columns; multiples of 16.
        seed: the same seed gives the same data set.
        format: png (8 bit), png16 (16 bit) or dicom (one multi-frame XA file a sequence).
        dose: nGy a frame at the detector, instead of the configured range.
        devices: names of the only devices to show, separated by commas.
        config: a changed copy of custom/simulation/simulation.yaml.
        ct: NIfTI volume in HU to project in place of the simulated patients.
        overwrite: replace an earlier simulated data set in the folder.
        device: where to compute, cpu or cuda.
    """
    from custom.data.datalist import DATALIST_FILE  # slow to import: every help would wait
    from custom.simulation.config import load_config
    from custom.simulation.ct import load_ct
    from custom.simulation.data_set_folder import new_data_set
    from custom.simulation.dataset import SimulatedSequences
    from custom.simulation.options import with_devices, with_dose
    from custom.simulation.writers import FORMATS, write_data_set
    from custom.torch_device import check_device

    if format not in FORMATS:
        raise InputError("unknown format", source="--format", found=format, expected=", ".join(FORMATS))
    check_device(device)
    settings = with_devices(with_dose(load_config(config), dose), devices)
    simulated = SimulatedSequences(
        settings,
        seed=seed,
        size=size,
        sequences=sequences,
        frames=frames,
        device=device,
        ct=load_ct(ct) if ct is not None else None,
        eight_bit=format != "png16",
    )
    folder = Path(output)
    started = time.perf_counter()
    with new_data_set(folder, overwrite=overwrite) as temporary:
        write_data_set(simulated, temporary, file_format=format)
    _summarize(simulated, folder / DATALIST_FILE, time.perf_counter() - started)


def _summarize(simulated: SimulatedSequences, datalist: Path, seconds: float) -> None:
    table = Table("split", "sequences", "frames", title="Simulated fluoroscopy")
    for name, numbers in simulated.splits().items():
        table.add_row(name, str(len(numbers)), str(len(numbers) * simulated.frames))
    Console(highlight=False).print(table)
    print_line(
        f"{len(simulated)} frames of {simulated.rows} x {simulated.columns} in {seconds:.1f} s"
        f" ({len(simulated) / seconds:.1f} frames/s), seed {simulated.seed}.\nWritten: {datalist}"
    )
