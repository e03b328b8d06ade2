"""Files as RDDs read them, without a context."""
import pickle

import pytest

from pyspark_compat_worker import pickle_files, rdd_files


def lines(path, start, length):
    return list(rdd_files.Lines(True)(0, [lambda: pickle.dumps((str(path), start, length))]))


@pytest.mark.parametrize("end", ["\n", "\r", "\r\n"])
def test_every_line_is_in_one_split(tmp_path, monkeypatch, end):
    monkeypatch.setattr(rdd_files, "_CHUNK", 7)
    path, wanted = tmp_path / "f", ["%d" % (10 ** (i % 9)) for i in range(40)]
    path.write_bytes((end.join(wanted) + end).encode())
    size = path.stat().st_size
    for part in (1, 2, 3, 5, 17, size):
        found = [line for start in range(0, size, part) for line in lines(path, start, min(part, size - start))]
        assert found == wanted, part


def test_commas_in_braces_do_not_separate():
    assert rdd_files.paths_of("a,{b,c}/d,e") == ["a", "{b,c}/d", "e"]
    assert set(rdd_files._braces("x{a,b{1,2}}")) == {"xa", "xb1", "xb2"}


@pytest.mark.parametrize("path", ["hdfs://host/x", "s3a://bucket/x"])
def test_other_file_systems_are_refused_by_name(path):
    with pytest.raises(Exception, match="NOT_IMPLEMENTED.*" + path.split(":")[0]):
        rdd_files.local_path(path)


def test_pickle_files_come_back_whole_whatever_the_splits(tmp_path):
    path, wanted = str(tmp_path / "part-00000"), [[i] * 200 for i in range(3000)]
    pickle_files.write(path, (pickle.dumps(wanted[at:at + 5]) for at in range(0, 3000, 5)))
    size = (tmp_path / "part-00000").stat().st_size
    step = pickle_files.PickledLists()
    for part in (size, 100 << 10, 300001):
        found = [x for start in range(0, size, part) for x in step(0, [lambda s=start: pickle.dumps((path, s, min(part, size - s)))])]
        assert found == wanted, part
    with pytest.raises(ValueError, match="not a SequenceFile"):
        (tmp_path / "text").write_text("text")
        list(pickle_files.records(str(tmp_path / "text"), 0, 4))
