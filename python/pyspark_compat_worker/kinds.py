"""How rows meet a function: one function here for each kind that the engine names (engine/udf).

A kind reads run.batches() and gives its results to run.emit(). The one-to-one kinds give one batch for each batch;
the others call run.taken() for each batch that the user's code took.
"""

import pyarrow as pa

from . import convert
from .errors import PySparkRuntimeError, PySparkTypeError, PySparkValueError


def run(run):
    """Runs what the engine asked for."""
    _KINDS[run.kind](run)


def _bound(function):
    """The function over positional values, those of keyword arguments last as the engine sends them."""
    names = function.arg_names
    if not any(names):
        return function.call
    first = next(i for i, name in enumerate(names) if name)
    call, keywords = function.call, names[first:]
    return lambda *values: call(*values[:first], **dict(zip(keywords, values[first:])))


def _called(function, columns, rows):
    """One result a row, from columns of Python values."""
    call = _bound(function)
    results = list(map(call, *columns)) if columns else [call() for _ in range(rows)]
    if len(results) != rows:  # map() takes a StopIteration of the function for the end of its input
        raise PySparkRuntimeError(errorClass="STOP_ITERATION_OCCURRED", messageParameters={
            "exc": f"StopIteration in {function.name}"})
    return results


def _scalar(run):
    fields = run.input.fields
    used = {i for f in run.functions for i in f.args if i < len(fields)}
    to_values = {i: convert.to_values(fields[i].dataType, run.zone) for i in used}
    to_array = [convert.to_array(run.functions[k].out, run.zone) for k in run.keep]
    schema = convert.arrow_schema(run.output)
    for batch in run.batches():
        values = {i: read(batch.column(i)) for i, read in to_values.items()}
        for position, function in enumerate(run.functions):
            columns = [values[i] for i in function.args]
            values[len(fields) + position] = _called(function, columns, batch.num_rows)
        arrays = [write(values[len(fields) + k]) for k, write in zip(run.keep, to_array)]
        run.emit(pa.record_batch(arrays, schema=schema))


def _series_kind(read, write):
    def kind(run):
        fields = run.input.fields
        schema = convert.arrow_schema(run.output)
        for batch in run.batches():
            values = {i: read(batch.column(i), fields[i].dataType, run) for f in run.functions for i in f.args if i < len(fields)}
            for position, function in enumerate(run.functions):
                result = _bound(function)(*[values[i] for i in function.args])
                _check_length(result, batch.num_rows)
                values[len(fields) + position] = result
            arrays = [write(values[len(fields) + k], run.functions[k].out, run) for k in run.keep]
            run.emit(pa.record_batch(arrays, schema=schema))
    return kind


def _check_length(result, rows):
    if not hasattr(result, "__len__"):
        raise PySparkTypeError(errorClass="UDF_RETURN_TYPE", messageParameters={
            "expected": "pandas.Series", "actual": type(result).__name__})
    if len(result) != rows:
        raise PySparkRuntimeError(errorClass="SCHEMA_MISMATCH_FOR_PANDAS_UDF", messageParameters={
            "udf_type": "pandas_udf", "expected": str(rows), "actual": str(len(result))})


def _to_series(column, data_type, run):
    return convert.to_series(column, data_type, run.zone)


def _from_series(series, data_type, run):
    return convert.from_series(series, data_type, run.zone)


def _to_arrow(column, data_type, run):
    return column


def _from_arrow(array, data_type, run):
    return convert.cast(array, data_type)


def _iterator_kind(read, write):
    """One function over an iterator of columns (or of tuples of them), giving one result for each."""
    def kind(run):
        function, = run.functions
        fields = run.input.fields
        sizes = []

        def inputs():
            for batch in run.batches():
                run.taken()
                sizes.append(batch.num_rows)
                columns = tuple(read(batch.column(i), fields[i].dataType, run) for i in function.args)
                yield columns if len(columns) != 1 else columns[0]

        schema = convert.arrow_schema(run.output)
        given = taken = 0
        for result in _iterate(function.call(inputs())):
            given += len(result)
            taken = sum(sizes)
            if given > taken:
                raise PySparkRuntimeError(errorClass="OUTPUT_EXCEEDS_INPUT_ROWS", messageParameters={})
            run.emit(pa.record_batch([write(result, function.out, run)], schema=schema))
        for batch in run.batches() if not run.drained() else ():
            run.taken()
            sizes.append(batch.num_rows)
        if given != sum(sizes):
            raise PySparkRuntimeError(errorClass="RESULT_LENGTH_MISMATCH_FOR_SCALAR_ITER_PANDAS_UDF", messageParameters={
                "output_length": str(given), "input_length": str(sum(sizes))})
    return kind


