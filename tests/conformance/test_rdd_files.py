"""RDDs of files: how they are found, split and read."""
import bz2
import gzip
import os

import pytest
from contexts import refusal, run_refusal, write

LINES = b"".join(b"line%03d\n" % i for i in range(37))
ENDS = b"one\r\ntwo\rthree\n\nfour"


@pytest.fixture
def sc(spark):
    return spark.sparkContext


@pytest.fixture
def folder(tmp_path):
    """Files in a folder, hidden ones and compressed ones among them."""
    for name, data in (("a.txt", LINES), ("b.txt", ENDS), ("empty.txt", b""), ("_hidden", b"hidden\n"), (".dot", b"dot\n"),
                       ("c.gz", gzip.compress(b"gz1\ngz2\n" * 50, mtime=0)), ("d.bz2", bz2.compress(b"bz1\nbz2\n" * 50))):
        write(tmp_path / "t", name, data)
    return str(tmp_path / "t")


def name_of(path):
    assert path.startswith("file:/")
    return os.path.basename(path)


@pytest.mark.parametrize("parts", [1, 2, 3, 4, 5, 8])
def test_text_splits(check, sc, folder, parts):
    check(sc.textFile(folder + "/a.txt", parts).glom().map(len).collect())


@pytest.mark.parametrize("parts", [1, 2, 3, 4, 5, 6, 7, 10, 20])
def test_line_ends(check, sc, folder, parts):
    check(sc.textFile(folder + "/b.txt", parts).glom().collect())


@pytest.mark.parametrize("data", [b"\n", b"\r", b"\r\n", b"a", b"a\r\r\nb", b"\r\n\r\n\r\n", b"x\n\r\ny\r", "é\r\nü\nß".encode()])
def test_odd_lines(check, sc, tmp_path, data):
    path = write(tmp_path, "x", data)
    for parts in (1, 2, 3):
        check(sc.textFile(path, parts).glom().collect())


@pytest.mark.parametrize("parts", [1, 2, 4, 6])
def test_directory(check, sc, folder, parts):
    check(sorted((part[0], len(part)) for part in sc.textFile(folder, parts).glom().collect()))


def test_compressed(check, sc, folder):
    check(sc.textFile(folder + "/c.gz", 4).glom().map(len).collect())
    check(sc.textFile(folder + "/d.bz2", 4).glom().map(len).collect())
    check(sorted(set(sc.textFile(folder + "/*.{gz,bz2}").collect())))


def test_bytes_that_are_no_text(check, sc, tmp_path):
    path = write(tmp_path, "bad", b"ok\n\xff\xfe\nend\xc3")
    check(sc.textFile(path).collect())
    check(sc.textFile(path, use_unicode=False).collect())
    check(sc.wholeTextFiles(path).values().collect())
    check(sc.wholeTextFiles(path, use_unicode=False).values().collect())
    check(sc.textFile(write(tmp_path, "bom", b"\xef\xbb\xbfwith\nbom\n")).collect())


def test_globs(check, sc, folder):
    for pattern in ("{a,b}.txt", "[ab].txt", "[^a].txt", "?.txt", "a.txt,", "*.txt", "a*,/b*".replace("/", folder + "/")):
        check.outcome(lambda p=pattern: sc.textFile(f"{folder}/{p}".rstrip(",")).count())
    check(sc.textFile("file:" + folder + "/b.txt").count())
    check(sc.textFile("file://" + folder + "/b.txt").count())


def test_what_is_not_there(check, sc, folder):
    made = sc.textFile(folder + "/missing")
    check(refusal(made.getNumPartitions))
    check(refusal(made.collect))
    check(refusal(sc.textFile(folder + "/zz*").collect))
    check(refusal(lambda: made.map(lambda x: (x, 1)).reduceByKey(max)))
    check(refusal(sc.textFile("").collect))
    check(refusal(sc.textFile(folder + "/_hidden").collect))
    for read in (sc.wholeTextFiles, sc.binaryFiles, lambda p: sc.binaryRecords(p, 4)):
        check(refusal(read(folder + "/missing").collect))
    check(refusal(sc.pickleFile(folder + "/missing").collect))
    made = sc.textFile(folder + "/later")
    write(folder, "later", b"now\n")
    check(made.collect())


