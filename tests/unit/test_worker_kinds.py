"""What each kind of Python function does with batches, without an engine: frames go to and come from lists."""

import json
import struct

import cloudpickle
import pytest

pa = pytest.importorskip("pyarrow")

from pyspark_compat_worker import convert, kinds  # noqa: E402
from pyspark_compat_worker.calls import loop, names  # noqa: E402
from pyspark_compat_worker.errors import PySparkNotImplementedError, PySparkRuntimeError, PySparkTypeError  # noqa: E402
from pyspark_compat_worker.run import Run  # noqa: E402
from pyspark_compat_worker.types import LongType, StringType, StructField, StructType  # noqa: E402
from pyspark_compat_worker.wire import Gone  # noqa: E402


class Wire:
    """A wire of frames at hand."""

    def __init__(self, frames):
        self._frames = list(frames)
        self.sent = []

    def read(self):
        if not self._frames:
            raise Gone
        return self._frames.pop(0)

    def write(self, kind, *parts):
        self.sent.append((kind, b"".join(bytes(memoryview(p)) for p in parts)))

    def results(self):
        schema, out = None, []
        for kind, body in self.sent:
            if kind == b"S":
                schema = pa.ipc.read_schema(pa.py_buffer(body))
            elif kind == b"B":
                out.append(pa.ipc.read_record_batch(pa.py_buffer(body), schema))
        return out


def body(kind, calls, inputs, output, args=None, arg_names=None, conf=None):
    """A spec's frame for calls over the input's columns; all results are kept."""
    pickles = [cloudpickle.dumps((call,)) for call in calls]
    functions = [{"name": "f", "command": len(p), "args": list(range(len(inputs.fields))) if args is None else args[i],
                  "argNames": arg_names, "out": output.fields[min(i, len(output.fields) - 1)].dataType.jsonValue()}
                 for i, p in enumerate(pickles)]
    text = json.dumps({"kind": kind, "functions": functions, "input": inputs.jsonValue(), "output": output.jsonValue(),
                       "keep": list(range(len(calls))), "zone": "UTC", "conf": conf}).encode()
    return pa.py_buffer(struct.pack("<qqqqQ", 3, 7, 5000, -1, len(text)) + text + b"".join(pickles))


def struct_of(**columns):
    return StructType([StructField(n, t) for n, t in columns.items()])


LONG, TEXT = struct_of(x=LongType()), struct_of(x=LongType(), s=StringType())
OUT = struct_of(y=LongType())


def ran(kind, call, batches, inputs=LONG, output=OUT, **more):
    schema = convert.arrow_schema(inputs)
    frames = [(b"S", pa.py_buffer(schema.serialize()))]
    frames += [(b"B", pa.record_batch(b, schema=schema).serialize()) for b in batches]
    wire = Wire([*frames, (b"F", b"")])
    calls = call if isinstance(call, list) else [call]
    kinds.run(Run(body(kind, calls, inputs, output, **more), wire))
    assert [b.schema for b in wire.results()] == [convert.arrow_schema(output)] * len(wire.results())
    wire.taken = sum(kind == b"T" for kind, _ in wire.sent)
    return wire


def values(wire):
    return [b.column(0).to_pylist() for b in wire.results()]


def test_run_knows_its_place():
    run = Run(body("scalar", [len], LONG, OUT), Wire([]))
    assert (run.partition, run.epoch, run.calls, run.drained) == (3, 7, [len], False)
    again = Run(body("scalar", [len], LONG, OUT), Wire([]))
    assert again.spec is run.spec, "a spec is read once"


def test_scalar():
    wire = ran("scalar", lambda x: x and x + 1, [[[1, None]], [[]], [[5]]])
    assert values(wire) == [[2, None], [], [6]] and wire.taken == 0


def test_scalar_sees_columns_once_in_order():
    wire = ran("scalar", [lambda s, x: f"{s}{x}", lambda y: y * 2], [[[1, 2], ["a", "b"]]], TEXT,
               struct_of(p=StringType(), q=StringType()), args=[[1, 0], [2]])
    assert [c.to_pylist() for c in wire.results()[0].columns] == [["a1", "b2"], ["a1a1", "b2b2"]]


class Arguments:
    def __init__(self, args, arg_names):
        self.args, self.arg_names = args, arg_names


