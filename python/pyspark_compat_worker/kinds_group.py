"""The kinds over groups: the function gets all rows with one key."""
import inspect

import pyarrow as pa

from . import calls, convert, returned
from .errors import PySparkRuntimeError
from .groups import Frames, Side, columns_of, groups

_MOST = 10000  # rows of results that are sent at once, and frames that make them


def _sides(run):
    """The inputs of a spec, made once."""
    spec = run.spec
    if spec.made is None:
        spec.made = [Side(spec.input, spec.functions[0].args, spec.keys, spec.zone)]
        if spec.other.fields:
            spec.made.append(Side(spec.other, spec.other_args, spec.other_keys, spec.zone))
    return spec.made


def arity(call):
    """How many arguments a function names."""
    return len(inspect.getfullargspec(call).args) - (1 if inspect.ismethod(call) else 0)


def checked(frame, struct, label="pandas.DataFrame"):
    """The Series of a frame, one a field of the schema: by name where names are strings. None for an empty frame."""
    import pandas as pd

    if not isinstance(frame, pd.DataFrame):
        raise returned.wrong_type(label, type(frame).__name__)
    names = list(frame.columns)
    if names == struct.names:
        return columns_of(frame)
    if not names and not len(frame):
        return None
    if any(isinstance(name, str) for name in names):
        returned.check_names(names, struct.names)
        return [frame[name] for name in struct.names]
    if len(names) != len(struct.names):
        raise returned.wrong_count(len(struct.names), len(names))
    return columns_of(frame)


class _FramesOut:
    """Sends what functions give as DataFrames."""

    def __init__(self, run):
        self._run = run
        self._frames = Frames(run.spec.output, run.spec.zone)
        self._count = 0

    def add(self, frame, label="pandas.DataFrame"):
        columns = checked(frame, self._run.spec.output, label)
        if columns is None or not len(frame):
            return
        self._frames.add(columns, len(frame))
        self._count += 1
        if self._frames.rows >= _MOST or self._count >= _MOST:
            self.flush()

    def flush(self):
        if self._count:
            self._count = 0
            self._run.emit(pa.record_batch(self._frames.take(), schema=self._run.spec.schema))


def pandas(run):
    """func(frame) or func(key, frame) to a frame."""
    call, out = run.calls[0], _FramesOut(run)
    keyed = arity(call) != 1
    for group in groups(run, _sides(run), out.flush):
        first = group.first
        if keyed:
            out.add(call(first.sides[0].key(first.bounds()[0]), group.frame()))
        else:
            out.add(call(group.frame()))
    out.flush()


def pandas_iter(run):
    """func(frames) or func(key, frames) to frames, where a group comes part by part."""
    call, out = run.calls[0], _FramesOut(run)
    keyed = arity(call) != 1
    label = "iterator of pandas.DataFrame"
    for group in groups(run, _sides(run), out.flush):
        first = group.first
        frames = (part.frame() for part in group.parts())
        given = call(first.sides[0].key(first.bounds()[0]), frames) if keyed else call(frames)
        for frame in _iterated(given, label):
            out.add(frame, label)
    out.flush()


def _iterated(result, label):
    try:
        return iter(result)
    except TypeError:
        raise returned.wrong_type(label, type(result).__name__) from None


def cogroup_pandas(run):
    """func(left, right) or func(key, left, right) to a frame."""
    call, out = run.calls[0], _FramesOut(run)
    keyed = arity(call) != 2
    for left, right, key in _cogroups(run, out.flush, lambda g, s: g.frame(s), lambda rows, at: rows.key(at)):
        out.add(call(key, left, right) if keyed else call(left, right))
    out.flush()


def cogroup_arrow(run):
    """The same with tables."""
    call = run.calls[0]
    keyed = arity(call) != 2
    for left, right, key in _cogroups(run, lambda: None, lambda g, s: g.whole(s), lambda rows, at: rows.arrow_key(at)):
        _send_table(run, call(key, left, right) if keyed else call(left, right))


def _cogroups(run, flush, whole, key_of):
    sides = _sides(run)
    for group in groups(run, sides, flush):
        side = 0 if group.first.bounds(0)[0] < group.first.bounds(0)[1] else 1
        key = key_of(group.first.sides[side], group.first.bounds(side)[0])
        if not group.first.more:
            yield whole(group, 0), whole(group, 1), key
            continue
        parts = list(group.parts())
        tables = [pa.Table.from_batches([p.record_batch(s) for p in parts]) for s in (0, 1)]
        if run.spec.kind == "cogroup_pandas":
            tables = [convert.to_frame(t.combine_chunks(), s.seen, s.zone) for t, s in zip(tables, sides)]
        yield *tables, key


