"""SIGKILL at random moments over a checkpointed updateStateByKey job that files feed: the counts are an undisturbed run's.

    python dstream.py [--kills 100] [--seed N] [--together 2]

A trial is one checkpoint: files are moved in one by one, also while the job is dead; the job is killed up to four times and
then left to end. The seed is printed; the same seed gives the same moments.
"""

import argparse
import collections
import json
import random
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

from kill import KILLS_A_TRIAL, Failed, alive, descendants

FILES, LINES, PACE, LONGEST = 40, 50, 0.06, 120  # files of a trial, lines of a file, seconds between files, and of a trial's end
HERE = Path(__file__).resolve().parent


class Trial:
    """One checkpoint of the job and the files that feed it."""

    def __init__(self, home, seed):
        self.home, self.random = home, random.Random(seed)
        self.source, self.out = home / "in", home / "out"
        for folder in (home, self.source, self.out, home / "made"):
            folder.mkdir()
        self.words = collections.Counter()
        self.texts = [self.text() for _ in range(FILES)]
        self.total = sum(self.words.values())
        self.kills = self.inside = 0

    def text(self):
        words = [f"w{self.random.randrange(200)}" for _ in range(LINES * 4)]
        self.words.update(words)
        return "\n".join(" ".join(words[i:i + 4]) for i in range(0, len(words), 4)) + "\n"

    def feed(self):
        for number, text in enumerate(self.texts):
            made = self.home / "made" / f"{number:03}.txt"
            made.write_text(text)
            made.rename(self.source / made.name)
            time.sleep(PACE)

    def start(self):
        (self.out / "started").unlink(missing_ok=True)
        names = [self.source, self.out, self.home / "checkpoint", self.total]
        return subprocess.Popen([sys.executable, str(HERE / "dstream_job.py"), *map(str, names)])

    def kill(self, delay):
        process = self.start()
        while not (self.out / "started").exists() and process.poll() is None:
            time.sleep(0.001)
        try:
            process.wait(delay)
            raise Failed(f"the job ended by itself, {process.returncode}; kept in {self.home}") if process.returncode else Over()
        except subprocess.TimeoutExpired:
            self.inside += 1
        family = descendants(process.pid)
        process.kill()
        process.wait()
        self.kills += 1
        deadline = time.monotonic() + 5
        while any(map(alive, family)):
            if time.monotonic() > deadline:
                raise Failed(f"processes outlive the killed one; kept in {self.home}")
            time.sleep(0.01)

    def run(self, kills):
        """Files come once the first checkpoint is there: a job killed before that begins anew, and reads no older files."""
        process = self.start()
        while not list((self.home / "checkpoint").glob("checkpoint-*")) and process.poll() is None:
            time.sleep(0.001)
        feeder = threading.Thread(target=self.feed)
        feeder.start()
        try:
            time.sleep(self.random.uniform(0, PACE * FILES / (kills + 1)))
            process.kill()
            process.wait()
            self.kills += 1
            for _ in range(kills - 1):
                self.kill(self.random.uniform(0, PACE * FILES / kills))
        except Over:
            pass
        finally:
            feeder.join()
        if not (self.out / "over").exists():
            self.finish()
        self.compare()

    def finish(self):
        process = self.start()
        try:
            status = process.wait(LONGEST)
        except subprocess.TimeoutExpired:
            process.kill()
            have = self.got("counts")
            raise Failed(f"the counts add up to {sum(have.values())} of {self.total} after {LONGEST} s; kept in {self.home}") from None
        if status:
            raise Failed(f"the job failed; kept in {self.home}")

    def got(self, name):
        path = self.out / name
        return json.loads(path.read_text()) if path.exists() else {}

    def compare(self):
        for name in ("counts", "window"):
            wrong = {w for w in set(self.words) | set(self.got(name)) if self.words[w] != self.got(name).get(w)}
            if wrong:
                raise Failed(f"{len(wrong)} {name} differ, as of {sorted(wrong)[0]}; kept in {self.home}")


class Over(Exception):
    """The job has counted everything."""


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--kills", type=int, default=100)
    parser.add_argument("--seed", type=int, default=random.randrange(10**6))
    parser.add_argument("--together", type=int, default=2)
    given = parser.parse_args()
    print(f"seed {given.seed}", flush=True)
    home = Path(tempfile.mkdtemp(prefix="dstream-soak-"))
    sizes = [min(KILLS_A_TRIAL, given.kills - at) for at in range(0, given.kills, KILLS_A_TRIAL)]
    numbers, lock, failures, done = iter(enumerate(sizes)), threading.Lock(), [], []

    def work():
        while not failures:
            with lock:
                task = next(numbers, None)
            if task is None:
                return
            trial = Trial(home / f"trial-{task[0]}", f"{given.seed}/{task[0]}")
            try:
                trial.run(task[1])
                done.append(trial)
                shutil.rmtree(trial.home)
            except Exception as failure:  # noqa: BLE001
                failures.append(failure)

    threads = [threading.Thread(target=work) for _ in range(given.together)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if failures:
        print(f"FAILED: {failures[0]}", flush=True)
        sys.exit(1)
    shutil.rmtree(home, ignore_errors=True)
    print(f"{len(done)} trials, {sum(t.kills for t in done)} kills: every count as undisturbed", flush=True)


if __name__ == "__main__":
    main()