def _iterate(results):
    if not hasattr(results, "__iter__"):
        raise PySparkTypeError(errorClass="UDF_RETURN_TYPE", messageParameters={
            "expected": "iterator", "actual": type(results).__name__})
    return iter(results)


def _map_arrow(run):
    function, = run.functions
    schema = convert.arrow_schema(run.output)

    def inputs():
        for batch in run.batches():
            run.taken()
            yield batch

    for result in _iterate(function.call(inputs())):
        if not isinstance(result, pa.RecordBatch):
            raise PySparkTypeError(errorClass="UDF_RETURN_TYPE", messageParameters={
                "expected": "iterator of pyarrow.RecordBatch", "actual": f"iterator of {_kind_name(result)}"})
        run.emit(_fit(result, schema, run.output))


def _map_pandas(run):
    import pandas as pd
    function, = run.functions

    def inputs():
        for batch in run.batches():
            run.taken()
            yield convert.to_frame(batch, run.input, run.zone)

    for result in _iterate(function.call(inputs())):
        if not isinstance(result, pd.DataFrame):
            raise PySparkTypeError(errorClass="UDF_RETURN_TYPE", messageParameters={
                "expected": "iterator of pandas.DataFrame", "actual": f"iterator of {_kind_name(result)}"})
        run.emit(convert.from_frame(result, run.output, run.zone))


def _kind_name(value):
    kind = type(value)
    return kind.__name__ if kind.__module__ == "builtins" else f"{kind.__module__}.{kind.__name__}"


def _fit(batch, schema, declared):
    """The batch with the declared columns in their order; what is missing, extra or of another type is an error."""
    names = batch.schema.names
    if set(names) != set(schema.names) or len(names) != len(schema.names):
        missing = sorted(set(schema.names) - set(names))
        extra = sorted(set(names) - set(schema.names))
        raise PySparkRuntimeError(errorClass="RESULT_COLUMN_NAMES_MISMATCH", messageParameters={
            "missing": f" Missing: {', '.join(missing)}." if missing else "",
            "extra": f" Unexpected: {', '.join(extra)}." if extra else ""})
    if batch.schema.equals(schema):
        return batch
    arrays = []
    for field in declared.fields:
        column = batch.column(names.index(field.name))
        wanted = schema.field(field.name).type
        if column.type != wanted:
            column = _same_kind(column, wanted, field)
        arrays.append(column)
    return pa.record_batch(arrays, schema=schema)


def _same_kind(column, wanted, field):
    """Casts between Arrow forms of one Spark type; anything else is the user's mistake."""
    if convert.spark_name(column.type) != convert.spark_name(wanted):
        raise PySparkRuntimeError(errorClass="RESULT_COLUMN_TYPES_MISMATCH", messageParameters={
            "mismatch": f"column '{field.name}' (expected {wanted}, actual {column.type})"})
    try:
        return column.cast(wanted)
    except pa.ArrowInvalid as error:
        raise PySparkValueError(errorClass="RESULT_COLUMN_TYPES_MISMATCH", messageParameters={
            "mismatch": f"column '{field.name}': {error}"}) from None


_KINDS = {
    "scalar": _scalar,
    "scalar_pandas": _series_kind(_to_series, _from_series),
    "scalar_arrow": _series_kind(_to_arrow, _from_arrow),
    "scalar_pandas_iter": _iterator_kind(_to_series, _from_series),
    "scalar_arrow_iter": _iterator_kind(_to_arrow, _from_arrow),
    "map_arrow": _map_arrow,
    "map_pandas": _map_pandas,
}
