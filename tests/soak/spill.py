"""groupByKey and sortByKey over much more than memory: they end, give all, and the process tree stays small.

    python spill.py [--gb 2] [--engine 200m] [--worker 50m] [--limit-mb 600]

Elements are made in the workers. Peak memory is the proportional set size of this process and all below it.
"""

import argparse
import json
import os
import sys
import threading
import time
from pathlib import Path

sys.path[:0] = [str(Path(__file__).resolve().parents[2]), str(Path(__file__).resolve().parents[2] / "python")]

VALUE = 1000  # bytes of a value
SLICES = 16


def tree(root):
    """The process and all below it."""
    children, found = {}, [root]
    for entry in os.listdir("/proc"):
        if entry.isdigit():
            try:
                with open(f"/proc/{entry}/stat") as file:
                    children.setdefault(int(file.read().rpartition(")")[2].split()[1]), []).append(int(entry))
            except OSError:
                pass
    for pid in found:
        found += children.get(pid, [])
    return found


def pss(pids):
    total = 0
    for pid in pids:
        try:
            with open(f"/proc/{pid}/smaps_rollup") as file:
                total += sum(int(line.split()[1]) for line in file if line.startswith("Pss:"))
        except OSError:
            pass
    return total // 1024


class Watch(threading.Thread):
    """The peak of the process tree, in MB."""

    def __init__(self):
        super().__init__(daemon=True)
        self.peak, self._over = 0, threading.Event()

    def run(self):
        while not self._over.wait(0.2):
            self.peak = max(self.peak, pss(tree(os.getpid())))

    def stop(self):
        self._over.set()
        self.join()


def made(count, keys):
    """A step that makes `count` pairs a partition: keys in a scattered order, values that do not compress to nothing."""

    def make(split, _):
        state = split * 7919 + 1
        for i in range(count):
            state = (state * 6364136223846793005 + 1442695040888963407) & ((1 << 64) - 1)
            yield state % keys, (b"%020d" % state) * (VALUE // 20)

    return make


def main():
    given = argparse.ArgumentParser()
    given.add_argument("--gb", type=float, default=2)
    given.add_argument("--engine", default="200m")
    given.add_argument("--worker", default="50m")
    given.add_argument("--limit-mb", type=int, default=600)
    given = given.parse_args()
    from pyspark_compat import SparkConf, SparkContext

    conf = SparkConf().setAll([("spark.memory.engine", given.engine), ("spark.python.worker.memory", given.worker)])
    count = int(given.gb * (1 << 30) / VALUE / SLICES)
    watch, results = Watch(), []
    watch.start()
    with SparkContext("local[2]", "spill", conf=conf) as sc:
        for name, job, expected in (
            ("groupByKey", lambda: sc.parallelize(range(SLICES), SLICES).mapPartitionsWithIndex(made(count, 20_000))
             .groupByKey().map(lambda pair: len(pair[1])).sum(), count * SLICES),
            ("groupByKey of 3 keys", lambda: sc.parallelize(range(SLICES), SLICES).mapPartitionsWithIndex(made(count, 3))
             .groupByKey().map(lambda pair: sum(map(len, pair[1])) // VALUE).sum(), count * SLICES),
            ("sortByKey", lambda: ordered(sc.parallelize(range(SLICES), SLICES).mapPartitionsWithIndex(made(count, 1 << 40)).sortByKey()),
             count * SLICES),
        ):
            watch.peak, start = 0, time.monotonic()
            found = job()
            results.append({"job": name, "seconds": round(time.monotonic() - start, 1), "peak_mb": watch.peak,
                            "right": found == expected, "small": watch.peak < given.limit_mb})
            print(json.dumps(results[-1]), flush=True)
    watch.stop()
    sys.exit(not all(r["right"] and r["small"] for r in results))


def ordered(rdd):
    """The number of pairs, or -1 where one comes before a smaller key."""

    def check(pairs):
        last, first, count = None, None, 0
        for key, _ in pairs:
            if last is not None and key < last:
                return [(None, None, -1)]
            first, last, count = key if first is None else first, key, count + 1
        return [(first, last, count)] if count else []

    parts = rdd.mapPartitions(check).collect()
    ends = [end for first, last, _ in parts for end in (first, last)]
    return sum(count for _, _, count in parts) if ends == sorted(ends) else -1


if __name__ == "__main__":
    main()
