"""Window specifications: partitions, orders and frames for functions over windows."""
import sys

from pyspark_compat_worker.errors import wrong_type

from pyspark_compat import _expressions as ex
from pyspark_compat._expression_text import window_sql
from pyspark_compat.sql.column import Column

__all__ = ["Window", "WindowSpec"]

_PRECEDING = -(1 << 63)
_FOLLOWING = (1 << 63) - 1


def _columns(cols):
    if len(cols) == 1 and isinstance(cols[0], list):
        cols = cols[0]
    found = []
    for col in cols:
        if isinstance(col, str):
            found.append(ex.attribute(col))
        elif isinstance(col, Column):
            found.append(col._expr)
        else:
            raise wrong_type("Column or str", "col", col)
    return found


class Window:
    """Makes window specifications."""

    _JAVA_MIN_LONG = _PRECEDING
    _JAVA_MAX_LONG = _FOLLOWING
    _PRECEDING_THRESHOLD = max(-sys.maxsize, _JAVA_MIN_LONG)
    _FOLLOWING_THRESHOLD = min(sys.maxsize, _JAVA_MAX_LONG)
    unboundedPreceding = _JAVA_MIN_LONG
    unboundedFollowing = _JAVA_MAX_LONG
    currentRow = 0

    @staticmethod
    def partitionBy(*cols):
        """A window over the rows with equal values in these columns."""
        return WindowSpec().partitionBy(*cols)

    @staticmethod
    def orderBy(*cols):
        """A window whose rows are in this order."""
        return WindowSpec().orderBy(*cols)

    @staticmethod
    def rowsBetween(start, end):
        """A frame from start to end, in rows before (negative) and after the current one."""
        return WindowSpec().rowsBetween(start, end)

    @staticmethod
    def rangeBetween(start, end):
        """A frame from start to end, in distance of the ordering value."""
        return WindowSpec().rangeBetween(start, end)


class WindowSpec:
    """Partitions, order and frame of a window."""

    def __init__(self, partition=(), order=(), frame=None):
        self._partition = list(partition)
        self._order = list(order)
        self._frame = frame

    def _parts(self):
        return self._partition, self._order, self._frame

    def partitionBy(self, *cols):
        return WindowSpec(_columns(cols), self._order, self._frame)

    def orderBy(self, *cols):
        order = [c if c.kind == "sort" else ex.sort_order(c, True, True) for c in _columns(cols)]
        return WindowSpec(self._partition, order, self._frame)

    def rowsBetween(self, start, end):
        return WindowSpec(self._partition, self._order, ("ROWS", *_bounds(start, end)))

    def rangeBetween(self, start, end):
        return WindowSpec(self._partition, self._order, ("RANGE", *_bounds(start, end)))

    def __repr__(self):
        return f"WindowSpec({window_sql(*self._parts())})"


def _bounds(start, end):
    return (_PRECEDING if start <= Window._PRECEDING_THRESHOLD else start,
            _FOLLOWING if end >= Window._FOLLOWING_THRESHOLD else end)
