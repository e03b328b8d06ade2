"""udf, pandas_udf and arrow_udf: forms, return types, kinds read from type hints."""

import pickle
from typing import Iterator, Tuple

import pytest

from pyspark_compat.errors import PySparkNotImplementedError, PySparkTypeError, PySparkValueError
from pyspark_compat.sql import functions as F
from pyspark_compat.sql import types as T
from pyspark_compat.sql.udf import UDFRegistration, UserDefinedFunction, pickle_function, unwrap

pa = pytest.importorskip("pyarrow")
pd = pytest.importorskip("pandas")


def test_forms():
    @F.udf
    def text(x):
        "Doc."
        return x

    @F.udf("int")
    def number(x):
        return x

    @F.udf(returnType=T.LongType(), useArrow=False)
    def long(x):
        return x

    named = F.udf(lambda x: x, T.DateType())
    assert [f.returnType.simpleString() for f in (text, number, long, named)] == ["string", "int", "bigint", "date"]
    assert (text.__name__, text.__doc__, named.__name__) == ("text", "Doc.", "<lambda>")
    assert (text.evalType, long.evalType, text.deterministic) == (101, 100, True)
    assert repr(text("a")) == "Column<'text(a)'>" and repr(number(F.col("a"), k="b")) == "Column<'number(a, k => b)'>"
    assert not text.asNondeterministic().deterministic

    class Adder:
        def __call__(self, x):
            return x + 1

    assert repr(F.udf(Adder(), "int")("a")) == "Column<'Adder(a)'>"


def test_bad_arguments():
    with pytest.raises(PySparkTypeError):
        F.udf(lambda x: x, 5)
    with pytest.raises(PySparkTypeError):
        UserDefinedFunction(5)
    with pytest.raises(PySparkTypeError):
        F.udf(lambda x: x)(5)
    with pytest.raises(PySparkNotImplementedError):
        F.udf(lambda x: x, T.CalendarIntervalType())("a")


def series(a: pd.Series) -> pd.Series: ...
def several(a: pd.Series, *b: pd.Series) -> pd.Series: ...
def struct(a: pd.DataFrame) -> pd.DataFrame: ...
def stream(a: Iterator[pd.Series]) -> Iterator[pd.Series]: ...
def tuples(a: Iterator[Tuple[pd.Series, ...]]) -> Iterator[pd.Series]: ...
def total(a: pd.Series) -> float: ...
def totals(a: Iterator[pd.Series]) -> float: ...
def arrays(a: pa.Array) -> pa.Array: ...
def array_stream(a: Iterator[pa.Array]) -> Iterator[pa.Array]: ...
def array_total(a: pa.Array) -> int: ...
def plain(a: int) -> int: ...


@pytest.mark.parametrize("function, kind", [
    (series, 200), (several, 200), (struct, 200), (stream, 204), (tuples, 204), (total, 202), (totals, 217)])
def test_pandas_kinds(function, kind):
    assert F.pandas_udf(function, "long").evalType == kind and F.udf(function, "long").evalType == kind


@pytest.mark.parametrize("function, kind", [(arrays, 250), (array_stream, 251), (array_total, 252)])
def test_arrow_kinds(function, kind):
    assert F.arrow_udf(function, "long").evalType == kind


def test_kinds_without_hints():
    assert F.pandas_udf(lambda x: x, "long").evalType == 200 and F.udf(plain, "int").evalType == 101
    with pytest.warns(UserWarning):
        assert F.pandas_udf("long", F.PandasUDFType.GROUPED_AGG)(lambda x: 1).evalType == 202
    with pytest.raises(PySparkNotImplementedError) as e:
        F.pandas_udf(plain, "int")
    assert e.value.getCondition() == "UNSUPPORTED_SIGNATURE"
    for make, condition in (
        (lambda: F.pandas_udf(lambda: 1, "int"), "INVALID_PANDAS_UDF"),
        (lambda: F.pandas_udf(lambda x: x), "CANNOT_BE_NONE"),
        (lambda: F.pandas_udf(lambda x: x, "int", 999), "INVALID_PANDAS_UDF_TYPE"),
    ):
        with pytest.raises((PySparkTypeError, PySparkValueError)) as e:
            make()
        assert e.value.getCondition() == condition


def test_pickling_failure_says_why():
    import threading

    with pytest.raises(pickle.PicklingError, match="Could not serialize object"):
        pickle_function(threading.Lock())


class Session:
    def _register_function(self, function):
        self.got = function


def test_registration():
    session = Session()
    registry = UDFRegistration(session)
    again = registry.register("inc", lambda x: x + 1, "int")
    assert (session.got._name, session.got.returnType, again(F.col("a")) is not None) == ("inc", T.IntegerType(), True)
    given = F.udf(lambda x: x, "date")
    assert registry.register("same", given) is given and session.got._name == "same"
    assert unwrap(given) is not session.got and session.got.returnType == T.DateType()
    with pytest.raises(PySparkTypeError) as e:
        registry.register("twice", given, "int")
    assert e.value.getCondition() == "CANNOT_SPECIFY_RETURN_TYPE_FOR_UDF"
    with pytest.raises(PySparkNotImplementedError):
        registry.registerJavaFunction("j", "a.B")
