import errno
from pathlib import Path

import pytest

from custom.errors import CatheterError, InputError
from custom.postprocessing.result import FrameResult
from custom.results.file_results import FileResults
from custom.results.format import ResultFormat
from tests.results.frames import make_frame

CINE = "cine.dcm"


class Recorded(ResultFormat):
    """Keeps what it is told, and fails at one step where there is an error for it."""

    def __init__(self, fails_at: str = "", error: Exception | None = None) -> None:
        super().__init__(Path())
        self.fails_at, self.error = fails_at, error
        self.steps: list[str] = []

    def _step(self, name: str) -> None:
        self.steps.append(name)
        if self.error is not None and name == self.fails_at:
            raise self.error

    def start(self, first: FrameResult) -> None:
        self._step("start")

    def add(self, result: FrameResult) -> None:
        self._step("add")

    def finish(self, *, complete: bool) -> list[Path]:
        self._step("finish")
        return [Path(f"written{len(self.steps)}")]

    def discard(self) -> None:
        self._step("discard")


def write(*formats: Recorded) -> tuple[set[Path], list[CatheterError]]:
    faults: list[CatheterError] = []
    file = FileResults(CINE, faults.append)
    file.start(make_frame(), formats)
    for _ in range(2):
        file.add(make_frame())
    return file.finish(complete=True), faults


@pytest.mark.parametrize(
    ("step", "steps"),
    [
        ("start", ["start", "discard"]),
        ("add", ["start", "add", "discard"]),
        ("finish", ["start", "add", "add", "finish", "discard"]),
    ],
)
def test_a_format_that_fails_is_discarded_and_the_others_go_on(step, steps):
    failing, sound = Recorded(step, InputError("cannot hold this", source=CINE)), Recorded()
    written, faults = write(failing, sound)
    assert failing.steps == steps
    assert sound.steps == ["start", "add", "add", "finish"]
    assert written == {Path("written4")}
    assert [str(fault) for fault in faults] == ["cine.dcm: cannot hold this."]


def test_the_fault_of_a_library_names_the_file_and_the_format():
    _, faults = write(Recorded("add", ValueError("no such tag")))
    assert [str(fault) for fault in faults] == ["cine.dcm: cannot be written as Recorded (ValueError: no such tag)"]


def test_an_input_that_is_gone_stops_its_own_format_alone():
    written, faults = write(Recorded("finish", FileNotFoundError(errno.ENOENT, "No such file", CINE)), Recorded())
    assert len(written) == 1
    assert "cannot be read a second time" in str(faults[0])


def test_a_full_disk_stops_everything_and_what_is_unfinished_can_be_discarded():
    full, sound = Recorded("add", OSError(errno.ENOSPC, "No space left on device", "results.json")), Recorded()
    file = FileResults(CINE, lambda fault: None)
    file.start(make_frame(), [sound, full])
    with pytest.raises(OSError, match="No space left"):
        file.add(make_frame())
    file.discard()
    assert sound.steps[-1] == full.steps[-1] == "discard"
