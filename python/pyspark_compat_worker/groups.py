"""Groups as the engine sends them: of a batch each row is one part of one group, a list of rows for each input.

See engine/udf: More, Rows, Other. A group whose More is set goes on in the next row, be it of the next batch.
"""
import pyarrow as pa

from . import convert
from . import types_base as base
from .types_nested import ArrayType, MapType, StructType

# types whose pandas form is the same whether or not other rows hold nulls
_STEADY = (base.FloatType, base.DoubleType, base.StringType, base.CharType, base.VarcharType, base.BinaryType,
           base.DateType, base.TimestampType, base.TimestampNTZType, base.DayTimeIntervalType, base.DecimalType,
           base.NullType, ArrayType, MapType, StructType)


class Side:
    """One input of a grouped function: its columns, those that the function sees, and the keys."""

    def __init__(self, struct, args, keys, zone):
        self.struct = struct
        self.args = args
        self.keys = keys
        self.zone = zone
        self.seen = StructType([struct.fields[i] for i in args])
        self.schema = convert.arrow_schema(self.seen)

    def rows(self, column):
        return Rows(self, column)

    def empty(self):
        """A frame without rows, whose columns have no types."""
        import pandas as pd

        return pd.DataFrame(columns=self.seen.names)


class Rows:
    """The rows of one input in a batch; of a group they are those from lo to hi."""

    def __init__(self, side, column):
        self._side = side
        self.offsets = column.offsets.to_pylist()
        self._columns = column.values.flatten()
        self._whole = None
        self._keys = None

    def _steady(self, i):
        return not self._columns[i].null_count or isinstance(self._side.struct.fields[i].dataType, _STEADY)

    def batch(self, lo, hi):
        """The rows as a record batch of the columns that the function sees."""
        columns = [self._columns[i].slice(lo, hi - lo) for i in self._side.args]
        return pa.RecordBatch.from_arrays(columns, schema=self._side.schema)

    def frame(self, lo, hi):
        """The rows as a DataFrame. What is converted for a batch as a whole is cut, the rest is converted by group."""
        side = self._side
        if self._whole is None:
            self._whole = False
            if all(map(self._steady, side.args)):
                self._whole = convert.to_frame(self.batch(0, self.offsets[-1]), side.seen, side.zone)
        if self._whole is False:
            return convert.to_frame(self.batch(lo, hi), side.seen, side.zone)
        import pandas as pd

        part = self._whole.iloc[lo:hi]
        part._is_copy = None  # nobody else sees these rows: assigning to the frame is no mistake
        part.index = pd.RangeIndex(hi - lo)
        return part

    def series(self, i, lo, hi):
        """The rows of an input column as a Series."""
        data_type = self._side.struct.fields[i].dataType
        return convert.to_series(self._columns[i].slice(lo, hi - lo), data_type, self._side.zone)

    def array(self, i, lo, hi):
        return self._columns[i].slice(lo, hi - lo)

    def key(self, row):
        """The keys of a row as NumPy and pandas have them."""
        if self._keys is None:
            self._keys = [self._key_column(i) for i in self._side.keys]
        return tuple([read(row) for read in self._keys])

    def _key_column(self, i):
        side, column = self._side, self._columns[i]
        data_type = side.struct.fields[i].dataType
        if not self._steady(i):
            return lambda row: convert.to_series(column.slice(row, 1), data_type, side.zone).iloc[0]
        series = convert.to_series(column, data_type, side.zone, False)
        if series.dtype.kind in "iufbO":
            return series.to_numpy().__getitem__
        return series.iloc.__getitem__

    def arrow_key(self, row):
        return tuple([self._columns[i][row] for i in self._side.keys])


class Part:
    """A part of a group: its rows of each input, and its place in the batch that brought it."""

    __slots__ = ("batch", "more", "place", "sides")

    def __init__(self, batch, sides, place, more):
        self.batch = batch
        self.sides = sides
        self.place = place
        self.more = more

    def bounds(self, side=0):
        offsets = self.sides[side].offsets
        return offsets[self.place], offsets[self.place + 1]

    def frame(self, side=0):
        return self.sides[side].frame(*self.bounds(side))

    def record_batch(self, side=0):
        return self.sides[side].batch(*self.bounds(side))


class Group:
    """The parts of a group, the first at once, the others as they are asked for."""

    def __init__(self, first, rest):
        self.first = first
        self._rest = rest
        self._last = first

    def parts(self):
        yield self.first
        while self._last.more:
            self._last = next(self._rest)
            yield self._last

    def drain(self):
        """Passes over the parts that nobody asked for."""
        while self._last.more:
            self._last = next(self._rest)

    def whole(self, side=0):
        """All parts as a table."""
        return pa.Table.from_batches([part.record_batch(side) for part in self.parts()])

    def frame(self, side=0):
        """All parts as a DataFrame."""
        if not self.first.more:
            return self.first.frame(side)
        of = self.first.sides[side]._side
        return convert.to_frame(self.whole(side).combine_chunks(), of.seen, of.zone)


def groups(run, sides, flush=lambda: None):
    """The groups of a run. flush is called when all that a batch brought has been asked for."""
    parts = _parts(run, sides, flush)
    for first in parts:
        group = Group(first, parts)
        yield group
        group.drain()


def _parts(run, sides, flush):
    for batch in run.batches():
        run.taken()
        rows = [side.rows(batch.column(1 + i)) for i, side in enumerate(sides)]
        for place, more in enumerate(batch.column(0).to_pylist()):
            yield Part(batch, rows, place, more)
        flush()


def columns_of(frame):
    """A frame's columns as pandas' arrays, which are at hand, where Series would be made."""
    try:
        return list(frame._iter_column_arrays())
    except AttributeError:
        return [frame.iloc[:, i] for i in range(frame.shape[1])]


class Frames:
    """DataFrames that a function gave, as columns of the declared types.

    Frames of one form become columns together, since each value's conversion is its own; where forms differ, each is
    converted by itself or, with joined, all in the form that pandas finds for them.
    """

    def __init__(self, struct, zone, joined=False):
        self._struct = struct
        self._zone = zone
        self._joined = joined
        self._frames = []
        self.rows = 0

    def add(self, columns, rows):
        """Takes a frame as its Series or pandas' arrays, one a field."""
        self._frames.append(columns)
        self.rows += rows

    def take(self):
        """The columns of all frames since the last call."""
        frames, self._frames, self.rows = self._frames, [], 0
        out = []
        for i, field in enumerate(self._struct.fields):
            out.append(self._column([frame[i] for frame in frames], field))
        return out

    def _column(self, parts, field):
        import numpy as np
        import pandas as pd

        if not parts:
            return pa.nulls(0, convert.arrow_type(field.dataType))
        first = parts[0]
        if len(parts) == 1:
            pass
        elif type(first) is np.ndarray and all(type(p) is np.ndarray and p.dtype == first.dtype for p in parts):
            first = np.concatenate(parts)
        elif self._joined:
            first = pd.concat([p if isinstance(p, pd.Series) else pd.Series(p) for p in parts], ignore_index=True)
        else:
            made = [convert.from_series(p, field.dataType, self._zone, field.name) for p in parts]
            return pa.chunked_array(made).combine_chunks()
        return convert.from_series(first, field.dataType, self._zone, field.name)
