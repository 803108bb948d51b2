"""A MONAI Label server that serves one bundle, for as long as a `with` block lasts."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import requests

SECONDS_TO_START, SECONDS_TO_ANSWER, SECONDS_TO_STOP = 180, 300, 15
LOG_LINES = 40


class ServerError(RuntimeError):
    """The server did not do what it was asked; the message ends with its log."""


class MonaiLabelServer:
    """Talks to a running server about one model.

    Args:
        url: of the server.
        model: name of the bundle's folder.
        process: the server's.
        log: its log file.
    """

    def __init__(self, url: str, model: str, process: subprocess.Popen, log: Path) -> None:
        self.url, self.model, self.process, self.log = url, model, process, log

    def info(self) -> dict[str, Any]:
        """Return what the server says about itself and its models."""
        return self._answer("GET", "info/").json()

    def infer(self, image: Path, output: str, **params: Any) -> requests.Response:
        """Upload an image and return the reply: its mask for `output="image"`, the findings for `"json"`."""
        with image.open("rb") as file:
            form = {"params": json.dumps({"device": "cpu"} | params)}
            return self._answer("POST", f"infer/{self.model}?output={output}", files={"file": file}, data=form)

    def save_label(self, image: str, label: Path) -> None:
        """Save a mask as the finished label of an image of the studies."""
        with label.open("rb") as file:
            self._answer("PUT", f"datastore/label?image={image}&tag=final", files={"label": file})

    def train(self, **params: Any) -> dict[str, Any]:
        """Train the model on the finished labels; return the task when it has ended."""
        self._answer("POST", f"train/{self.model}", json={"device": "cpu"} | params)
        deadline = time.monotonic() + SECONDS_TO_ANSWER
        while (task := self._answer("GET", "train/").json())["status"] in ("SUBMITTED", "RUNNING"):
            if time.monotonic() > deadline:
                raise ServerError(f"training did not end in {SECONDS_TO_ANSWER} s\n{self.log_tail()}")
            time.sleep(1)
        return task

    def wait_until_up(self) -> None:
        """Wait until the server answers."""
        deadline = time.monotonic() + SECONDS_TO_START
        while True:
            if self.process.poll() is not None or time.monotonic() > deadline:
                raise ServerError(f"the server did not come up\n{self.log_tail()}")
            try:
                requests.get(f"{self.url}/info/", timeout=5).raise_for_status()
            except requests.RequestException:
                time.sleep(0.5)
            else:
                return

    def log_tail(self) -> str:
        """Return the last lines of the server's log."""
        return "\n".join(self.log.read_text(errors="replace").splitlines()[-LOG_LINES:])

    def _answer(self, method: str, path: str, **options: Any) -> requests.Response:
        reply = requests.request(method, f"{self.url}/{path}", timeout=SECONDS_TO_ANSWER, **options)
        if not reply.ok:
            raise ServerError(f"{method} {path}: {reply.status_code} {reply.text}\n{self.log_tail()}")
        return reply


@contextmanager
def serving(environment: Path, app: Path, studies: Path, model: str) -> Iterator[MonaiLabelServer]:
    """Serve a bundle in `APP/model/MODEL` while the block lasts; the server and its children end with it, in any case.

    Args:
        environment: the virtual environment that MONAI Label is installed in.
        app: a copy of MONAI Label's app `monaibundle`.
        studies: folder of the images.
        model: name of the bundle's folder.
    """
    port = _free_port()
    conf = {"models": model, "zoo_source": "ngc", "sam2": "false"}  # another source asks the network at every start
    command = [environment / "bin" / "python", "-m", "monailabel.main", "start_server", "--app", app]
    command += ["--studies", studies, "--host", "127.0.0.1", "--port", port]
    command += [word for pair in conf.items() for word in ("--conf", *pair)]
    log = app.parent / "server.log"
    with log.open("wb") as file:
        # Not in the repository, whose code would be importable; a group of its own, so that all of it can be ended.
        process = subprocess.Popen(
            list(map(str, command)), cwd=app.parent, stdout=file, stderr=subprocess.STDOUT, start_new_session=True
        )
    try:
        server = MonaiLabelServer(f"http://127.0.0.1:{port}", model, process, log)
        server.wait_until_up()
        yield server
    finally:
        _stop(process)


def _stop(process: subprocess.Popen) -> None:
    for how in (signal.SIGTERM, signal.SIGKILL):
        try:
            os.killpg(process.pid, how)
        except ProcessLookupError:
            break
        try:
            process.wait(timeout=SECONDS_TO_STOP)
        except subprocess.TimeoutExpired:
            continue


def _free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return free.getsockname()[1]
