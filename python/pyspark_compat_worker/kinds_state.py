"""applyInPandasWithState: a group comes with its state, and the new state goes back with the group's rows."""
from itertools import accumulate

import pyarrow as pa

from . import arrow_read, arrow_write, convert, returned
from . import types_base as base
from .errors import PySparkValueError
from .group_state import Clock, GroupState
from .groups import Frames, Side, columns_of, groups

# columns of what comes, beside those of groups, and what is done with a state: as engine/udf numbers them
_STATE, _TIMED_OUT = 2, 3
_KEEP, _PUT, _REMOVE = 0, 1, 2


def run_kind(run):
    """func(key, frames, state) to frames."""
    import pandas as pd

    spec = run.spec
    if spec.made is None:
        spec.made = _Made(spec)
    made, call = spec.made, run.calls[0]
    clock = Clock(spec.state.timeout, run.now, run.watermark, spec.state.watermarked)
    answers = _Answers(run, made)
    batch = None
    for group in groups(run, [made.side], answers.flush):
        first = group.first
        if first.batch is not batch:
            batch = first.batch
            states, timed_out = made.states(batch.column(_STATE)), batch.column(_TIMED_OUT).to_pylist()
        state = GroupState(states[first.place], clock, timed_out[first.place])
        key = first.sides[0].key(first.bounds()[0])
        frames = [made.side.empty()] if timed_out[first.place] else (part.frame() for part in group.parts())
        given = call(key, frames, state)
        if isinstance(given, pd.DataFrame):
            raise returned.wrong_type("iterable of pandas.DataFrame", type(given).__name__)
        try:
            given = iter(given)
        except TypeError:
            raise returned.wrong_type("iterable", type(given).__name__) from None
        for frame in given:
            answers.add(frame)
        group.drain()
        answers.end(state)
    answers.flush()


class _Made:
    """What all runs of a spec share."""

    def __init__(self, spec):
        function, = spec.functions
        self.side = Side(spec.input, function.args, spec.keys, spec.zone)
        self.out = function.out
        self.rows = convert.arrow_type(self.out)
        self.state_type = spec.state.type
        self._readers = [arrow_read.reader(f.dataType) for f in self.state_type.fields]
        self._writers = [(_KEPT.get(type(f.dataType)), arrow_write.writer(f.dataType)) for f in self.state_type.fields]
        self._fields = list(convert.arrow_type(self.state_type))

    def states(self, column):
        """The states of a column as tuples."""
        if not self._readers:
            return [() if ok else None for ok in column.is_valid().to_pylist()]
        rows = list(zip(*[read(column.field(i)) for i, read in enumerate(self._readers)]))
        if column.null_count:
            rows = [row if ok else None for row, ok in zip(rows, column.is_valid().to_pylist())]
        return rows


    def write_states(self, states):
        """Tuples as a column; a value of another type than its field's becomes null, as in PySpark."""
        width = len(self._writers)
        wrong = next((s for s in states if s is not None and len(s) != width), None)
        if wrong is not None:
            raise PySparkValueError(errorClass="AXIS_LENGTH_MISMATCH", messageParameters={
                "expected_length": str(width), "actual_length": str(len(wrong))})
        missing = pa.array([s is None for s in states], pa.bool_()) if None in states else None
        if not width:
            return pa.array([None if s is None else {} for s in states], pa.struct([]))
        blank = (None,) * width
        columns = zip(*[blank if s is None else s for s in states])
        arrays = []
        for (kept, write), column in zip(self._writers, columns):
            if kept is not None and not kept.issuperset(map(type, column)):
                column = [v if type(v) in kept else None for v in column]
            arrays.append(write(list(column)))
        return pa.StructArray.from_arrays(arrays, fields=self._fields, mask=missing)


_KEPT = {kind: frozenset((taken, type(None))) for taken, kinds in (
    (bool, [base.BooleanType]), (int, [base.ByteType, base.ShortType, base.IntegerType, base.LongType]),
    (float, [base.FloatType, base.DoubleType])) for kind in kinds}


class _Answers:
    """What goes back: for each group its rows, in parts where they are many, and its state with the last."""

    def __init__(self, run, made):
        self._run = run
        self._made = made
        self._most = run.most_rows
        self._frames = Frames(made.out, run.spec.zone, joined=True)
        self._open = 0  # rows of the group at hand
        self._clear()

    def _clear(self):
        self._more, self._sizes, self._states, self._actions, self._timeouts = [], [], [], [], []

    def add(self, frame):
        import pandas as pd

        if not isinstance(frame, pd.DataFrame):
            raise returned.wrong_type("iterator of pandas.DataFrame", f"iterator of {type(frame).__name__}")
        fields = self._made.out.fields
        names = list(frame.columns)
        rows = len(frame)
        if len(names) != len(fields) and (names or rows):
            raise returned.wrong_count(len(fields), len(names))
        if not rows:
            return
        if names == self._made.out.names:
            columns = columns_of(frame)
        else:  # by name, even where they are numbers
            columns = [frame[f.name] if f.name in names else pd.Series([None] * rows, dtype=object) for f in fields]
        self._frames.add(columns, rows)
        self._open += rows
        if self._frames.rows >= self._most:
            self._part(True, None, _KEEP, None)
            self.flush()

    def end(self, state):
        timeout = None if state._timeout == GroupState.NO_TIMESTAMP else int(state._timeout)
        if state._removed and timeout is None:
            self._part(False, None, _REMOVE, None)
        elif state._removed or state._updated or timeout is not None:
            self._part(False, state._value if state._defined else None, _PUT, timeout)
        else:
            self._part(False, None, _KEEP, None)

    def _part(self, more, state, action, timeout):
        self._more.append(more)
        self._sizes.append(self._open)
        self._states.append(state)
        self._actions.append(action)
        self._timeouts.append(timeout)
        self._open = 0

    def flush(self):
        """Sends what is complete; the rows of a group whose function still runs go as a part of it."""
        if self._open:
            self._part(True, None, _KEEP, None)
        if not self._more:
            return
        rows = pa.StructArray.from_arrays(self._frames.take(), fields=list(self._made.rows))
        offsets = pa.array([0, *accumulate(self._sizes)], pa.int32())
        columns = [pa.array(self._more, pa.bool_()), pa.ListArray.from_arrays(offsets, rows),
                   self._made.write_states(self._states), pa.array(self._actions, pa.int8()),
                   pa.array(self._timeouts, pa.int64())]
        self._clear()
        self._run.emit(pa.record_batch(columns, names=self._run.spec.schema.names))

