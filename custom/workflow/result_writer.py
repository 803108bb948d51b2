"""Inference results on disk, in whatever formats are wanted."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

from ignite.engine import Engine, Events
from monai.engines.utils import engine_apply_transform
from rich.console import Console

from custom.background import BackgroundCalls
from custom.errors import CatheterError, InputError
from custom.postprocessing.result import FrameResult
from custom.postprocessing.tracking.tracker import CatheterTracker
from custom.results import create_formats
from custom.results.file_results import FileResults, unreadable_again
from custom.results.names import result_name
from custom.wording import counted
from custom.workflow.frame_result import frame_result
from custom.workflow.result_summary import FileSummary, summary_table

DEFAULT_FORMATS = ("mask", "overlay", "video", "json", "csv")


class ResultWriter:
    """Turns what the network gave into results and writes them, frame by frame, while it goes on with the next one.

    Sub-folders of the input are kept, but for DICOM files without `keep_identifiers`: see `result_name`.

    Args:
        folder: where the files go.
        formats: names of `custom.results.FORMATS`; a string may hold several, with commas between them.
        postprocessing: of one frame, in place of the evaluator's own; `None` where that has done it.
        tracker: of electrodes and catheters over a file's frames; `None` leaves them without tracks.
        keep_identifiers: let the names of DICOM files, and the patient in their headers, into the results.
        format_options: further arguments of formats, by name.

    Attributes:
        faults: why a file's results are not there in every format.
        unwritten: `source` of the files that these are about.

    Raises:
        InputError: where there is no such format, or one needs the tracker that there is not.
    """

    def __init__(
        self,
        folder: str | Path,
        formats: str | Sequence[str] = DEFAULT_FORMATS,
        *,
        postprocessing: Callable[[dict[str, Any]], dict[str, Any]] | None = None,
        tracker: CatheterTracker | None = None,
        keep_identifiers: bool = False,
        format_options: Mapping[str, Mapping[str, Any]] | None = None,
    ) -> None:
        self.folder = Path(folder)
        self.formats = create_formats(formats, self.folder, keep_identifiers=keep_identifiers, options=format_options)
        if tracker is None and any(one.needs_tracks for one in self.formats):
            problem = "motion cannot be told without the identity of electrodes from frame to frame"
            raise InputError(problem, field="tracker", found="null", remedy="Leave motion or `tracker: null` out")
        self.postprocessing = postprocessing
        self.tracker = tracker
        self.keep_identifiers = keep_identifiers
        self.faults: list[CatheterError] = []
        self.unwritten: set[str] = set()
        self.files: list[FileSummary] = []
        self._started = time.time()
        self._written: set[Path] = set()  # files of the same content share their results
        self._file: FileResults | None = None
        self._background = BackgroundCalls()

    def attach(self, engine: Engine) -> None:
        """Attach to an evaluator of decollated batches."""
        engine.add_event_handler(Events.ITERATION_COMPLETED, self.add_batch)
        engine.add_event_handler(Events.COMPLETED, self.close)

    def add_batch(self, engine: Engine) -> None:
        """Finish and write the frames of a batch, while the engine goes on with the next one."""
        for item, output in zip(engine.state.batch, engine.state.output, strict=True):
            self._background.call(self._add_output, item, output, _engine_used(engine))

    def _add_output(self, item: dict[str, Any], output: dict[str, Any], engine: str | None) -> None:
        if self.postprocessing is not None:
            item, output = engine_apply_transform(item, output, self.postprocessing)
        self.add(replace(frame_result(item, output), engine=engine))

    def add(self, result: FrameResult) -> None:
        """Write a frame; the first one of another file ends the file before.

        Raises:
            InputError: where the folder cannot be written; what was complete stays.
        """
        with self._writing():
            file = self._file_of(result)
            result = replace(result, source=self.files[-1].name)
            if self.tracker is not None:
                result = self.tracker.update(result)
            file.add(result)
            self.files[-1].add(result)

    def close(self) -> None:
        """End the last file and the run, and say what was found and written."""
        self._background.wait()
        with self._writing():
            self._finish_file()
            self._written.update(path for one in self.formats for path in one.close())
        if self.files:
            Console(emoji=False).print(summary_table(self.files))
        files, frames = len(self._written), sum(file.frames for file in self.files)
        message = f"wrote {counted(files, 'file')} about {counted(frames, 'frame')} to {self.folder}"
        older = self._older_files()
        if older:
            message += f"; {counted(older, 'older file')} there {'is' if older == 1 else 'are'} not of this run"
        logging.getLogger("catheter.infer").info(message)

    def _older_files(self) -> int:
        """Count what lies beside the results and could be taken for them."""
        folders = filter(Path.is_dir, {self.folder, *(path.parent for path in self._written)})
        beside = (path for folder in folders for path in folder.iterdir() if path not in self._written)
        visible = (path for path in beside if path.is_file() and not path.name.startswith("."))
        return sum(path.stat().st_mtime < self._started for path in visible)

    def discard(self) -> None:
        """Remove what is not finished, after an error or an interruption."""
        self._background.end()
        if self._file is not None:
            self._file.discard()

    def _file_of(self, result: FrameResult) -> FileResults:
        if self._file is not None and self._file.path == result.path:
            return self._file
        self._finish_file()
        return self._start_file(result)

    def _start_file(self, first: FrameResult) -> FileResults:
        file = self._file = FileResults(first.path, self._note)
        if self.tracker is not None:
            self.tracker.start()
        try:
            name = result_name(first.source, first.path, keep_identifiers=self.keep_identifiers)
        except OSError as error:
            self.files.append(FileSummary(first.source, first.source, first.frames))
            self._note(unreadable_again(first.path, error))
            return file
        self.files.append(FileSummary(first.source, name, first.frames))
        file.start(replace(first, source=name), self.formats)
        return file

    def _finish_file(self) -> None:
        if self._file is not None:
            self._written |= self._file.finish(complete=self.files[-1].complete)
            self._file = None

    def _note(self, fault: CatheterError) -> None:
        if str(fault) not in map(str, self.faults):
            logging.getLogger("catheter.infer").warning(f"left out: {fault}")
            self.faults.append(fault)
            self.unwritten.add(self.files[-1].source)

    @contextmanager
    def _writing(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            # pydicom puts a traceback into the message.
            reason = error.strerror or str(error).partition("\n")[0]
            raise InputError(
                f"results cannot be written ({reason})",
                source=self.folder,
                remedy="Free some space, or choose another folder; what is there is complete",
            ) from error


def _engine_used(engine: Engine) -> str | None:
    selection = getattr(getattr(engine, "inferer", None), "engine", None)
    return None if selection is None else selection.used
