"""The server is stopped whatever happens; a stand-in for MONAI Label answers here."""

import os
import sys
import time

import pytest

from tests.monai_label import server as server_module
from tests.monai_label.server import ServerError, serving

STAND_IN = """\
import http.server, pathlib, subprocess, sys
child = subprocess.Popen(["sleep", "1000"])
pathlib.Path("pids").write_text(f"{__import__('os').getpid()} {child.pid}")
print("the stand-in was here", flush=True)
class Reply(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(500 if self.path == "/broken" else 200)
        self.end_headers()
        self.wfile.write(b'{"models": {}}')
http.server.HTTPServer(("127.0.0.1", int(sys.argv[sys.argv.index("--port") + 1])), Reply).serve_forever()
"""


def environment(folder, command):
    (folder / "bin").mkdir()
    (folder / "stand_in.py").write_text(STAND_IN)
    python = folder / "bin" / "python"
    python.write_text(f"#!/bin/sh\n{command}\n")
    python.chmod(0o755)
    (folder / "app").mkdir()
    return folder


def serve(folder):
    return serving(folder, folder / "app", folder / "studies", "model")


def is_running(pid):
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def assert_gone(folder):
    deadline = time.monotonic() + 10
    while any(is_running(int(pid)) for pid in (folder / "pids").read_text().split()):
        assert time.monotonic() < deadline
        time.sleep(0.05)


def test_the_server_and_its_children_end_with_the_block(tmp_path):
    folder = environment(tmp_path, f'exec {sys.executable} {tmp_path}/stand_in.py "$@"')
    with serve(folder) as server:
        assert server.info() == {"models": {}}
    assert_gone(folder)


@pytest.mark.parametrize("error", [KeyboardInterrupt, AssertionError, SystemExit])
def test_the_server_and_its_children_end_with_an_error(tmp_path, error):
    folder = environment(tmp_path, f'exec {sys.executable} {tmp_path}/stand_in.py "$@"')
    with pytest.raises(error), serve(folder):
        raise error
    assert_gone(folder)


def test_an_error_of_the_server_shows_its_log(tmp_path):
    folder = environment(tmp_path, f'exec {sys.executable} {tmp_path}/stand_in.py "$@"')
    with serve(folder) as server, pytest.raises(ServerError, match=r"(?s)broken: 500.*the stand-in was here"):
        server._answer("GET", "broken")
    assert_gone(folder)


def test_a_server_that_ends_at_once_is_reported(tmp_path):
    folder = environment(tmp_path, "echo no such module; exit 1")
    with pytest.raises(ServerError, match=r"did not come up\nno such module"), serve(folder):
        pass


def test_a_server_that_never_answers_is_stopped(tmp_path, monkeypatch):
    monkeypatch.setattr(server_module, "SECONDS_TO_START", 1)
    folder = environment(tmp_path, f"echo $$ > {tmp_path}/pids; exec sleep 1000")
    with pytest.raises(ServerError, match="did not come up"), serve(folder):
        pass
    assert_gone(folder)
