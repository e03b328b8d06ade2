"""The user scripts that PySpark's package brings for streams, unchanged: `python -m pyspark_compat script.py host port`."""

import os
import re
import select
import socket
import subprocess
import sys
import time

import pytest

import sources

EXAMPLES = sources.examples()
pytestmark = pytest.mark.skipif(EXAMPLES is None, reason="needs the package pyspark 4.3.0: python tests/conformance/sources.py build/pyspark-sources")


class Script:
    """A script of the package that runs on one implementation and reads from a socket of ours."""

    def __init__(self, impl, name, *arguments, cwd, folder=EXAMPLES):
        self.server = socket.create_server(("127.0.0.1", 0))
        self.server.settimeout(0.5)
        module = ["-m", "pyspark_compat"] if impl != "pyspark" else []
        command = [sys.executable, *module, str(folder / name), *[a.replace("PORT", str(self.server.getsockname()[1])) for a in arguments]]
        environment = {**os.environ, "PYTHONUNBUFFERED": "1", "PYSPARK_SUBMIT_ARGS": "--conf spark.sql.shuffle.partitions=2 --conf spark.ui.enabled=false --master local[2] pyspark-shell"}
        if impl != "pyspark":
            root = str(sources.HERE.parents[1])
            environment["PYTHONPATH"] = os.pathsep.join([root, os.path.join(root, "python"), os.environ.get("PYTHONPATH", "")])
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, cwd=cwd, env=environment)
        self.text = ""

    def send(self, *lines):
        connection = self.accepted()
        connection.sendall("".join(line + "\n" for line in lines).encode())
        self.connection = connection

    def accepted(self):
        for _ in range(240):
            try:
                return self.server.accept()[0]
            except TimeoutError:
                assert self.process.poll() is None, self.process.communicate()[1].decode()[-4000:]
        raise AssertionError("it did not connect")

    def read_until(self, done, seconds=120):
        """What has been printed once it is what was waited for."""
        end = time.monotonic() + seconds
        while not done(self.text):
            assert time.monotonic() < end, f"it did not come about:\n{self.text}"
            ready, _, _ = select.select([self.process.stdout], [], [], 0.2)
            if ready:
                piece = os.read(self.process.stdout.fileno(), 1 << 16)
                assert piece, self.process.stderr.read().decode()[-4000:]
                self.text += piece.decode()
        return self.text

    def outcome(self):
        _, said = self.process.communicate(timeout=120)
        return self.process.returncode, said.decode()

    def close(self):
        if self.process.poll() is None:
            self.process.kill()
        self.process.communicate()
        self.server.close()


@pytest.fixture
def script(impl, tmp_path):
    started = []

    def start(name, *arguments):
        started.append(Script(impl, name, *arguments, cwd=tmp_path))
        return started[-1]

    yield start
    for s in started:
        s.close()


def tables(text):
    """The rows of each batch that the console sink has printed."""
    out = []
    for part in re.split(r"-{43}\nBatch: \d+\n-{43}\n", text)[1:]:
        rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in part.splitlines() if line.startswith("|")]
        out.append(rows)
    return out


LINES = ["apache spark apache hadoop", "spark again", "apache"]


def counted(words):
    """Whether a table's counts add up to the words that were sent."""
    return lambda text: any(sum(int(r[-1]) for r in t[1:]) == words for t in tables(text))


def test_structured_network_wordcount(check, script):
    s = script("structured_network_wordcount.py", "127.0.0.1", "PORT")
    s.send(*LINES)
    text = s.read_until(counted(7))
    last = tables(text)[-1]
    check([last[0], sorted(last[1:])])


def test_structured_network_wordcount_windowed(check, script):
    s = script("structured_network_wordcount_windowed.py", "127.0.0.1", "PORT", "600", "600")
    s.send(*LINES)
    text = s.read_until(lambda t: any(sum(int(r[-1]) for r in x[1:]) >= 7 for x in tables(t)))
    last = tables(text)[-1]
    by_word = {}
    for _, word, n in last[1:]:
        by_word[word] = by_word.get(word, 0) + int(n)
    check([last[0], sorted(by_word.items()), bool(re.fullmatch(r"\{\d{4}-\d\d-\d\d \d\d:\d0:00, \d{4}-\d\d-\d\d \d\d:\d0:00\}", last[1][0]))])


def test_structured_network_wordcount_session_window(check, script):
    s = script("structured_network_wordcount_session_window.py", "127.0.0.1", "PORT")
    s.send(*LINES)
    ended = lambda text: [r for t in tables(text) for r in t[1:]]
    text = s.read_until(lambda t: len(ended(t)) >= 4)
    check([tables(text)[-1][0], sorted([r[0], r[1]] for r in ended(text))])


def test_structured_sessionization_is_refused(check, script):
    s = script("structured_sessionization.py", "127.0.0.1", "PORT")
    code, said = s.outcome()
    check([code, re.findall(r"AnalysisException: \[([A-Z_.]+)\]", said)[-1:]])


@pytest.mark.only_ours("PySpark reads from Kafka and has Python data sources")
@pytest.mark.parametrize("name, arguments, feature", [
    ("structured_kafka_wordcount.py", ["localhost:9", "subscribe", "t"], "the data source kafka"),
    ("structured_blockchain_admission_control.py", [], "Python data sources"),
])
def test_refused_by_name(script, name, arguments, feature):
    code, said = script(name, *arguments).outcome()
    assert code == 1 and "[NOT_IMPLEMENTED]" in said and feature in said


def test_nothing_else_is_shipped():
    assert sorted(p.name for p in EXAMPLES.glob("*.py")) == [
        "structured_blockchain_admission_control.py", "structured_kafka_wordcount.py", "structured_network_wordcount.py",
        "structured_network_wordcount_session_window.py", "structured_network_wordcount_windowed.py", "structured_sessionization.py"]
