"""The kinds over iterators: the function gets an iterator of columns or batches and gives one."""

import collections
from collections.abc import Iterator

import pyarrow as pa

from . import convert, returned
from .errors import PySparkRuntimeError, PySparkValueError


def joined(batches):
    """One batch of several of one schema."""
    if len(batches) == 1:
        return batches[0]
    table = pa.Table.from_batches(batches).combine_chunks()
    found = table.to_batches()
    return found[0] if found else pa.RecordBatch.from_pylist([], schema=table.schema)


def _pieces(run):
    """The input in batches of the size that the session asks for."""
    for batch in run.batches():
        run.taken()
        yield from run.pieces(batch)


def _iterator(result, label):
    if not isinstance(result, Iterator):
        raise returned.wrong_type(f"iterator of {label}", type(result).__name__)
    return result


def _iterable(result, label):
    """The map kinds take whatever can be iterated over."""
    try:
        return iter(result)
    except TypeError:
        return _iterator(result, label)


def _element(result, wanted, label):
    if not isinstance(result, wanted):
        raise returned.wrong_type(f"iterator of {label}", f"iterator of {type(result).__name__}")


class _Realigned:
    """Gives results in batches of the input's sizes, whatever the function's are."""

    def __init__(self, run):
        self._run = run
        self._sizes = collections.deque()
        self._results = []
        self._rows = 0
        self.taken = self.given = 0

    def batches(self):
        for batch in self._run.batches():
            self._run.taken()
            self._sizes.append(batch.num_rows)
            self.taken += batch.num_rows
            yield from self._run.pieces(batch)

    def give(self, array):
        self.given += len(array)
        if self.given > self.taken:
            raise PySparkRuntimeError(errorClass="OUTPUT_EXCEEDS_INPUT_ROWS", messageParameters={})
        self._results.append(pa.record_batch([array], schema=self._run.spec.schema))
        self._rows += len(array)
        while self._sizes and self._rows >= self._sizes[0]:
            size = self._sizes.popleft()
            self._run.emit(self._take(size))

    def _take(self, size):
        first = self._results[0]
        whole = first if first.num_rows >= size else joined(self._results)
        if whole is not first:
            self._results = [whole]
        rest = whole.slice(size)
        self._results[0:1] = [rest] if rest.num_rows else []
        self._rows -= size
        return whole.slice(0, size)

    def end(self):
        if self.given != self.taken:
            raise PySparkRuntimeError(errorClass="RESULT_ROWS_MISMATCH", messageParameters={
                "output_length": str(self.given), "input_length": str(self.taken)})
        if not self._run.drained and any(True for _ in self.batches()):
            raise PySparkRuntimeError(errorClass="INPUT_NOT_FULLY_CONSUMED", messageParameters={})


def scalar(read, write, label):
    """One function over an iterator of columns, or of tuples of them, giving as many rows."""
    def kind(run):
        spec = run.spec
        function, = spec.functions
        through = _Realigned(run)

        def inputs():
            for batch in through.batches():
                columns = tuple(read(batch.column(i), spec.input.fields[i].dataType, spec.zone) for i in function.args)
                yield columns if len(columns) != 1 else columns[0]

        for result in _iterator(run.calls[0](inputs()), label):
            through.give(write(result, function.out, spec.zone))
        through.end()
    return kind


def map_arrow(run):
    schema = run.spec.schema
    for result in _iterable(run.calls[0](_pieces(run)), "pyarrow.RecordBatch"):
        _element(result, pa.RecordBatch, "pyarrow.RecordBatch")
        run.emit(_fit(result, schema))


def map_pandas(run):
    import pandas as pd
    spec = run.spec

    def inputs():
        for batch in _pieces(run):
            yield convert.to_frame(batch, spec.input, spec.zone)

    for result in _iterable(run.calls[0](inputs()), "pandas.DataFrame"):
        _element(result, pd.DataFrame, "pandas.DataFrame")
        run.emit(convert.from_frame(result, spec.output, spec.zone))


def _fit(batch, schema):
    """The batch as declared: columns count by position, their names do not, and those beyond are left out."""
    if batch.schema.equals(schema):
        return batch
    if batch.num_columns < len(schema):
        if not batch.num_columns and not batch.num_rows:
            return pa.RecordBatch.from_pylist([], schema=schema)
        raise returned.wrong_count(len(schema), batch.num_columns)
    arrays = []
    for column, wanted in zip(batch.columns, schema):
        arrays.append(column if column.type == wanted.type else _same_kind(column, wanted))
    return pa.record_batch(arrays, schema=schema)


def _same_kind(column, wanted):
    """Casts between Arrow forms of one Spark type; anything else is the user's mistake."""
    if convert.spark_name(column.type) != convert.spark_name(wanted.type):
        raise PySparkRuntimeError(errorClass="RESULT_COLUMN_TYPES_MISMATCH", messageParameters={
            "mismatch": f"column '{wanted.name}' (expected {wanted.type}, actual {column.type})"})
    try:
        return column.cast(wanted.type)
    except pa.ArrowInvalid as error:
        raise PySparkValueError(errorClass="RESULT_COLUMN_TYPES_MISMATCH", messageParameters={
            "mismatch": f"column '{wanted.name}': {error}"}) from None
