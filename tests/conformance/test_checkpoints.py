"""Checkpoints shared with Apache Spark: a query from files to files that one of the two began goes on in the other,
without a lost and without a doubled row. checkpoints.py says how the fixtures were made; each is continued here by
the implementation under test."""

import json
import os

import pytest

import checkpoints
from checkpoints import COUNT, FORMATS, add, expected, put, rows, run

FIXTURES = [("spark", "json"), ("spark", "parquet"), ("ours", "json"), ("ours", "parquet"), ("both", "json")]


def start(fixture, fmt, tmp_path, impl):
    """The fixture in place; how many input files it has read."""
    if not (checkpoints.GOLDEN / fixture / fmt).exists():
        pytest.fail(f"no fixture {fixture}: see checkpoints.py")
    home = tmp_path / "home"
    put(fixture, fmt, home, keep_checksums=impl != "pyspark")
    return home, COUNT + (3 if fixture == "both" else 0)


def forget(home, *logs, checksums=False):
    """Takes entries of logs away, as if the query had been killed before it wrote them. With checksums these go too:
    PySpark cannot write an entry whose checksum is there."""
    for log, number in logs:
        name = str(number) if (number + 1) % 10 or log in ("ck/offsets", "ck/commits") else f"{number}.compact"
        (home / log / name).unlink()
        if checksums:
            (home / log / f".{name}.crc").unlink(missing_ok=True)


SOURCE, OFFSETS, COMMITS, SINK = "ck/sources/0", "ck/offsets", "ck/commits", "out/_spark_metadata"
# what the last batch has reached when the query is killed
KILLS = {
    "at rest": [], "before its commit": [COMMITS], "before its files are named": [COMMITS, SINK],
    "before its offsets": [COMMITS, SINK, OFFSETS], "before its files are listed": [COMMITS, SINK, OFFSETS, SOURCE],
}


@pytest.mark.parametrize("fixture, fmt", FIXTURES)
@pytest.mark.parametrize("kill", KILLS)
def test_a_query_goes_on(check, spark, tmp_path, impl, fixture, fmt, kill):
    home, done = start(fixture, fmt, tmp_path, impl)
    forget(home, *[(log, done - 1) for log in KILLS[kill]], checksums=impl == "pyspark")
    query = run(spark, home, fmt)
    check(query.id == json.loads((home / "ck" / "metadata").read_text())["id"])
    assert rows(spark, home, fmt) == expected(range(done))
    add(home / "in", range(done, done + 12))
    run(spark, home, fmt)
    assert rows(spark, home, fmt) == expected(range(done + 12))
    check(sorted(n for n in os.listdir(home / "out" / "_spark_metadata") if not n.startswith(".")))
    check(sorted(n for n in os.listdir(home / "ck" / "sources" / "0") if not n.startswith(".")))


@pytest.mark.only_ours("Hadoop writes checksums anew; we take those away that are no longer true")
@pytest.mark.parametrize("fmt", FORMATS)
def test_no_checksum_is_stale(spark, tmp_path, impl, fmt):
    """An entry that Spark wrote, that is gone, and that we write again: Spark refuses it by the old checksum."""
    home, done = start("spark", fmt, tmp_path, impl)
    last = [(log, done - 1) for log in (COMMITS, SINK, OFFSETS, SOURCE)]
    forget(home, *last)
    left = [home / log / f".{number}.crc" for log, number in last]
    assert all(path.exists() for path in left)
    run(spark, home, fmt)
    assert rows(spark, home, fmt) == expected(range(done))
    assert not any(path.exists() for path in left)


@pytest.mark.only_ours("Hadoop writes checksums anew; we take those away that are no longer true")
def test_a_compaction_that_is_written_again_loses_its_checksum(spark, tmp_path, impl):
    home, done = start("spark", "json", tmp_path, impl)
    for number in (11, 10, 9):
        forget(home, *[(log, number) for log in (COMMITS, SINK, OFFSETS, SOURCE)])
    left = [home / log / ".9.compact.crc" for log in (SINK, SOURCE)]
    assert all(path.exists() for path in left)
    run(spark, home, "json")
    assert rows(spark, home, "json") == expected(range(done))
    assert not any(path.exists() for path in left)


def test_fixtures_hold_no_paths_of_a_machine():
    found = []
    for path in checkpoints.GOLDEN.rglob("*"):
        if path.is_file() and path.suffix != ".parquet":
            text = path.read_bytes()
            found += [str(path) for word in (b"/tmp/", b"/work/", b"/home/", b"/root/") if word in text]
    assert found == []


@pytest.mark.parametrize("entry", [0, 1, 2])
@pytest.mark.parametrize("damage", ["gone", "null", "{}"])
def test_a_source_log_that_lost_an_entry_is_refused(check, api, spark, tmp_path, entry, damage):
    """Whichever it is: to read its files again would double them, to write it again would lose the next ones."""
    def read():
        rows = spark.readStream.schema("v long").option("maxFilesPerTrigger", 1).json(str(tmp_path / "in"))
        query = rows.writeStream.foreachBatch(lambda frame, epoch: None).option("checkpointLocation", str(tmp_path / "ck")).trigger(availableNow=True).start()
        query.awaitTermination(60)

    (tmp_path / "in").mkdir()
    for n in range(3):
        (tmp_path / "in" / f"{n}.json").write_text(f'{{"v": {n}}}\n')
    read()
    log = tmp_path / "ck" / "sources" / "0" / str(entry)
    log.with_name(f".{entry}.crc").unlink(missing_ok=True)
    if damage == "gone":
        log.unlink()
    else:
        log.write_text(f"v1\n{damage}")
    (tmp_path / "in" / "3.json").write_text('{"v": 3}\n')
    with pytest.raises(api.errors.StreamingQueryException) as caught:
        read()
    check([caught.value.getCondition(), damage != "gone" or "doesn't exist" in str(caught.value)])
