"""`catheter benchmark`: how fast the network and a whole frame are here."""

from __future__ import annotations

from custom.errors import InputError
from custom.terminal import print_line
from scripts.command_line import check_count

COMPARABLE = ("torch", "onnxruntime", "cuda_graph")  # engines that every peer runs in


def benchmark(
    *,
    size: int | tuple[int, ...] = (256, 512),
    engines: str | tuple[str, ...] = "all",
    peers: str | tuple[str, ...] = "all",
    weights: str | None = None,
    overrides: str | tuple[str, ...] = (),
    rounds: int = 20,
    device: str | None = None,
    output: str = "benchmark",
) -> None:
    """Time the bundle's network, the paper's and others at batch 1, and each stage of a frame; minimum and median.

    Everything takes turns in one process; OMP_NUM_THREADS sets the number of threads. The other networks are timed as
    they are initialised, which takes as long as trained.

    Args:
        size: sides of the square frames, multiples of 16.
        engines: names with commas between them (torch, channels_last, compiled, torchscript, onnxruntime, openvino,
            openvino_int8, ncnn; on CUDA float16, cuda_graph, tensorrt), or all that are installed.
        peers: names with commas between them (basic_unet, ...), all, or none.
        weights: of the bundle's network; its models/model.pt where it is not given.
        overrides: the overrides that it was trained with (lite, ...).
        rounds: how often everything is timed.
        device: cpu or cuda; CUDA where there is one, by default.
        output: folder for benchmark.md and benchmark.json.
    """
    from rich.console import Console  # MONAI takes seconds to import, and every command's help would wait
    from rich.markdown import Markdown

    from custom.benchmark import benchmark_engines, describe_machine, time_networks, write_report
    from custom.simulation.dataset import SIZE_MULTIPLE
    from custom.workflow import check_device, check_output_dir, default_device
    from scripts.benchmark_parts import PAPER, THIS, load_networks, peer_names, time_file

    check_count("rounds", rounds)
    sides = size if isinstance(size, tuple) else (size,)
    for side in sides:
        if side < 1 or side % SIZE_MULTIPLE:
            raise InputError("no side of a frame", field="size", found=side, expected=f"multiples of {SIZE_MULTIPLE}")
    place = device or str(default_device())
    check_device(place)
    check_output_dir(output)
    names = benchmark_engines(engines, place)
    networks = load_networks(peer_names(peers), weights=weights, overrides=overrides, device=place)
    comparable = [name for name in COMPARABLE if name in names]
    chosen = {name: names if name in (THIS, PAPER) else comparable for name in networks}
    sizes = [(side, side) for side in sides]
    times = {one: time_networks(networks, chosen, size=one, rounds=rounds, device=place) for one in sizes}
    stages = {one: time_file(networks[THIS], one, rounds=rounds, overrides=overrides, device=place) for one in sizes}
    files = write_report(output, machine=describe_machine(place), networks=times, stages=stages)
    Console(highlight=False).print(Markdown(files[0].read_text(encoding="utf-8")))
    print_line(f"wrote {' and '.join(map(str, files))}")
