"""SIGKILL at random moments over stateful queries of five kinds, on both state providers: outputs and states never differ.

    python kill.py [--kills 1000] [--seed N] [--together 4]

A trial is one query on a new checkpoint that is killed up to four times and then left to end; some are started again only
after longer than a window. The seed is printed; the same seed gives the same moments.
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
import threading
import time
from pathlib import Path

import pyarrow.parquet as pq

EPOCHS, ROWS, KILLS_A_TRIAL = 40, 300, 4
WINDOW, DELAYED = 2, 0.1  # seconds of a window, and the part of the trials that wait for longer
# The queries of job.py, and whether they write with the file sink.
FILES = {"windows": True, "distinct": True, "joined": False, "sessions": False, "groups": False}
HERE = Path(__file__).resolve().parent


def write_input(folder):
    folder.mkdir()
    rng = random.Random(1)
    for n in range(EPOCHS):
        lines = []
        for i in range(ROWS):
            second = n * 2 + i * 2 / ROWS
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
    """One checkpoint of one query, from its first start to its end."""

    def __init__(self, home, source, query, provider):
        self.home, self.source, self.query, self.provider = home, source, query, provider
        home.mkdir()
        self.inside = self.kills = 0

    def start(self, *more):
        (self.home / "started").unlink(missing_ok=True)
        names = [self.source, self.home / "out", self.home / "checkpoint", self.home / "started", *more]
        return subprocess.Popen([sys.executable, str(HERE / "job.py"), self.query, self.provider, *map(str, names)])

    def wait_started(self, process):
        while not (self.home / "started").exists() and process.poll() is None:
            time.sleep(0.001)

    def finish(self):
        """Lets the query end; gives how long it took."""
        process = self.start(self.home / "state")
        self.wait_started(process)
        began = time.perf_counter()
        if process.wait():
            raise Failed(f"a run of {self.query} failed; kept in {self.home}")
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
        deadline = time.monotonic() + 5
        while any(map(alive, family)):
            if time.monotonic() > deadline:
                raise Failed("processes outlive the killed one:\n" + "\n".join(described(p) for p in family if alive(p)))
            time.sleep(0.01)
        return running

    def result(self):
        """The rows that came out, and what the state holds."""
        out = self.home / "out"
        differing = [p.name for p in out.glob("*.differs")]
        if differing:
            raise Failed(f"foreachBatch of {self.query} got other rows for an epoch it had seen: {differing}; kept in {self.home}")
        if FILES[self.query]:
            rows = committed_rows(out)
        else:
            rows = sorted((p.name, line) for p in out.glob("*.rows") for line in p.read_text().splitlines())
        return rows, (self.home / "state").read_text()


class Failed(Exception):
    pass


class Soak:
    """Trials, some at a time, until there were enough kills."""

    def __init__(self, home, kills, seed):
        self.home, self.wanted, self.seed = home, kills, seed
        self.lock = threading.Lock()
        self.planned = self.kills = self.inside = self.trials = self.delayed = 0
        self.failure = None
        self.calm = {}

    def undisturbed(self):
        for query in FILES:
            trial = Trial(self.home / f"calm-{query}", self.home / "in", query, "memory")
            length = trial.finish()
            self.calm[query] = (length, trial.result())
            print(f"undisturbed {query}: {length:.2f} s, {len(self.calm[query][1][0])} rows", flush=True)

    def next(self):
        """The number of a trial to make, and how many kills it may take; None when all are planned."""
        with self.lock:
            if self.failure or self.planned >= self.wanted:
                return None
            kills = min(KILLS_A_TRIAL, self.wanted - self.planned)
            self.planned += kills
            self.trials += 1
            return self.trials - 1, kills

    def work(self):
        while (task := self.next()) is not None:
            try:
                self.trial(*task)
            except Exception as failure:  # noqa: BLE001
                self.failure = self.failure or failure

    def trial(self, number, kills):
        rng = random.Random(f"{self.seed}/{number}")
        query, provider = list(FILES)[number % len(FILES)], ("memory", "disk")[number // len(FILES) % 2]
        length, want = self.calm[query]
        trial = Trial(self.home / f"trial-{number}", self.home / "in", query, provider)
        late = rng.random() < DELAYED
        for at in range(kills):
            if not trial.kill(rng.uniform(0, length / KILLS_A_TRIAL)):
                break
            if late and at == 0:
                time.sleep(WINDOW + 0.5)
        trial.finish()
        got = trial.result()
        if got != want:
            raise Failed(f"trial {number} of {query} ({provider}) differs: {len(got[0])} rows, {len(set(got[0]) ^ set(want[0]))} of them wrong, "
                         f"state {'the same' if got[1] == want[1] else 'another'}; kept in {trial.home}")
        shutil.rmtree(trial.home)
        with self.lock:
            self.planned -= kills - trial.kills
            self.kills, self.inside, self.delayed = self.kills + trial.kills, self.inside + trial.inside, self.delayed + late
            if number % 25 == 24:
                print(f"{self.kills} kills, {self.inside} inside the run", flush=True)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--kills", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(1 << 32))
    parser.add_argument("--together", type=int, default=4)
    options = parser.parse_args()
    print(f"seed {options.seed}", flush=True)
    home = Path(tempfile.mkdtemp(prefix="soak-"))
    write_input(home / "in")
    began = time.perf_counter()
    soak = Soak(home, options.kills, options.seed)
    soak.undisturbed()
    threads = [threading.Thread(target=soak.work) for _ in range(options.together)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if soak.failure:
        raise SystemExit(str(soak.failure))
    print(f"{soak.kills} kills over {soak.trials} runs of {len(FILES)} queries, {100 * soak.inside / soak.kills:.0f}% inside the run, "
          f"{soak.delayed} with a restart later than a window, {time.perf_counter() - began:.0f} s: "
          "every output, every epoch's rows and every state equal the undisturbed ones")
    if soak.inside < 0.95 * soak.kills:
        raise SystemExit("too many kills fell outside the run")
    shutil.rmtree(home)


if __name__ == "__main__":
    main()
