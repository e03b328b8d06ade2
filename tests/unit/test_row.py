"""Row behaves as PySpark's."""

import copy
import pickle

import pytest
from pyspark_compat_worker.row import row_class, rows

from pyspark_compat.errors import PySparkAttributeError, PySparkRuntimeError, PySparkValueError
from pyspark_compat.sql import Row


def test_named():
    row = Row(b=1, a="x")
    assert row == (1, "x") and row.b == 1 and row["a"] == "x" and row[0] == 1 and row[-1] == "x"
    assert repr(row) == "Row(b=1, a='x')" and row.asDict() == {"b": 1, "a": "x"}
    assert "a" in row and "x" not in row and list(row) == [1, "x"] and row.__fields__ == ["b", "a"]
    assert row[0:1] == (1,)


def test_as_a_maker():
    person = Row("name", "age")
    assert repr(person) == "<Row('name', 'age')>" and "name" in person
    assert person("Ann", 3) == Row(name="Ann", age=3) and person("Ann") == ("Ann",)
    with pytest.raises(PySparkValueError) as e:
        person(1, 2, 3)
    assert e.value.getCondition() == "TOO_MANY_VALUES"


def test_recursive_dict():
    row = Row(a=Row(b=1), c=[Row(d=2)], e={"k": Row(f=3)})
    assert row.asDict(True) == {"a": {"b": 1}, "c": [{"d": 2}], "e": {"k": {"f": 3}}}
    assert row.asDict()["a"] == Row(b=1)
    with pytest.raises(TypeError):
        Row(1, 2).asDict()


@pytest.mark.parametrize("make", [lambda: Row(a=1, b=2), lambda: row_class(["a", "b"])((1, 2))])
def test_errors_and_copies(make):
    row = make()
    with pytest.raises(PySparkAttributeError) as e:
        row.nope
    assert e.value.getCondition() == "ATTRIBUTE_NOT_SUPPORTED"
    with pytest.raises(PySparkValueError):
        row["nope"]
    with pytest.raises(PySparkRuntimeError) as e:
        row.a = 5
    assert e.value.getCondition() == "READ_ONLY"
    assert copy.deepcopy(row) == row and pickle.loads(pickle.dumps(row)).b == 2
    assert hash(row) == hash((1, 2))
    with pytest.raises(PySparkValueError):
        Row(1, a=2)


def test_made_by_schema():
    made = rows(["count", "index", "a", "a"], [[1, 2], [3, 4], [5, 6], [7, 8]])
    row = made[0]
    assert repr(row) == "Row(count=1, index=3, a=5, a=7)"
    assert row == Row(1, 3, 5, 7) and row.a == 5 and row["count"] == 1 and callable(row.count)
    assert isinstance(row, Row) and type(row) == Row and type(row).__name__ == "Row"
    assert row.asDict() == {"count": 1, "index": 3, "a": 7}
    assert rows([], []) == []
