"""GroupedData: rows grouped by keys, to aggregate."""
from pyspark_compat import _expressions as ex
from pyspark_compat import _plan
from pyspark_compat._expression_text import sql
from pyspark_compat._lacking import with_lacking
from pyspark_compat.errors.exceptions import user_facing
from pyspark_compat.sql.column import Column
from pyspark_compat.sql.pandas.group_ops import PandasGroupedOpsMixin
from pyspark_compat_worker.errors import wrong_type
from pyspark_compat_worker.types_base import LongType, NumericType

__all__ = ["GroupedData"]

_SHOWN = 2  # fields of the frame in repr()


def _count_all():
    return ex.function("count", [ex.literal(1, LongType())])


def _mapped(names):
    """The names in the order of the Java and Scala maps that PySpark's dict of aggregates goes through."""
    if not all(isinstance(name, str) for name in names):
        return list(names)
    table, hashes = 16, {name: _spread(name) for name in names}
    while table * 3 // 4 < len(hashes):
        table *= 2
    if len(hashes) <= 4:
        return sorted(hashes, key=lambda name: hashes[name] & (table - 1))
    return _trie(list(hashes.items()), 0)


def _spread(text):
    """Java's hash of a string, its high half mixed into the low one."""
    units = text.encode("utf-16-le")
    value = 0
    for i in range(0, len(units), 2):
        value = (31 * value + units[i] + 256 * units[i + 1]) & 0xFFFFFFFF
    return value ^ value >> 16


def _trie(items, shift):
    """The order of a Scala HashMap: what is alone in its place of a node comes before the nodes below."""
    places = {}
    for name, value in items:
        places.setdefault(value >> shift & 31, []).append((name, value))
    alone = [here[0][0] for _, here in sorted(places.items()) if len(here) == 1]
    below = [here for _, here in sorted(places.items()) if len(here) > 1]
    if shift > 30:
        return [name for name, _ in items]
    return alone + [name for here in below for name in _trie(here, shift + 5)]


@with_lacking
class GroupedData(PandasGroupedOpsMixin):
    """What DataFrame.groupBy gives."""

    def __init__(self, jgd, df):
        self._keys = jgd
        self._df = df
        self.session = df.sparkSession

    def _aggregate(self, outputs):
        return self._df._then(_plan.aggregate(self._df._id, self._keys, outputs))

    def __repr__(self):
        fields = ["%s: %s" % pair for pair in self._df.dtypes]
        if len(fields) > _SHOWN:
            rest = len(fields) - _SHOWN
            fields[_SHOWN:] = [f"... {rest} more field{'' if rest == 1 else 's'}"]
            fields[_SHOWN - 1:] = [f"{fields[_SHOWN - 1]} {fields[_SHOWN]}"]
        keys = ", ".join(map(sql, self._keys))
        return f"GroupedData[grouping expressions: [{keys}], value: [{', '.join(fields)}], type: GroupBy]"

    @user_facing
    def agg(self, *exprs):
        """Aggregates by group: Columns, or one dict of column names ("*" too) and aggregate names."""
        assert exprs, "exprs should not be empty"
        if len(exprs) == 1 and isinstance(exprs[0], dict):
            return self._aggregate([self._named(column, exprs[0][column]) for column in _mapped(exprs[0])])
        assert all(isinstance(c, Column) for c in exprs), "all exprs should be Column"
        return self._aggregate([c._expr for c in exprs])

    def _named(self, column, name):
        """The aggregate that a dict asks for."""
        if not isinstance(column, str):
            raise wrong_type("str", "column", column)
        if not isinstance(name, str):
            raise wrong_type("str", "function", name)
        if name.lower() == "count" and column == "*":
            return _count_all()
        return ex.function(name.lower(), [ex.attribute(column, int(self._df._id))])

    @user_facing
    def count(self):
        """The number of rows of each group."""
        return self._aggregate([ex.alias(_count_all(), ["count"])])

    def _numeric(self, name, cols):
        """An aggregate of the named numeric columns, of all numeric ones where none is named."""
        if len(cols) == 1 and isinstance(cols[0], list):
            cols = tuple(cols[0])
        for c in cols:
            if not isinstance(c, str):
                raise wrong_type("str", "cols", c)
        schema = self._df.schema
        kinds = {f.name.lower(): f.dataType for f in schema.fields}
        for c in cols:
            if not isinstance(kinds.get(c.lower(), NumericType()), NumericType):
                from pyspark_compat.errors.exceptions.captured import AnalysisException

                raise AnalysisException._of("_LEGACY_ERROR_TEMP_1323", {"colName": c},
                                            f'"{c}" is no numeric column, and {name} takes only those.', None)
        if not cols:
            cols = [f.name for f in schema.fields if isinstance(f.dataType, NumericType)]
        return self._aggregate([ex.function(name, [ex.attribute(c, int(self._df._id))]) for c in cols])

    @user_facing
    def mean(self, *cols):
        """The average of numeric columns by group."""
        return self._numeric("avg", cols)

    @user_facing
    def avg(self, *cols):
        """The average of numeric columns by group."""
        return self._numeric("avg", cols)

    @user_facing
    def max(self, *cols):
        """The largest value of numeric columns by group."""
        return self._numeric("max", cols)

    @user_facing
    def min(self, *cols):
        """The smallest value of numeric columns by group."""
        return self._numeric("min", cols)

    @user_facing
    def sum(self, *cols):
        """The sum of numeric columns by group."""
        return self._numeric("sum", cols)
