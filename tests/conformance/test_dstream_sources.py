"""Where batches come from: folders, records, sockets."""

import threading

import pytest

from dstreams import moved
from test_dstream_listener import Server


def gathered(dstreams, stream, put, wanted, batches=8):
    """All elements that came, sorted, once `wanted` were there or `batches` batches have passed."""
    seen, ticks = [], []
    stream.foreachRDD(lambda rdd: seen.extend(rdd.collect()))
    dstreams.tick(ticks)
    dstreams.ssc.start()
    dstreams.turn(lambda: len(ticks) >= 1, 1)
    put()
    dstreams.turn(lambda: wanted(seen) or len(ticks) >= batches, batches)
    now = len(ticks)
    dstreams.turn(lambda: len(ticks) >= now + 2, 2)
    dstreams.ssc.stop(stopSparkContext=False)
    return sorted(seen)


@pytest.fixture
def folder(dstreams):
    made = dstreams.folder / "in"
    made.mkdir()
    return made


def texts(dstreams, folder, put, count, batches=8):
    stream = dstreams.context().textFileStream(str(folder))
    return gathered(dstreams, stream, put, lambda seen: len(seen) >= count, batches)


def test_text_files(check, dstreams, folder):
    def put():
        moved(folder, "a.txt", "eins\nzwei\n")
        moved(folder, "b", "drei\r\nvier")
        moved(folder, "empty.txt", "")
        moved(folder, "c.txt", "schön\n\n\nfünf\n")
    check(texts(dstreams, folder, put, 7))


def test_names_that_do_not_count(check, dstreams, folder):
    check(texts(dstreams, folder, lambda: (moved(folder, ".hidden", "hidden\n"), moved(folder, "x._COPYING_", "copying\n"), moved(folder, "ok.txt", "ok\n")), 2))


def test_a_name_with_an_underscore(check, dstreams, folder):
    check(texts(dstreams, folder, lambda: moved(folder, "_x", "underscore\n"), 1))


def test_a_name_with_an_underscore_beside_others(check, dstreams, folder):
    """Such a file fails the batch: nothing of it comes."""
    check(texts(dstreams, folder, lambda: (moved(folder, "_x", "underscore\n"), moved(folder, "ok.txt", "ok\n")), 1))


def test_names_with_signs_of_patterns(check, dstreams, folder):
    def put():
        for name in ("a b.txt", "c,d.txt", "e[1].txt", "{f,g}.txt", "h+ä.txt"):
            moved(folder, name, name + "\n")
    check(texts(dstreams, folder, put, 5))


def test_old_files_do_not_count(check, dstreams, folder):
    moved(folder, "before.txt", "before\n", age=3600)
    check(texts(dstreams, folder, lambda: (moved(folder, "old.txt", "old\n", age=120), moved(folder, "new.txt", "new\n")), 2))


def test_files_of_before_the_start_do_not_count(check, dstreams, folder):
    moved(folder, "before.txt", "before\n", age=5)
    check(texts(dstreams, folder, lambda: moved(folder, "new.txt", "new\n"), 2))


def test_text_added_later_is_not_read(check, dstreams, folder):
    def put():
        moved(folder, "a.txt", "one\n")
        seen = threading.Event()
        if dstreams.clock is None:
            seen.wait(1.5)
        else:
            dstreams.clock.advance(dstreams.seconds * 2)
        with open(folder / "a.txt", "a") as f:
            f.write("more\n")
    check(texts(dstreams, folder, put, 2))


def test_folders_inside(check, dstreams, folder):
    def put():
        inner = folder / "inner"
        inner.mkdir()
        moved(inner, "a.txt", "inner\n")
    check(texts(dstreams, folder, put, 1))


def test_patterns(check, dstreams, folder):
    for name in ("p1", "p2", "q"):
        (folder / name).mkdir()
    stream = dstreams.context().textFileStream(str(folder / "p*"))
    put = lambda: [moved(folder / name, "a.txt", name + "\n") for name in ("p1", "p2", "q")]
    check(gathered(dstreams, stream, put, lambda seen: len(seen) >= 2))


def test_a_folder_that_is_not_there(check, dstreams, folder):
    stream = dstreams.context().textFileStream(str(folder / "later"))
    def put():
        (folder / "later").mkdir()
        moved(folder / "later", "a.txt", "came\n")
    check(gathered(dstreams, stream, put, lambda seen: len(seen) >= 1, batches=20))


def test_partitions_of_files(check, dstreams, folder):
    stream = dstreams.context().textFileStream(str(folder)).transform(lambda rdd: rdd.context.parallelize([rdd.getNumPartitions()] if rdd.getNumPartitions() else []))
    put = lambda: [moved(folder, f"{i}.txt", "x\n") for i in range(3)]
    check(sum(gathered(dstreams, stream, put, lambda seen: sum(seen) >= 3)))


def test_url_of_a_folder(check, dstreams, folder):
    stream = dstreams.context().textFileStream("file://" + str(folder))
    check(gathered(dstreams, stream, lambda: moved(folder, "a.txt", "url\n"), lambda seen: seen))


def test_records(check, dstreams, folder):
    stream = dstreams.context().binaryRecordsStream(str(folder), 3)
    check(gathered(dstreams, stream, lambda: moved(folder, "a.bin", b"abcdef\x00\xff\n"), lambda seen: len(seen) >= 3))


def test_socket(check, dstreams):
    server = Server("eins\nzw".encode(), "ei\n\nschö".encode()[:-1], "schö".encode()[-1:] + b"n\r\nlast")
    stream = dstreams.context().socketTextStream("127.0.0.1", server.port)
    got = gathered(dstreams, stream, lambda: None, lambda seen: len(seen) >= 4, batches=40)
    server.close()
    check(got)


def test_socket_that_closes_is_connected_again(check, dstreams):
    server = Server(b"line\n")
    stream = dstreams.context().socketTextStream("127.0.0.1", server.port)
    seen = []
    stream.foreachRDD(lambda rdd: seen.extend(rdd.collect()))
    dstreams.ssc.start()
    dstreams.turn(lambda: len(seen) >= 1, 40)
    server.drop()
    dstreams.turn(lambda: len(seen) >= 2, 200)
    dstreams.ssc.stop(stopSparkContext=False)
    server.close()
    check(seen[:2])


def test_socket_with_a_storage_level(check, dstreams, api):
    server = Server(b"a\nb\n")
    level = api.root.StorageLevel.MEMORY_ONLY
    stream = dstreams.context().socketTextStream("127.0.0.1", server.port, level)
    got = gathered(dstreams, stream, lambda: None, lambda seen: len(seen) >= 2, batches=40)
    server.close()
    check(got)


def test_two_sources_at_once(check, dstreams, folder):
    server = Server(b"net\n")
    ssc = dstreams.context()
    both = ssc.textFileStream(str(folder)).union(ssc.socketTextStream("127.0.0.1", server.port))
    got = gathered(dstreams, both, lambda: moved(folder, "a.txt", "file\n"), lambda seen: len(seen) >= 2, batches=40)
    server.close()
    check(got)