@pytest.mark.parametrize("args, given, call, want", [
    ([0], [], lambda a: a, [1, 2]),
    ([0, 1], ["", "k"], lambda a, *, k: (a, k), [(1, 3), (2, 4)]),
    ([0, 1], ["k", "a"], lambda a, k: (a, k), [(3, 1), (4, 2)]),
    ([0], ["class"], lambda **k: k["class"], [1, 2]),
    ([0, 1], ["", "no name"], lambda a, **k: (a, k["no name"]), [(1, 3), (2, 4)]),
    ([], [], lambda: 0, [0, 0]),
])
def test_loop(args, given, call, want):
    function = Arguments(args, given)
    assert len(names(function)) == len(args)
    columns = [[1, 2], [3, 4]]
    assert loop(function)(call, 2, *[columns[a] for a in args]) == want


@pytest.mark.parametrize("columns", [[[1, 2, 3]], []])
def test_loop_does_not_take_stop_iteration_for_an_end(columns):
    def stop(*_):
        raise StopIteration("early")

    with pytest.raises(PySparkRuntimeError, match="STOP_ITERATION_OCCURRED.*early"):
        loop(Arguments(list(range(len(columns))), []))(stop, 3, *columns)


def test_columns_in_pieces():
    conf = {"spark.sql.execution.arrow.maxRecordsPerBatch": "2"}
    sizes = ran("scalar_arrow", lambda x: pa.array([len(x)] * len(x), pa.int64()), [[[1, 2, 3]], [[]], [[4]]], conf=conf)
    assert values(sizes) == [[2, 2, 1], [], [1]]


def test_pandas():
    pytest.importorskip("pandas")
    assert values(ran("scalar_pandas", lambda x: x * 2, [[[1, 2]], [[]]])) == [[2, 4], []]
    with pytest.raises(PySparkRuntimeError, match="RESULT_ROWS_MISMATCH"):
        ran("scalar_pandas", lambda x: x[:1], [[[1, 2]]])
    with pytest.raises(PySparkTypeError, match="UDF_RETURN_TYPE"):
        ran("scalar_pandas", lambda x: 1, [[[1, 2]]])


def test_iterator_results_are_realigned():
    def halves(arrays):
        whole = pa.concat_arrays(list(arrays))
        yield whole.slice(0, 4)
        yield whole.slice(4)

    wire = ran("scalar_arrow_iter", halves, [[[1]], [[2, 3]], [[]], [[4, 5, 6]]])
    assert values(wire) == [[1], [2, 3], [], [4, 5, 6]] and wire.taken == 4


@pytest.mark.parametrize("call, condition", [
    (lambda it: list(it), "UDF_RETURN_TYPE"),
    (lambda it: (x.slice(1) for x in it), "RESULT_ROWS_MISMATCH"),
    (lambda it: (y for x in it for y in (x, x)), "OUTPUT_EXCEEDS_INPUT_ROWS"),
    (lambda it: iter([next(it)]), "INPUT_NOT_FULLY_CONSUMED"),
])
def test_iterator_mistakes(call, condition):
    with pytest.raises((PySparkRuntimeError, PySparkTypeError), match=condition):
        ran("scalar_arrow_iter", call, [[[1, 2]], [[3]]])


def test_map_arrow():
    assert values(ran("map_arrow", lambda it: it, [[[1]], [[2]]])) == [[1], [2]]
    wire = ran("map_arrow", lambda it: [pa.record_batch([pa.array([1], pa.int64()), pa.array(["left out"])], names="ab")], [])
    assert values(wire) == [[1]]
    assert values(ran("map_arrow", lambda it: iter([pa.record_batch([pa.array(["z"], pa.large_string())], names="s")]), [],
                      output=struct_of(s=StringType()))) == [["z"]]


def test_map_pandas():
    pd = pytest.importorskip("pandas")
    assert values(ran("map_pandas", lambda it: (d.rename(columns={"x": "y"}) for d in it), [[[1, 2]]])) == [[1, 2]]
    assert values(ran("map_pandas", lambda it: [pd.DataFrame({"y": [4], "left out": [1]})], [])) == [[4]]


def test_what_is_not_built():
    with pytest.raises(PySparkNotImplementedError, match="table function"):
        ran("table function", lambda x: x, [])


def test_engine_that_ends_in_the_middle():
    with pytest.raises(Gone):
        kinds.run(Run(body("scalar", [len], LONG, OUT), Wire([])))
    with pytest.raises(Gone):
        kinds.run(Run(body("scalar", [len], LONG, OUT), Wire([(b"O", b"")])))
    assert not issubclass(Gone, Exception), "a user's except clause would catch it"
