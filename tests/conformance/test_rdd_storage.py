"""RDDs that are kept: files, checkpoints, persisted elements."""

import bz2
import gzip
import zlib

import pytest


def numbers(sc):
    return sc.parallelize(range(8), 3)


def listing(path):
    """The names a user sees, without hidden ones."""
    return sorted(p.name for p in path.iterdir() if not p.name.startswith((".", "_temporary")))


@pytest.fixture
def counted(spark, tmp_path):
    """counted(rdd): an RDD that leaves a file for each element it computes, and a function that says how many."""
    marks = tmp_path / "marks"
    marks.mkdir()
    folder = str(marks)

    def note(x):
        import tempfile

        tempfile.mkstemp(dir=folder)
        return x

    return (lambda rdd: rdd.map(note)), (lambda: len(list(marks.iterdir())))


def test_text_files(spark, check, tmp_path):
    sc = spark.sparkContext
    sc.parallelize([1, "é", b"raw", None, 2.5, (1, 2), "two\nlines", ""], 3).saveAsTextFile(str(tmp_path / "x"))
    check(listing(tmp_path / "x"))
    check([(tmp_path / "x" / f"part-0000{i}").read_bytes() for i in range(3)])
    check(sc.textFile(str(tmp_path / "x")).collect())


def test_text_file_of_nothing(spark, check, tmp_path):
    sc = spark.sparkContext
    sc.parallelize([], 2).saveAsTextFile(str(tmp_path / "x"))
    sc.emptyRDD().saveAsTextFile(str(tmp_path / "y"))
    check([listing(tmp_path / "x"), listing(tmp_path / "y")])


def test_a_file_address(spark, check, tmp_path):
    numbers(spark.sparkContext).saveAsTextFile(f"file://{tmp_path}/x/y")
    check(listing(tmp_path / "x" / "y"))


@pytest.mark.parametrize("codec,opened", [("GzipCodec", gzip.decompress), ("BZip2Codec", bz2.decompress), ("DefaultCodec", zlib.decompress), ("DeflateCodec", zlib.decompress)])
def test_compressed_text(spark, check, tmp_path, codec, opened):
    numbers(spark.sparkContext).saveAsTextFile(str(tmp_path / "x"), f"org.apache.hadoop.io.compress.{codec}")
    check(listing(tmp_path / "x"))
    check([opened(p.read_bytes()) for p in sorted((tmp_path / "x").iterdir()) if p.name.startswith("part")])


def test_text_that_fails(spark, check, tmp_path):
    sc = spark.sparkContext
    path = str(tmp_path / "x")
    check.error(lambda: numbers(sc).saveAsTextFile(path, "no.such.Codec"))
    numbers(sc).saveAsTextFile(path)
    check.error(lambda: numbers(sc).saveAsTextFile(path))
    check.error(lambda: numbers(sc).saveAsPickleFile(path))
    check.error(lambda: numbers(sc).map(lambda x: 1 / 0).saveAsTextFile(str(tmp_path / "y")))
    check([(tmp_path / "y").exists(), (tmp_path / "y" / "_SUCCESS").exists()])


@pytest.mark.parametrize("size", [10, 1, 3, 0])
def test_pickle_files(spark, check, tmp_path, size):
    sc = spark.sparkContext
    sc.parallelize([1, "é", b"raw", None, 2.5, (1, [2, {"a": 3}])] * 5, 2).saveAsPickleFile(str(tmp_path / "x"), size)
    check(listing(tmp_path / "x"))
    check(sorted(map(repr, sc.pickleFile(str(tmp_path / "x"), 2).collect())))


def test_checkpoint(spark, check, tmp_path, counted):
    sc = spark.sparkContext
    watched, count = counted
    sc.setCheckpointDir(str(tmp_path / "points"))
    rdd = watched(numbers(sc))
    rdd.checkpoint()
    check([rdd.isCheckpointed(), rdd.getCheckpointFile()])
    check(rdd.map(lambda x: x + 1).sum())
    check([rdd.isCheckpointed(), rdd.getCheckpointFile() is not None, rdd.isLocallyCheckpointed()])
    before = count()
    check([rdd.collect(), rdd.map(str).collect(), rdd.getNumPartitions()])
    check(count() - before)
    check(len([line for line in rdd.toDebugString().decode().splitlines() if "ReliableCheckpointRDD" in line]))


def test_checkpoint_behind_a_shuffle(spark, check, tmp_path):
    sc = spark.sparkContext
    sc.setCheckpointDir(str(tmp_path / "points"))
    rdd = numbers(sc).keyBy(lambda x: x % 3).reduceByKey(max)
    rdd.checkpoint()
    check(rdd.collect())
    check(rdd.join(rdd).collect())
    check(rdd.isCheckpointed())


def test_local_checkpoint(spark, check, counted):
    watched, count = counted
    rdd = watched(numbers(spark.sparkContext))
    rdd.localCheckpoint()
    check([rdd.isCheckpointed(), rdd.isLocallyCheckpointed(), rdd.getCheckpointFile(), str(rdd.getStorageLevel())])
    check([rdd.sum(), rdd.collect()])
    check(rdd.isLocallyCheckpointed())


@pytest.mark.parametrize("level", ["MEMORY_ONLY", "DISK_ONLY", "MEMORY_AND_DISK", "MEMORY_AND_DISK_2", "MEMORY_AND_DISK_DESER"])
def test_persist(spark, check, api, counted, level):
    watched, count = counted
    level = getattr(api.load("storagelevel").StorageLevel, level)
    rdd = watched(numbers(spark.sparkContext)).persist(level)
    check([rdd.is_cached, str(rdd.getStorageLevel()), count()])
    check([rdd.count(), rdd.sum(), rdd.map(lambda x: -x).collect(), count()])
    rdd.unpersist(True)
    check([rdd.is_cached, str(rdd.getStorageLevel()), rdd.count(), count()])


def test_persist_of_one_partition(spark, check, counted):
    watched, count = counted
    rdd = watched(numbers(spark.sparkContext)).cache()
    check([rdd.first(), count() <= 3, rdd.collect(), rdd.collect(), count()])


HADOOP = ["saveAsHadoopDataset", "saveAsNewAPIHadoopDataset", "saveAsHadoopFile", "saveAsNewAPIHadoopFile", "saveAsSequenceFile"]


@pytest.mark.only_ours("Hadoop's output formats are refused by name")
@pytest.mark.parametrize("method", HADOOP)
def test_hadoop(spark, api, method):
    arguments = ({},) if "Dataset" in method else ("x",) if "Sequence" in method else ("x", "org.apache.hadoop.mapred.TextOutputFormat")
    with pytest.raises(api.errors.PySparkNotImplementedError, match=method):
        getattr(numbers(spark.sparkContext), method)(*arguments)
