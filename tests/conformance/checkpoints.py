"""Checkpoints of a stateless query from files to files, written by PySpark and by us: the fixtures under
tests/golden/checkpoints, and how a test puts one in place.

    python tests/conformance/checkpoints.py pyspark tests/golden/checkpoints/spark        # needs PySpark 4.3
    python tests/conformance/checkpoints.py pyspark_compat tests/golden/checkpoints/ours
    python tests/conformance/checkpoints.py pyspark_compat tests/golden/checkpoints/both tests/golden/checkpoints/spark

The logs name files by their absolute paths. In a fixture the folder is written as /FIXTURE; put() copies the fixture
and puts the new folder in its place, in every log. A checksum (.N.crc) that Hadoop keeps beside a log file is right
only for the bytes that it was made of: put() takes away those of the files that it changes, if PySpark is to read them.
"""

import importlib
import json
import os
import pathlib
import shutil
import sys
import tempfile

GOLDEN = pathlib.Path(__file__).parent.parent / "golden" / "checkpoints"
FIRST_MTIME = 1_700_000_000
FORMATS = ["json", "parquet"]
COUNT = 12


def add(folder, numbers):
    """Input files with one row each, in order of modification time."""
    folder.mkdir(parents=True, exist_ok=True)
    for i in numbers:
        path = folder / f"{i:02d}.json"
        path.write_text(json.dumps({"k": f"k{i}", "v": i}) + "\n")
        os.utime(path, (FIRST_MTIME + i, FIRST_MTIME + i))


def run(spark, home, fmt):
    """The query: two of three rows pass, one file a batch."""
    d = spark.readStream.schema("k string, v int").option("maxFilesPerTrigger", 1).json(str(home / "in"))
    d = d.where("v % 3 <> 1").selectExpr("upper(k) as k", "v * 10 as w").coalesce(1)
    q = d.writeStream.format(fmt).option("checkpointLocation", str(home / "ck")).trigger(availableNow=True).start(str(home / "out"))
    assert q.awaitTermination(120)
    return q


def expected(numbers):
    return sorted([f"K{i}", i * 10] for i in numbers if i % 3 != 1)


def rows(spark, home, fmt):
    return sorted([r.k, r.w] for r in spark.read.schema("k string, w int").format(fmt).load(str(home / "out")).collect())


def put(fixture, fmt, home, keep_checksums):
    """Copies a fixture's checkpoint and output to home, and makes its input again, with the times the logs know."""
    shutil.copytree(GOLDEN / fixture / fmt, home, dirs_exist_ok=True)
    rewrite(home, "/FIXTURE", str(home), keep_checksums)
    add(home / "in", range(COUNT + (3 if fixture == "both" else 0)))


def rewrite(home, before, after, keep_checksums):
    for log in [home / "ck" / "sources" / "0", home / "out" / "_spark_metadata"]:
        for path in log.iterdir():
            if path.name.startswith("."):
                continue
            text = path.read_text()
            changed = text.replace(f"file://{before}/", f"file://{after}/")
            if changed != text:
                path.write_text(changed)
                if not keep_checksums:
                    (log / f".{path.name}.crc").unlink(missing_ok=True)


def make(impl, target, start=None):
    """Writes the fixture: twelve batches, or three more after those of another fixture."""
    sql = importlib.import_module(f"{impl}.sql")
    spark = sql.SparkSession.builder.master("local[1]").config("spark.ui.enabled", "false").config("spark.sql.shuffle.partitions", 1).getOrCreate()
    for fmt in FORMATS if start is None else ["json"]:
        with tempfile.TemporaryDirectory() as folder:
            home = pathlib.Path(folder) / "home"
            if start is None:
                add(home / "in", range(COUNT))
            else:
                put(start.name, fmt, home, keep_checksums=True)
                add(home / "in", range(COUNT, COUNT + 3))
            run(spark, home, fmt)
            shutil.rmtree(home / "in")
            rewrite(home, str(home), "/FIXTURE", keep_checksums=True)
            shutil.rmtree(target / fmt, ignore_errors=True)
            shutil.copytree(home, target / fmt)
    spark.stop()


if __name__ == "__main__":
    make(sys.argv[1], pathlib.Path(sys.argv[2]), pathlib.Path(sys.argv[3]) if len(sys.argv) > 3 else None)
