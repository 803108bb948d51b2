"""`catheter convert` and `catheter to_coco`: datalists from the layouts that people hold, and COCO from datalists."""

from __future__ import annotations

from pathlib import Path

from custom.errors import InputError
from custom.terminal import print_line
from custom.wording import counted


def convert(
    layout: str,
    source: str,
    output: str,
    *,
    validation: float | None = None,
    test: float | None = None,
    seed: int = 0,
    case: str | None = None,
    images: str | None = None,
    keypoint_side: float | None = None,
    electrodes: str | None = None,
    leave_out: str | None = None,
    overwrite: bool = False,
) -> None:
    """Make a datalist from another layout; images stay where they are, masks are written anew.

    Splits that the layout itself has are kept, unless --validation or --test is given; these split by case.

    Args:
        layout: xraycath (the paper's clinical data), ucl (UCL catheter segmentation), duke (Duke OCT), coco or folders
            (images/ and masks/ with files of the same names).
        source: the layout's folder; for coco a JSON file, or a folder with training.json and so on, or Roboflow's.
        output: folder for datalist.json and masks.
        validation: share of frames for validation, 0.15 where the layout has no splits.
        test: share of frames for the test split, likewise; 1 for a test set of everything.
        seed: of the choice of cases.
        case: a regular expression that finds the patient in a frame's name (its path below the source, without suffix):
            '^[^/]+' is the first folder. The first group counts, where there is one.
        images: (coco) the folder where the images' file_name starts; the JSON file's own by default.
        keypoint_side: (coco) side in pixels of the box around an electrode that is a keypoint, 8 by default.
        electrodes: (coco) categories whose boxes are electrodes even where a tool gave them a segmentation, with commas
            between them.
        leave_out: (coco) categories that are neither catheters nor electrodes, likewise.
        overwrite: replace a datalist and masks that are there; never the source's own.
    """
    from custom.data.converters.case_names import with_named_cases
    from custom.data.converters.conversion import write_conversion  # slow to import: every help would wait
    from custom.data.converters.layouts import find_converter
    from custom.data.datalist import DATALIST_FILE
    from custom.files import writing_into

    folder = Path(output)
    datalist = folder / DATALIST_FILE
    _check_free(datalist, overwrite=overwrite)
    converter = find_converter(layout)
    options = {
        "images": None if images is None else Path(images),
        "keypoint_side": keypoint_side,
        "electrodes": electrodes,
        "leave_out": leave_out,
    }
    given = {name: value for name, value in options.items() if value is not None}
    if given and layout != "coco":
        raise InputError("this layout has no such option", field=f"--{min(given)}", found=layout, expected="coco")
    conversion = converter(Path(source), **given)
    if case is not None:
        conversion = with_named_cases(conversion, case)
    with writing_into(folder):
        counts = write_conversion(conversion, folder, validation=validation, test=test, seed=seed, overwrite=overwrite)
    for remark in conversion.all_remarks():
        print_line(f"note: {remark}")
    print_line(", ".join(f"{split}: {counted(count, 'frame')}" for split, count in counts.items()))
    print_line(f"wrote {datalist}; check it with: catheter validate {datalist}")


def to_coco(datalist: str, output: str, *, overwrite: bool = False) -> None:
    """Make COCO JSON from a datalist; `catheter convert coco` takes it back without loss.

    Args:
        datalist: the datalist.
        output: folder for training.json, validation.json and test.json.
        overwrite: replace files that are there.
    """
    from custom.data.converters.to_coco import write_coco
    from custom.data.datalist import SPLITS
    from custom.files import writing_into

    for split in SPLITS:
        _check_free(Path(output) / f"{split}.json", overwrite=overwrite)
    with writing_into(Path(output)):
        paths = write_coco(Path(datalist), Path(output))
    for path in paths:
        print_line(f"wrote {path}")


def _check_free(path: Path, *, overwrite: bool) -> None:
    if path.exists() and not overwrite:
        raise InputError("the file is already there", source=path, remedy="Use --overwrite, or another folder")
