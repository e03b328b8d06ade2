"""How rows meet a function: one function here for each kind that the engine names (engine/udf).

A kind reads run.batches() and gives its results to run.emit(). The one-to-one kinds give one batch for each batch;
the others call run.taken() for each batch that the user's code took. kinds_iter.py holds the kinds over iterators.
"""

import pyarrow as pa

from . import calls, convert, kinds_foreach, kinds_group, kinds_iter, kinds_state, returned
from .errors import PySparkRuntimeError, PySparkValueError, not_implemented
from .run import pieces
from .types_nested import StructType

_ROWS = 8192  # as many rows at once as Python objects: more would not stay in the processor's cache


def run(run):
    """Runs what the engine asked for."""
    kind = _KINDS.get(run.spec.kind)
    if kind is None:
        raise not_implemented(f"a Python function of kind {run.spec.kind}")
    kind(run)


class _Steps:
    """What the functions of a spec do to a batch: columns read from it, and the calls in their order.

    Values are known by their number: the input's columns first, then each function's results.
    """

    def __init__(self, spec):
        inputs = len(spec.input.fields)
        self.reads = sorted({i for f in spec.functions for i in f.args if i < inputs})
        self.types = {i: spec.input.fields[i].dataType for i in self.reads}
        self.first = inputs
        self.kept = [(inputs + k, spec.functions[k].out) for k in spec.keep]


def _scalar(run):
    spec = run.spec
    if spec.made is None:
        steps = _Steps(spec)
        spec.made = (steps, [(i, convert.to_values(steps.types[i], spec.zone)) for i in steps.reads],
                     [(n, calls.loop(f), f.args) for n, f in enumerate(spec.functions, steps.first)],
                     [(n, convert.to_array(out, spec.zone)) for n, out in steps.kept])
    _, reads, loops, writes = spec.made

    def results(batch):
        values = {i: read(batch.column(i)) for i, read in reads}
        for call, (number, loop, args) in zip(run.calls, loops):
            values[number] = loop(call, batch.num_rows, *[values[i] for i in args])
        return pa.record_batch([write(values[n]) for n, write in writes], schema=spec.schema)

    for batch in run.batches():
        run.emit(kinds_iter.joined([results(piece) for piece in pieces(batch, _ROWS)]))


def _columns_kind(read, write, check):
    """A kind whose functions take and give whole columns."""
    def kind(run):
        spec = run.spec
        if spec.made is None:
            spec.made = _Steps(spec)
        steps = spec.made

        def results(batch):
            values = {i: read(batch.column(i), steps.types[i], spec.zone) for i in steps.reads}
            for number, (call, function) in enumerate(zip(run.calls, spec.functions), steps.first):
                result = calls.once(function, call, [values[i] for i in function.args])
                check(result, function.out, batch.num_rows)
                values[number] = result
            return pa.record_batch([write(values[n], out, spec.zone) for n, out in steps.kept], schema=spec.schema)

        for batch in run.batches():
            run.emit(kinds_iter.joined([results(piece) for piece in run.pieces(batch)]))
    return kind


def _check_series(result, out, rows):
    struct = isinstance(out, StructType)
    if not hasattr(result, "__len__"):
        raise returned.wrong_type("pandas.DataFrame" if struct else "pandas.Series", type(result).__name__)
    _check_rows(len(result), rows)
    if struct and not _is_frame(result):
        raise PySparkValueError("The function's return type is a struct: it must return a pandas.DataFrame.")


def _is_frame(result):
    import pandas
    return isinstance(result, pandas.DataFrame)


def _check_array(result, out, rows):
    try:
        length = len(result)
    except TypeError:
        raise returned.wrong_type("array-like object", type(result).__name__) from None
    _check_rows(length, rows)


def _check_rows(given, rows):
    if given != rows:
        raise PySparkRuntimeError(errorClass="RESULT_ROWS_MISMATCH", messageParameters={
            "output_length": str(given), "input_length": str(rows)})


def _array(column, data_type, zone):
    return column


def _cast(array, data_type, zone):
    return convert.cast(array, data_type)


_KINDS = {
    "scalar": _scalar,
    "scalar_pandas": _columns_kind(convert.to_series, convert.from_series, _check_series),
    "scalar_arrow": _columns_kind(_array, _cast, _check_array),
    "scalar_pandas_iter": kinds_iter.scalar(convert.to_series, convert.from_series, "pandas.Series"),
    "scalar_arrow_iter": kinds_iter.scalar(_array, _cast, "pyarrow.Array"),
    "map_arrow": kinds_iter.map_arrow,
    "map_pandas": kinds_iter.map_pandas,
    **kinds_group.KINDS,
    "group_state": kinds_state.run_kind,
    "foreach": kinds_foreach.run_kind,
}
