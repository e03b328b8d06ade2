"""A program of the user's in a process of its own, which a test talks to by lines."""

import os
import selectors
import signal
import subprocess
import sys
import textwrap
import time
from pathlib import Path

from processes import survivors

PRELUDE = """\
import os, sys, time, threading, json
from pyspark_compat.sql import SparkSession, functions as F, types as T
def session(cores=1, **settings):
    builder = SparkSession.builder.master(f"local[{cores}]").config("spark.sql.session.timeZone", "UTC")
    for key, value in settings.items():
        builder = builder.config(key.replace("_", "."), value)
    return builder.getOrCreate()
def say(*words):
    print(*words, flush=True)
"""


class Script:
    """A running program. Its standard output is read line by line, its standard error is kept."""

    def __init__(self, folder, body, *args, prelude=PRELUDE, launch=(), name="script.py", cwd=None, env=None):
        self.folder = Path(folder)
        self.path = self.folder / name
        self.path.write_text(prelude + textwrap.dedent(body))
        self.errors = open(self.folder / f"{name}.stderr", "w+")
        self.temporary = self.folder / "tmp"
        self.temporary.mkdir(exist_ok=True)
        environment = {**os.environ, "TMPDIR": str(self.temporary), **(env or {})}
        self.process = subprocess.Popen([sys.executable, *launch, str(self.path), *map(str, args)], stdout=subprocess.PIPE,
                                        stdin=subprocess.PIPE, stderr=self.errors, cwd=cwd or self.folder, env=environment)
        self.pid = self.process.pid
        self._selector = selectors.DefaultSelector()
        self._selector.register(self.process.stdout, selectors.EVENT_READ)
        self._pending = b""

    def line(self, seconds=60):
        """The next line of standard output; None at its end. Fails when none comes in time."""
        deadline = time.monotonic() + seconds
        while b"\n" not in self._pending:
            if not self._selector.select(max(0, deadline - time.monotonic())):
                self.stacks()
                raise AssertionError(f"no line within {seconds} s\n{self.stderr()}")
            chunk = os.read(self.process.stdout.fileno(), 1 << 16)
            if not chunk:
                return None
            self._pending += chunk
        line, self._pending = self._pending.split(b"\n", 1)
        return line.decode()

    def expect(self, text, seconds=60):
        """Reads one line, which must be this."""
        line = self.line(seconds)
        assert line == text, f"{line!r} came, not {text!r}\n{self.stderr()}"

    def lines(self, seconds=60):
        """All lines up to the end of standard output."""
        deadline, found = time.monotonic() + seconds, []
        while (line := self.line(max(0, deadline - time.monotonic()))) is not None:
            found.append(line)
        return found

    def end(self, seconds=60):
        """Waits for the end and gives the exit status."""
        try:
            return self.process.wait(seconds)
        except subprocess.TimeoutExpired:
            self.stacks()
            raise AssertionError(f"still running after {seconds} s\n{self.stderr()}") from None

    def ok(self, seconds=60):
        """Runs to the end, which must be a good one, and gives the lines of standard output."""
        found = self.lines(seconds)
        status = self.end(10)
        assert status == 0, f"exit status {status}\n" + "\n".join(found[-20:]) + "\n" + self.stderr()
        return found

    def go(self):
        """Gives the program a line, which it may wait for by sys.stdin.readline()."""
        self.process.stdin.write(b"\n")
        self.process.stdin.flush()

    def signal(self, number):
        self.process.send_signal(number)

    def stderr(self):
        self.errors.flush()
        return Path(self.errors.name).read_text()[-6000:]

    def stacks(self):
        """Has a hanging engine tell what its goroutines do, for the failure's report."""
        self.process.send_signal(signal.SIGQUIT)
        survivors([self.pid], 5)

    def close(self):
        self.process.kill()
        self.process.wait()
        self.process.stdout.close()
        self.process.stdin.close()
        self.errors.close()
        self._selector.close()
