"""What every format of results has in common."""

from __future__ import annotations

from abc import ABC, abstractmethod
from pathlib import Path
from typing import ClassVar

from custom.files import PendingFile
from custom.postprocessing.result import FrameResult


class ResultFormat(ABC):
    """Writes the results of one input file after the other, frame by frame as they come.

    What belongs to a whole file grows under a temporary name, noted in `_pending`, and is moved into place by `finish`.
    `source` of the results names the files; it holds no identifiers unless the user wants them. `path` may, and is
    never written.

    Args:
        folder: where the files go.
        keep_identifiers: copy the patient's identifiers from the input, where the format has a place for them.

    Attributes:
        needs_tracks: whether it tells nothing of electrodes that have no identity from frame to frame.
    """

    needs_tracks: ClassVar[bool] = False

    def __init__(self, folder: Path, *, keep_identifiers: bool = False) -> None:
        self.folder = folder
        self.keep_identifiers = keep_identifiers
        self._pending: list[PendingFile] = []

    def start(self, first: FrameResult) -> None:  # noqa: B027 - formats without state have nothing to start
        """Begin a file; `add` receives its first frame, too.

        Raises:
            InputError: if this format cannot hold results of such a file; the file's other formats go on.
        """

    @abstractmethod
    def add(self, result: FrameResult) -> None:
        """Take the file's next frame."""

    @abstractmethod
    def finish(self, *, complete: bool) -> list[Path]:
        """End the file.

        Args:
            complete: whether every frame that the file promises was read.

        Returns:
            The paths that were written for it.
        """

    def discard(self) -> None:
        """Remove what is not finished of a file that failed; does nothing where nothing was started."""
        for file in self._pending:
            file.discard()

    def close(self) -> list[Path]:
        """End the run; return the paths that were written for all files together."""
        return []


class FrameFormat(ResultFormat):
    """Writes a file for each frame, `NAME` and `suffix`, or `NAME_0003` and `suffix` in a cine."""

    suffix: str

    def start(self, first: FrameResult) -> None:
        """Begin the list of paths."""
        self._paths: list[Path] = []

    def add(self, result: FrameResult) -> None:
        """Write the frame's file."""
        stem = result.source if result.frames == 1 else f"{result.source}_{result.frame_index:04d}"
        path = self.folder / f"{stem}{self.suffix}"
        self.write(path, result)
        self._paths.append(path)

    @abstractmethod
    def write(self, path: Path, result: FrameResult) -> None:
        """Write one frame, as a whole or not at all."""

    def finish(self, *, complete: bool) -> list[Path]:
        """Return the files of all frames."""
        return self._paths