def test_nested(check, sc, tmp_path):
    write(tmp_path, "n/top.txt", b"top\n")
    write(tmp_path, "n/x/f.txt", b"nested\n")
    check(refusal(sc.textFile(str(tmp_path / "n")).collect))
    check(sc.textFile(f"{tmp_path}/n/top.txt,{tmp_path}/n/x").collect())
    check([name_of(k) for k, _ in sc.wholeTextFiles(str(tmp_path / "n")).collect()])
    check(sc.textFile(f"{tmp_path}/n/*/f.txt").collect())


def test_empty(check, sc, folder):
    made = sc.textFile(folder + "/empty.txt", 2)
    check([made.getNumPartitions(), made.collect(), made.isEmpty()])
    check([v for _, v in sc.wholeTextFiles(folder + "/empty.txt").collect()])


def test_numbers_of_partitions(check, sc, folder):
    for least in (None, 0):
        check(sc.textFile(folder + "/a.txt", least).getNumPartitions())
    check(refusal(lambda: sc.textFile(folder + "/a.txt", -1).getNumPartitions()))
    check(refusal(lambda: sc.textFile(folder + "/a.txt", "3").getNumPartitions()))


@pytest.mark.parametrize("parts", [1, 2, 3, 5, 9])
def test_whole_files(check, sc, tmp_path, parts):
    for number, size in enumerate((30, 10, 0, 50, 5)):
        write(tmp_path / "w", f"{number}.txt", b"x" * size)
    paths = ",".join(str(tmp_path / "w" / f"{number}.txt") for number in range(5))
    check([[name_of(k) for k, _ in part] for part in sc.wholeTextFiles(paths, parts).glom().collect()])
    check([[(name_of(k), len(v)) for k, v in part] for part in sc.binaryFiles(paths, parts).glom().collect()])


def test_whole_content(check, sc, folder):
    check(sorted((name_of(k), len(v)) for k, v in sc.wholeTextFiles(folder).collect()))
    check(sc.wholeTextFiles(folder + "/b.txt").values().collect())
    check(sc.binaryFiles(folder + "/b.txt").values().collect())
    check([len(v) for v in sc.wholeTextFiles(folder + "/c.gz").values().collect()])
    check(sc.binaryFiles(folder + "/c.gz").values().first()[:2])


def test_records(check, sc, tmp_path):
    write(tmp_path, "r/rec.bin", bytes(range(40)))
    for length in (4, 8, 40):
        check(sc.binaryRecords(str(tmp_path / "r"), length).glom().collect())
    for length in (7, 41, 0):
        check(run_refusal(sc.binaryRecords(str(tmp_path / "r"), length).collect) != "no error")


def test_pickle_files(check, sc, tmp_path):
    path = str(tmp_path / "p")
    sc.parallelize([1, "two", (3, None), {"four": b"4"}] * 6, 3).saveAsPickleFile(path, 4)
    for parts in (1, 3, 6):
        check(sorted(map(len, sc.pickleFile(path, parts).glom().collect())))
    check(sorted(map(repr, sc.pickleFile(path).collect())))
    check(sorted(name for name in os.listdir(path) if not name.startswith(".")))
    check(run_refusal(sc.pickleFile(write(tmp_path, "text", LINES)).collect) != "no error")


def test_saved_text_comes_back(check, sc, tmp_path):
    path = str(tmp_path / "s")
    sc.parallelize(["x", "y", "z"], 2).saveAsTextFile(path)
    check(sorted(sc.textFile(path).collect()))
    check(run_refusal(lambda: sc.parallelize(["x"]).saveAsTextFile(path)))


def test_hadoop_formats(check, sc, folder):
    from contexts import refusal as raised

    for call in (lambda: sc.sequenceFile(folder), lambda: sc.hadoopRDD("a", "b", "c"), lambda: sc.newAPIHadoopRDD("a", "b", "c"),
                 lambda: sc.hadoopFile(folder, "a", "b", "c"), lambda: sc.newAPIHadoopFile(folder, "a", "b", "c")):
        check(raised(call), ours=["PySparkNotImplementedError", None])


def test_lineage(check, sc, folder):
    made = sc.textFile(folder + "/a.txt", 3)
    check(made.name())
    check(made.map(len).toDebugString().decode().count("\n"))


def test_names_of_what_is_not_there(check, sc, folder):
    made = sc.textFile(folder + "/missing")
    check(str(made).split("[")[0].rpartition(" ")[2])
    check(sc.wholeTextFiles(folder + "/missing") is not None)
    check(run_refusal(made.collect))
