"""Where RDDs and frames meet in workers: elements become Arrow streams, Arrow files become rows."""
import pickle
from itertools import islice

from .rows_arrow import by_position, columns_of, table_of, verify
from .types_verify import _make_type_verifier

_ROWS = 10000  # of one stream


class ToArrow:
    """Ends a job with the rows of a frame: one Arrow stream for some thousand elements."""

    def __init__(self, struct, value_type, checked):
        self._struct = struct
        self._value_type = value_type  # of elements that are no rows but single values
        self._checked = checked

    def __call__(self, split, iterator):
        import pyarrow as pa

        while rows := list(islice(iterator, _ROWS)):
            table = self._table(rows)
            sink = pa.BufferOutputStream()
            with pa.ipc.new_stream(sink, table.schema) as writer:
                writer.write(table)
            yield sink.getvalue().to_pybytes()

    def _table(self, rows):
        if self._value_type is not None:
            if self._checked:
                check = _make_type_verifier(self._value_type, name="field value")
                for value in rows:
                    check(value)
            rows = [(value,) for value in rows]
        plain = by_position(rows)
        if self._checked and self._value_type is None:
            verify(rows, plain, self._struct)
        return table_of(columns_of(rows, plain, self._struct), self._struct, len(rows))


class Rows:
    """The rows of a frame's partition, which lies in an Arrow file: payloads are (path, number of the dealt part, of how many)."""

    def __init__(self, struct):
        self._struct = struct

    def __call__(self, split, inputs):
        import pyarrow as pa

        from .convert import to_rows

        path, part, parts = pickle.loads(inputs[-1]())
        before = 0
        with pa.memory_map(path) as file, pa.ipc.open_stream(file) as batches:
            for batch in batches:
                count = batch.num_rows
                if parts > 1:
                    batch = batch.take(pa.array(range((part - before) % parts, count, parts), pa.int64()))
                before += count
                yield from to_rows(batch, self._struct)
