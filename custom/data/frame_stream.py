"""Frames of files and folders, one after the other, for inference."""

from __future__ import annotations

import logging
import os
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

from torch.utils.data import IterableDataset

from custom.background import one_ahead
from custom.data.dicom_file import is_dicom
from custom.data.frame import decoding
from custom.data.reader import open_frames, stream_frames
from custom.data.video_file import SUFFIXES as VIDEO_SUFFIXES
from custom.error_report import find_user_error
from custom.errors import CatheterError, InputError
from custom.files import absolute_path

PICTURE_SUFFIXES = (".png", ".jpg", ".jpeg", ".tif", ".tiff", ".bmp", ".npy", ".nii", ".nii.gz")
SUFFIXES = (*PICTURE_SUFFIXES, ".dcm", ".dicom", ".ima", *VIDEO_SUFFIXES)
DICOM_DIRECTORY = "DICOMDIR"


def find_frame_files(
    source: str | Path | Sequence[str | Path], *, exclude: str | Path | None = None
) -> list[dict[str, str]]:
    """List the files that may hold frames.

    Args:
        source: a file, or a folder that is searched with everything below it, also behind links: files with a known
            suffix, and DICOM under any name; hidden files and DICOM directories are left out. What cannot be looked
            into, a file, a folder or a link to nowhere, is listed too, so that reading it says why. Or several of them;
            a file counts once.
        exclude: a folder to leave out, such as one for results inside the source.

    Returns:
        `image`, the path, and `source`, its name relative to the folder, or to the innermost folder that all sources
        share, in the order of their names, one source after the other.

    Raises:
        InputError: where there is nothing at a source, or no such file in it, or it is itself what is to be left out,
            or it cannot be read.
    """
    sources = [Path(item) for item in ([source] if isinstance(source, str | Path) else source)]
    if not sources:
        raise InputError("no file or folder was named", expected="one or more to look for frames in")
    files = {absolute_path(path): path for item in sources for path in _files(item, exclude)}
    shared = os.path.commonpath([absolute_path(item if item.is_dir() else item.parent) for item in sources])
    return [{"image": str(path), "source": str(place.relative_to(shared))} for place, path in files.items()]


def _files(source: Path, exclude: str | Path | None) -> list[Path]:
    with decoding(source):
        if source.is_file():
            return [source]
        if not source.is_dir():
            remedy = "Results go into the folder that --output names"
            raise InputError("there is no such file or folder", source=source, remedy=remedy)
        os.scandir(source).close()
    excluded = None if exclude is None else _inside(source, Path(exclude))
    files = [
        path
        for path in sorted(_files_and_locked_folders(source))
        if _may_hold_frames(path, source) and not (excluded and path.resolve().is_relative_to(excluded))
    ]
    if not files:
        raise InputError("the folder holds no images", source=source, expected=f"files ending in {' '.join(SUFFIXES)}")
    return files


def _inside(root: Path, folder: Path) -> Path | None:
    """Return the resolved folder unless `root` lies in it; a link may lead there from anywhere."""
    folder, root = folder.resolve(), root.resolve()
    if folder == root:
        raise InputError("results would lie among the frames", source=root, remedy="Name another folder with --output")
    return None if folder in root.parents else folder


def _files_and_locked_folders(root: Path) -> Iterator[Path]:
    locked: list[Path] = []
    searched: set[Path] = set()
    for folder, below, names in os.walk(root, onerror=lambda e: locked.append(Path(e.filename)), followlinks=True):
        if (place := Path(folder).resolve()) in searched:  # links may lead back
            below.clear()
            continue
        searched.add(place)
        below[:] = sorted(name for name in below if not name.startswith("."))
        yield from (Path(folder, name) for name in names)
    yield from locked


def _may_hold_frames(path: Path, root: Path) -> bool:
    if path.name == DICOM_DIRECTORY or any(part.startswith(".") for part in path.relative_to(root).parts):
        return False
    try:
        is_link_to_nowhere = path.is_symlink() and not path.exists()
        if path.name.lower().endswith(SUFFIXES) and (path.is_file() or is_link_to_nowhere):
            return True
        return path.is_dir() or (path.is_file() and is_dicom(path))
    except OSError:  # reading it says why
        return True


class FrameStream(IterableDataset):
    """Every frame of every file, transformed one at a time; a file that cannot be read does not stop the others.

    A file is decoded from its start to its end once, and only one of its frames is in memory.

    Args:
        data: files, as `find_frame_files` lists them.
        transform: of one frame; it receives `image` and `path`, both the path, `decoded`, its `Frame`, and `source`,
            `frame_index`, `frames` and `name`.

    Attributes:
        faults: what was wrong with the files so far.
        incomplete: `source` of the files so far of which only the first frames could be used.
    """

    def __init__(self, data: Sequence[dict[str, str]], transform: Callable[[dict[str, Any]], dict[str, Any]]) -> None:
        self.data = data
        self.transform = transform
        self.faults: list[CatheterError] = []
        self.incomplete: set[str] = set()

    def __iter__(self) -> Iterator[dict[str, Any]]:
        """Yield the transformed frames in order, each being read while the one before it is used."""
        self.faults.clear()
        self.incomplete.clear()
        return one_ahead(self._items())

    def _items(self) -> Iterator[dict[str, Any]]:
        for file in self.data:
            done = 0
            try:
                for item in self._frames(file):
                    yield item
                    done += 1
            except (CatheterError, RuntimeError) as error:  # MONAI wraps what a transform raises
                fault = find_user_error(error)
                if fault is None:
                    raise
                self._note(file["source"], fault, done)

    def _frames(self, file: dict[str, str]) -> Iterator[dict[str, Any]]:
        opened = open_frames(file["image"])
        for index, frame in enumerate(stream_frames(opened)):
            name = file["source"] if opened.frames == 1 else f"{file['source']}#{index}"
            place = {"name": name, "path": file["image"], "frame_index": index, "frames": opened.frames}
            yield self.transform({**file, **place, "decoded": frame})

    def _note(self, source: str, fault: CatheterError, done: int) -> None:
        if done > 0:
            self.incomplete.add(source)
        left_out = "left out" if done == 0 else f"left out from frame {done} on"
        logging.getLogger("catheter.infer").warning(f"{left_out}: {fault}")
        self.faults.append(fault)