def _send_table(run, table, kind=pa.Table, label="pyarrow.Table"):
    if not isinstance(table, kind):
        raise returned.wrong_type(label, type(table).__name__)
    schema = run.spec.schema
    if not table.num_columns and not table.num_rows:
        return
    if any(name in schema.names for name in table.column_names) or set(table.column_names) - set(schema.names):
        returned.check_names(table.column_names, schema.names)
        table = table.select(schema.names)
    wrong = [f"column '{want.name}' (expected {want.type}, actual {have.type})"
             for want, have in zip(schema, table.schema) if not _same(have.type, want.type)]
    if wrong:
        raise PySparkRuntimeError(errorClass="RESULT_COLUMN_TYPES_MISMATCH", messageParameters={
            "mismatch": ", ".join(sorted(wrong))})
    batches = table.combine_chunks().to_batches() if isinstance(table, pa.Table) else [table]
    for batch in batches:
        run.emit(pa.record_batch([c.cast(f.type) for c, f in zip(batch.columns, schema)], schema=schema))


def _same(have, want):
    """Whether types are equal but for the session's zone in timestamps."""
    if pa.types.is_timestamp(have) and pa.types.is_timestamp(want):
        return (have.tz is None) == (want.tz is None) and have.unit == want.unit
    return have == want


def arrow(run):
    """func(table) or func(key, table) to a table."""
    call = run.calls[0]
    keyed = arity(call) != 1
    for group in groups(run, _sides(run)):
        first = group.first
        table = group.whole()
        _send_table(run, call(first.sides[0].arrow_key(first.bounds()[0]), table) if keyed else call(table))


def arrow_iter(run):
    """func(batches) or func(key, batches) to batches."""
    call = run.calls[0]
    keyed = arity(call) != 1
    label = "iterator of pyarrow.RecordBatch"
    for group in groups(run, _sides(run)):
        first = group.first
        batches = (part.record_batch() for part in group.parts())
        given = call(first.sides[0].arrow_key(first.bounds()[0]), batches) if keyed else call(batches)
        for batch in _iterated(given, label):
            _send_table(run, batch, pa.RecordBatch, label)


def _aggregating(values, whole):
    """A kind whose functions give one value for a group's columns."""
    def kind(run):
        spec = run.spec
        if spec.made is None:
            spec.made = [Side(spec.input, list(range(len(spec.input.fields))), spec.keys, spec.zone)]
        results = [[] for _ in spec.functions]

        def flush():
            if results[0]:
                columns = [_scalars(given, f.out, spec.zone) for given, f in zip(results, spec.functions)]
                run.emit(pa.record_batch(columns, schema=spec.schema))
                for given in results:
                    given.clear()

        for group in groups(run, spec.made, flush):
            parts = list(group.parts())
            for given, function, call in zip(results, spec.functions, run.calls):
                given.append(values(function, call, parts, whole, spec))
        flush()
    return kind


def _scalars(values, data_type, zone):
    import pandas as pd

    if any(isinstance(v, pa.Scalar) for v in values):
        values = [v.as_py() if isinstance(v, pa.Scalar) else v for v in values]
    return convert.from_series(pd.Series(values), data_type, zone)


def _call_whole(function, call, parts, whole, spec):
    return calls.once(function, call, [whole(parts, i, spec) for i in function.args])


def _call_parts(function, call, parts, whole, spec):
    def columns():
        for part in parts:
            given = tuple([whole([part], i, spec) for i in function.args])
            yield given if len(given) != 1 else given[0]
    return call(columns())


def _series(parts, i, spec):
    if len(parts) == 1:
        return parts[0].sides[0].series(i, *parts[0].bounds())
    return convert.to_series(_array(parts, i, spec), spec.input.fields[i].dataType, spec.zone)


def _array(parts, i, spec):
    arrays = [p.sides[0].array(i, *p.bounds()) for p in parts]
    return arrays[0] if len(arrays) == 1 else pa.chunked_array(arrays).combine_chunks()


KINDS = {
    "group_pandas": pandas, "group_pandas_iter": pandas_iter, "group_arrow": arrow, "group_arrow_iter": arrow_iter,
    "cogroup_pandas": cogroup_pandas, "cogroup_arrow": cogroup_arrow,
    "agg_pandas": _aggregating(_call_whole, _series), "agg_pandas_iter": _aggregating(_call_parts, _series),
    "agg_arrow": _aggregating(_call_whole, _array), "agg_arrow_iter": _aggregating(_call_parts, _array),
}
