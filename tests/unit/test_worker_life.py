"""The launcher as a process, the bulk wire, and what a worker says of exceptions."""

import json
import os
import signal
import socket
import subprocess
import sys
import threading

import pytest

pytest.importorskip("pyarrow")
pytest.importorskip("grpc")

from pyspark_compat_worker import failure, launcher  # noqa: E402
from pyspark_compat_worker.wire import BulkWire, Gone  # noqa: E402

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(launcher.__file__)))


class Launched:
    """A launcher, with pipes where the engine has them."""

    def __init__(self, folder, setup="", code="from pyspark_compat_worker.launcher import main; main()"):
        self.folder = folder / "sockets"
        self.folder.mkdir()
        settings = {"socket": str(self.folder / "workers"), "path": [str(folder), *sys.path], "setup": setup}
        self.printed, there = os.pipe()
        arranged = f"import os, sys; os.dup2({there}, 3); sys.path.insert(0, {ROOT!r}); {code}"
        self.process = subprocess.Popen(
            [sys.executable, "-P", "-u", "-c", arranged], stdin=subprocess.PIPE, stdout=subprocess.PIPE, pass_fds=[there],
            env={**os.environ, "PYSPARK_COMPAT_WORKER": json.dumps(settings)}, text=True)
        os.close(there)

    def says(self):
        return json.loads(self.process.stdout.readline())

    def tell(self, **request):
        self.process.stdin.write(json.dumps(request) + "\n")
        self.process.stdin.flush()

    def ended(self):
        code = self.process.wait(10)
        self.process.stdin.close()
        self.process.stdout.close()
        os.close(self.printed)
        assert not self.folder.exists(), "the sockets' folder is left"
        return code


@pytest.mark.parametrize("end", [
    lambda l: l.tell(end=True), lambda l: l.process.stdin.close(), lambda l: l.process.send_signal(signal.SIGTERM)])
def test_launcher_ends(tmp_path, end):
    launched = Launched(tmp_path)
    assert launched.says() == {"ready": True}
    end(launched)
    assert launched.ended() == 0


def test_launcher_tells_how_workers_end(tmp_path):
    (tmp_path / "ends.py").write_text(
        "import os, signal\nimport pyspark_compat_worker.serve as s\n"
        "def go():\n  s.serve = lambda socket, token: os.kill(os.getpid(), 9) if token == 'k' else os._exit(5) if token == 'x' else print('hello', token)")
    launched = Launched(tmp_path, "ends:go")
    assert launched.says() == {"ready": True}
    for token, fate in ("k", "it was killed by SIGKILL"), ("x", "it exited with status 5"), ("p", "it exited with status 0"):
        launched.tell(fork=token, preload=["no_such_module_here"])
        assert launched.says() == {"token": token, "died": fate}
    assert os.read(launched.printed, 100) == b"hello p\n", "prints go where standard error goes"
    launched.tell(end=True)
    assert launched.ended() == 0


def test_launcher_says_why_it_cannot_start(tmp_path):
    (tmp_path / "fails.py").write_text("def go(): raise KeyError('gone')")
    launched = Launched(tmp_path, "fails:go")
    assert launched.says() == {"error": "KeyError: 'gone'"}
    launched.folder.rmdir()
    assert launched.ended() == 0


def test_reason_names_the_package_to_install():
    assert "grpcio" in launcher._reason(ModuleNotFoundError("No module named 'grpc'", name="grpc"))
    assert launcher._reason(ImportError("x")) == "ImportError: x"


@pytest.fixture
def wires(tmp_path):
    """A wire and the engine's end of it."""
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(str(tmp_path / "s"))
        server.listen()
        wire = BulkWire(str(tmp_path / "s"), "t" * 32)
        engine, _ = server.accept()
    assert engine.recv(32, socket.MSG_WAITALL) == b"t" * 32
    with engine:
        yield wire, engine


def frame(kind, body):
    return kind + bytes(7) + len(body).to_bytes(8, "little") + body


@pytest.mark.parametrize("size", [0, 1, 100, 65519, 65520, 65521, 5_000_000])
def test_bulk_wire(wires, size):
    wire, engine = wires
    content = os.urandom(size)
    stream = frame(b"B", content) + frame(b"F", b"") + frame(b"O", content)
    for chunk in (len(stream), 70001, 7):
        if chunk == 7 and size > 65521:
            continue

        def send(chunk=chunk):
            for start in range(0, len(stream), chunk):
                engine.sendall(stream[start:start + chunk])

        sender = threading.Thread(target=send)
        sender.start()
        assert [(k, bytes(b)) for k, b in (wire.read() for _ in range(3))] == [(b"B", content), (b"F", b""), (b"O", content)]
        sender.join()

    received = bytearray()

    def receive():
        while len(received) < size + 16 + 16:
            received.extend(engine.recv(1 << 20))

    receiver = threading.Thread(target=receive)
    receiver.start()
    wire.write(b"B", content[:size // 2], memoryview(content)[size // 2:], b"")
    wire.write(b"T")
    receiver.join()
    assert bytes(received) == frame(b"B", content) + frame(b"T", b"")


def test_bulk_wire_that_ends(wires):
    wire, engine = wires
    engine.sendall(frame(b"B", b"half")[:-2])
    engine.close()
    with pytest.raises(Gone):
        wire.read()
    with pytest.raises(Gone):
        for _ in range(100):
            wire.write(b"B", bytes(1 << 16))


def test_failure_leaves_our_frames_out():
    space = {}
    exec(compile("def ours(f): return f()", os.path.join(os.path.dirname(failure.__file__), "made up.py"), "exec"), space)

    def inner():
        return {}["key"]

    def outer():
        try:
            space["ours"](inner)
        except KeyError as error:
            raise ValueError("second") from error

    with pytest.raises(ValueError) as caught:
        space["ours"](outer)
    text = failure.describe(caught.value)["traceback"]
    assert "made up.py" not in text and "in inner" in text and "in outer" in text and "direct cause" in text
    assert text.endswith("ValueError: second\n")
