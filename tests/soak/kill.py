"""SIGKILL at random moments over a stateful file-to-file query with a Python function: the output never differs.

    python kill.py [--kills 200] [--seed N]

A trial is one query on a new checkpoint that is killed up to four times and then left to end. The seed is printed; the
same seed gives the same moments.
"""

import argparse
import json
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import pyarrow.parquet as pq

EPOCHS, ROWS, KILLS_A_TRIAL = 40, 500, 4
HERE = Path(__file__).resolve().parent


def write_input(folder):
    folder.mkdir()
    rng = random.Random(1)
    for n in range(EPOCHS):
        lines = []
        for i in range(ROWS):
            second = n * 4 + i * 4 / ROWS
            lines.append(json.dumps({"k": f"k{rng.randrange(20)}", "v": rng.randrange(1000),
                                     "ts": f"2024-01-01T00:{int(second) // 60:02}:{second % 60:06.3f}Z"}))
        path = folder / f"part-{n:03}.json"
        path.write_text("\n".join(lines) + "\n")
        os.utime(path, (1_700_000_000 + n, 1_700_000_000 + n))


def committed_rows(out):
    names = set()
    log = out / "_spark_metadata"
    for name in os.listdir(log) if log.exists() else ():
        if not name.startswith("."):
            names.update(os.path.basename(json.loads(line)["path"]) for line in (log / name).read_text().splitlines()[1:])
    rows = [tuple(row.values()) for name in names for row in pq.ParquetFile(out / name).read().to_pylist()]
    return sorted(rows)


def descendants(pid):
    children = {}
    for other in filter(str.isdigit, os.listdir("/proc")):
        try:
            children.setdefault(int(Path(f"/proc/{other}/stat").read_text().rsplit(")", 1)[1].split()[1]), []).append(int(other))
        except OSError:
            pass
    found, todo = [], [pid]
    while todo:
        below = children.get(todo.pop(), [])
        found += below
        todo += below
    return found


def alive(pid):
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] not in "ZX"
    except OSError:
        return False


def described(pid):
    """A process for a message: its command and what it is doing."""
    try:
        command = Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace").strip()
        state = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
        return f"{pid} (state {state[0]}, parent {state[1]}, processor ticks {int(state[11]) + int(state[12])}): {command[:120]}"
    except OSError:
        return f"{pid}: gone by now"


class Trial:
    """One checkpoint, from its first start to its end."""

    def __init__(self, home, source):
        self.home, self.source = home, source
        home.mkdir()
        self.inside = self.kills = 0

    def start(self):
        (self.home / "started").unlink(missing_ok=True)
        names = [self.source, self.home / "out", self.home / "checkpoint", self.home / "started"]
        return subprocess.Popen([sys.executable, str(HERE / "job.py"), *map(str, names)])

    def wait_started(self, process):
        while not (self.home / "started").exists() and process.poll() is None:
            time.sleep(0.001)

    def finish(self):
        process = self.start()
        self.wait_started(process)
        began = time.perf_counter()
        if process.wait():
            raise SystemExit("the run failed")
        return time.perf_counter() - began

    def kill(self, delay):
        """Starts the query and kills it `delay` seconds after it began; says whether it was still running."""
        process = self.start()
        self.wait_started(process)
        try:
            process.wait(delay)
            running = False
        except subprocess.TimeoutExpired:
            running = True
        family = descendants(process.pid)
        process.send_signal(signal.SIGKILL)
        process.wait()
        self.kills += 1
        self.inside += running
        deadline = time.monotonic() + 1
        while any(map(alive, family)):
            if time.monotonic() > deadline:
                raise SystemExit("processes outlive the killed one:\n" + "\n".join(described(p) for p in family if alive(p)))
            time.sleep(0.01)
        return running


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--kills", type=int, default=200)
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(1 << 32))
    options = parser.parse_args()
    rng = random.Random(options.seed)
    print(f"seed {options.seed}", flush=True)
    home = Path(tempfile.mkdtemp(prefix="soak-"))
    write_input(home / "in")
    calm = Trial(home / "calm", home / "in")
    length = calm.finish()
    want = committed_rows(home / "calm" / "out")
    print(f"undisturbed: {length:.2f} s, {len(want)} rows", flush=True)
    kills = inside = trials = 0
    while kills < options.kills:
        trial = Trial(home / f"trial-{trials}", home / "in")
        for _ in range(min(KILLS_A_TRIAL, options.kills - kills)):
            if not trial.kill(rng.uniform(0, length / KILLS_A_TRIAL)):
                break
        trial.finish()
        got = committed_rows(trial.home / "out")
        if got != want:
            raise SystemExit(f"trial {trials} differs: {len(got)} rows, {len(set(got) ^ set(want))} of them wrong; kept in {trial.home}")
        kills, inside, trials = kills + trial.kills, inside + trial.inside, trials + 1
        shutil.rmtree(trial.home)
        if trials % 10 == 0:
            print(f"{kills} kills, {inside} inside the run", flush=True)
    print(f"{kills} kills over {trials} queries, {100 * inside / kills:.0f}% inside the run: every output equals the undisturbed one")
    if inside < 0.95 * kills:
        raise SystemExit("too many kills fell outside the run")
    shutil.rmtree(home)


if __name__ == "__main__":
    main()
