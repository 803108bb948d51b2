"""Runs whose commands are a few lines of Python."""

from __future__ import annotations

import errno
import io
import sys
import time
from dataclasses import dataclass
from pathlib import Path

import pytest
from rich.console import Console

from custom.errors import InputError
from custom.experiments import execution
from custom.experiments.definitions import Row
from custom.experiments.runs import Run

EVALUATE = """from pathlib import Path
folder = Path("evaluation.unfinished")
folder.mkdir(exist_ok=True)
(folder / "metrics.json").write_text("{}")
"""


@dataclass(frozen=True)
class ScriptRun(Run):
    training: str = "print('trained')"
    evaluating: str = EVALUATE

    def training_command(self):
        return self._python(self.training)

    def evaluating_command(self):
        return self._python(self.evaluating)

    def write_settings(self):
        self.folder.mkdir(parents=True, exist_ok=True)

    def _python(self, code):
        return [sys.executable, "-c", f"import os; os.chdir({str(self.folder)!r})\n{code}"]


@pytest.fixture
def tracked(monkeypatch):
    names = []
    monkeypatch.setattr(execution, "track_test_metrics", lambda run: names.append(run.name))
    return names


def script(tmp_path, name, training="print('trained')", evaluating=EVALUATE):
    return ScriptRun(Row(name, name), 0, tmp_path, Path("d.json"), (), {}, {"max_epochs": 2}, training, evaluating)


def execute(runs):
    output = io.StringIO()
    faults = execution.execute(runs, Console(file=output, width=200))
    return faults, output.getvalue()


def test_every_run_is_trained_evaluated_and_tracked_and_then_skipped(tmp_path, tracked):
    runs = [script(tmp_path, "first"), script(tmp_path, "second")]
    faults, said = execute(runs)
    assert faults == []
    assert said.splitlines() == ["first/seed_0: starts", "second/seed_0: starts"]
    assert tracked == ["first/seed_0", "second/seed_0"]
    assert (runs[0].folder / "train.log").read_text() == "trained\n"
    faults, said = execute(runs)
    assert said.splitlines() == ["first/seed_0: finished before", "second/seed_0: finished before"]
    assert len(tracked) == 2


def test_a_run_that_fails_is_reported_and_the_others_go_on(tmp_path, tracked):
    runs = [script(tmp_path, "broken", "print('hello'); raise SystemExit('catheter: no.')"), script(tmp_path, "good")]
    (fault,), said = execute(runs)
    assert str(fault) == f"broken/seed_0: ended with exit code 1: catheter: no. Its log: {runs[0].folder / 'train.log'}"
    assert "broken/seed_0: failed" in said
    assert tracked == ["good/seed_0"]
    assert not runs[0].finished


def test_an_evaluation_that_breaks_off_behind_its_metrics_is_made_again(tmp_path, tracked):
    broken = script(tmp_path, "run", evaluating=f"{EVALUATE}\nraise SystemExit('disk full')")
    (fault,), _ = execute([broken])
    assert "disk full" in str(fault)
    assert not broken.finished
    faults, _ = execute([script(tmp_path, "run")])
    assert faults == []
    assert tracked == ["run/seed_0"]
    assert broken.finished
    assert not broken.evaluating_folder.exists()


@pytest.mark.parametrize(
    ("printed", "reason"),
    [
        ("", "it printed nothing."),
        ("Loading\n\nKilled\n", "Killed"),
        ("  File x\nKeyError: 'a'\n\nDuring handling\nRuntimeError: failed\n'$run'\n", "KeyError: 'a'"),
        (
            "Traceback\n(sqlite3.OperationalError) database or disk is full\n[SQL: x]",
            "(sqlite3.OperationalError) database or disk is full",
        ),
        ("ValueError: x\ncatheter: the frame is blank.\n  - and more", "catheter: the frame is blank."),
    ],
)
def test_the_line_that_says_why(printed, reason):
    assert execution._reason(printed) == reason


def test_the_reason_is_that_of_this_time_not_of_the_last(tmp_path, tracked):
    execute([script(tmp_path, "broken", "raise SystemExit('catheter: first.')")])
    (fault,), _ = execute([script(tmp_path, "broken", "raise SystemExit('catheter: second.')")])
    assert "catheter: second." in str(fault)


def test_a_disk_that_is_full_fails_the_run(tmp_path, tracked, monkeypatch):
    def full(run):
        raise OSError(errno.ENOSPC, "No space left on device", "settings.json")

    monkeypatch.setattr(ScriptRun, "write_settings", full)
    (fault,), _ = execute([script(tmp_path, "first")])
    assert "first/seed_0: " in str(fault)
    assert "No space left on device" in str(fault)


def test_an_interruption_ends_the_training_too(tmp_path, tracked, monkeypatch):
    def interrupt(run, progress, bar):
        if (run.folder / "started").is_file():
            raise KeyboardInterrupt

    monkeypatch.setattr(execution, "_advance", interrupt)
    code = "import time; open('started', 'w'); time.sleep(30); open('survived', 'w')"
    run = script(tmp_path, "slow", code)
    began = time.monotonic()
    with pytest.raises(KeyboardInterrupt):
        execute([run])
    assert time.monotonic() - began < 20
    faults, _ = execute([script(tmp_path, "next")])
    assert faults == [], "the folder is free again"


def test_two_comparisons_do_not_share_a_folder(tmp_path, tracked):
    with execution._alone_in(tmp_path), pytest.raises(InputError, match="another comparison works in this folder"):
        execute([script(tmp_path, "first")])
