"""The methods of a DataFrame that make frames from frames."""
import json
import random
import sys
from collections.abc import Iterable, Sequence
from functools import reduce

from pyspark_compat import _expressions as ex
from pyspark_compat import _plan
from pyspark_compat.errors import PySparkIndexError, PySparkTypeError, PySparkValueError
from pyspark_compat.errors.exceptions import user_facing
from pyspark_compat.sql.column import Column, expression, lit_expression
from pyspark_compat_worker.errors import not_implemented, wrong_type

_JOIN_NAMES = ("'inner', 'outer', 'full', 'fullouter', 'full_outer', 'leftouter', 'left', 'left_outer', 'rightouter', "
               "'right', 'right_outer', 'leftsemi', 'left_semi', 'semi', 'leftanti', 'left_anti', 'anti', 'cross'")


def _flat(cols, single=(str, Column)):
    """The columns of a call: given one by one, or as one list."""
    if len(cols) == 1 and not isinstance(cols[0], single) and isinstance(cols[0], Sequence):
        return tuple(cols[0])
    return cols


def _expressions(cols):
    return [expression(c) for c in _flat(cols)]


def _count(value, name):
    """A whole number that the engine takes as it is."""
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    raise wrong_type("int", name, value)


def _argument_error(text):
    from pyspark_compat.errors.exceptions.captured import IllegalArgumentException

    return IllegalArgumentException(desc=text)


def _names(on):
    """The columns of join(on=[…]), of which the first is a name."""
    for name in on:
        if isinstance(name, Column):
            raise PySparkTypeError(errorClass="NOT_ITERABLE", messageParameters={"objectName": "Column"})
        if not isinstance(name, str):
            raise wrong_type("str", "on", name)
    return on


class Relational:
    """Frames from frames."""

    # projection
    @user_facing
    def select(self, *cols):
        """The named columns and expressions."""
        return self._then(_plan.project(self._id, _expressions(cols)))

    @user_facing
    def selectExpr(self, *expr):
        """Expressions as SQL text."""
        if len(expr) == 1 and isinstance(expr[0], list):
            expr = expr[0]
        for e in expr:
            if not isinstance(e, str):
                raise wrong_type("str", "expr", e)
        return self._then(_plan.project(self._id, [ex.text(e) for e in expr]))

    @user_facing
    def withColumn(self, colName, col):
        """With a column added, or replaced where the name is there."""
        if not isinstance(col, Column):
            raise wrong_type("Column", "col", col)
        if not isinstance(colName, str):
            raise wrong_type("str", "colName", colName)
        return self._then(_plan.with_columns(self._id, [(colName, col._expr, None)]))

    @user_facing
    def withColumns(self, *colsMap):
        """With several columns at once, from a dict of names and Columns."""
        assert len(colsMap) == 1
        given = colsMap[0]
        if not isinstance(given, dict):
            raise wrong_type("dict", "colsMap", given)
        return self._then(_plan.with_columns(self._id, [(n, expression(c), None) for n, c in given.items()]))

    @user_facing
    def withMetadata(self, columnName, metadata):
        """With other metadata on a column."""
        if not isinstance(metadata, dict):
            raise wrong_type("dict", "metadata", metadata)
        column = ex.attribute(columnName, int(self._id))
        return self._then(_plan.with_columns(self._id, [(columnName, column, json.dumps(metadata))]))

    @user_facing
    def withColumnRenamed(self, existing, new):
        """With a column under a new name; the same frame where there is no such column."""
        for name, value in (("existing", existing), ("new", new)):
            if not isinstance(value, str):
                raise wrong_type("str", name, value)
        return self._then(_plan.renamed(self._id, [(existing, new)]))

    @user_facing
    def withColumnsRenamed(self, colsMap):
        """With several columns renamed, from a dict of old and new names."""
        if not isinstance(colsMap, dict):
            raise wrong_type("dict", "colsMap", colsMap)
        return self._then(_plan.renamed(self._id, list(colsMap.items())))

    @user_facing
    def drop(self, *cols):
        """Without these columns; names that are not there change nothing."""
        for c in cols:
            if not isinstance(c, (str, Column)):
                raise wrong_type("Column or str", "col", c)
        return self._then(_plan.drop(
            self._id, [c._expr for c in cols if isinstance(c, Column)], [c for c in cols if isinstance(c, str)]))

    @user_facing
    def toDF(self, *cols):
        """All columns under new names."""
        for c in cols:
            if not isinstance(c, str):
                raise wrong_type("list[str]", "cols", c)
        return self._then(_plan.to_df(self._id, cols))

    @user_facing
    def alias(self, alias):
        """The frame under a name that columns can be qualified by."""
        assert isinstance(alias, str), "alias should be a string"
        return self._then(_plan.alias(self._id, alias))

    # rows
    @user_facing
    def filter(self, condition):
        """The rows where the condition holds, a Column or SQL text."""
        if isinstance(condition, str):
            return self._then(_plan.where(self._id, ex.text(condition)))
        if isinstance(condition, Column):
            return self._then(_plan.where(self._id, condition._expr))
        raise wrong_type("Column or str", "condition", condition)

    @user_facing
    def where(self, condition):
        """The rows where the condition holds, a Column or SQL text."""
        return self.filter(condition)

    @user_facing
    def limit(self, num):
        """At most `num` rows."""
        return self._then(_plan.limit(self._id, _count(num, "num")))

    @user_facing
    def offset(self, num):
        """Without the first `num` rows."""
        return self._then(_plan.offset(self._id, _count(num, "num")))

    @user_facing
    def distinct(self):
        """Without duplicate rows."""
        return self._then(_plan.deduplicate(self._id, None))

    def _names(self, subset):
        if subset is None:
            return None
        if not isinstance(subset, Iterable) or isinstance(subset, str):
            raise wrong_type("list or tuple", "subset", subset)
        names = list(subset)
        for name in names:
            if not isinstance(name, str):
                raise wrong_type("str", "subset", name)
        return names

    @user_facing
    def dropDuplicates(self, subset=None):
        """One row for each combination of the named columns."""
        return self._then(_plan.deduplicate(self._id, self._names(subset)))

    @user_facing
    def drop_duplicates(self, subset=None):
        """One row for each combination of the named columns."""
        return self.dropDuplicates(subset)

    @user_facing
    def dropDuplicatesWithinWatermark(self, subset=None):
        """Like dropDuplicates on a stream, for duplicates no further apart than the watermark's delay."""
        return self._then(_plan.deduplicate(self._id, self._names(subset), True))

    @user_facing
    def withWatermark(self, eventTime, delayThreshold):
        """Says that rows come at most `delayThreshold` after the latest value of the column, as "10 seconds"."""
        if not eventTime or type(eventTime) is not str:
            raise wrong_type("str", "eventTime", eventTime)
        if not delayThreshold or type(delayThreshold) is not str:
            raise wrong_type("str", "delayThreshold", delayThreshold)
        return self._then(_plan.watermark(self._id, eventTime, delayThreshold))

    @user_facing
    def observe(self, observation, *exprs):
        """The same rows; aggregates over them come to the Observation, or by name to a query's progress.

        Raises CANNOT_BE_EMPTY, and INVALID_OBSERVED_METRICS for what is neither a constant nor an aggregate.
        """
        if len(exprs) == 0:
            raise PySparkValueError(errorClass="CANNOT_BE_EMPTY", messageParameters={"item": "exprs"})
        if not all(isinstance(c, Column) for c in exprs):
            raise wrong_type("list[Column]", "exprs", exprs)
        from pyspark_compat.sql.observation import Observation

        if isinstance(observation, Observation):
            return observation._on(self, *exprs)
        if isinstance(observation, str):
            return self._observed(observation, exprs)
        raise wrong_type("Observation or str", "observation", observation)

    def _observed(self, name, exprs):
        return self._then(_plan.observe(self._id, name, [c._expr for c in exprs]))

    @user_facing
    def sample(self, withReplacement=None, fraction=None, seed=None):
        """A random share of the rows."""
        if not ((type(withReplacement) is bool or withReplacement is None) and isinstance(fraction, float)
                or isinstance(withReplacement, float)):
            raise PySparkTypeError(errorClass="NOT_EXPECTED_TYPE", messageParameters={
                "expected_type": "bool, float or int",
                "arg_name": "withReplacement (optional), fraction (required) and seed (optional)",
                "arg_type": ", ".join(type(v).__name__ for v in (withReplacement, fraction, seed))})
        if isinstance(withReplacement, float):
            seed = fraction if fraction is not None else seed
            withReplacement, fraction = None, withReplacement
        seed = int(seed) if seed is not None else random.randint(0, sys.maxsize)
        if fraction < 0 or (fraction > 1 and not withReplacement):
            raise _argument_error(f"requirement failed: the sampling fraction {fraction} must lie in [0, 1]")
        return self._then(_plan.sample(self._id, 0.0, fraction, bool(withReplacement), seed))

    @user_facing
    def randomSplit(self, weights, seed=None):
        """The rows divided at random, in shares that go as the weights."""
        for w in weights:
            if w < 0.0:
                raise PySparkValueError(
                    errorClass="VALUE_NOT_POSITIVE", messageParameters={"arg_name": "weights", "arg_value": str(w)})
        seed = int(seed) if seed is not None else random.randint(0, sys.maxsize)
        total = float(sum(weights))
        if not total:
            raise _argument_error(f"requirement failed: the weights {list(weights)} must have a positive sum")
        bounds = [0.0]
        for w in weights:
            bounds.append(bounds[-1] + w / total)
        return [self._then(_plan.sample(self._id, low, high, False, seed, True))
                for low, high in zip(bounds, bounds[1:])]

    # order and partitions
    def _orders(self, cols, kwargs):
        if not cols:
            raise PySparkValueError(errorClass="CANNOT_BE_EMPTY", messageParameters={"item": "cols"})
        found = [self._order(c) for c in _flat(cols, (int, str, Column))]
        ascending = kwargs.get("ascending", True)
        if isinstance(ascending, (bool, int)):
            return found if ascending else [c.desc() for c in found]
        if isinstance(ascending, list):
            return [c if up else c.desc() for up, c in zip(ascending, found)]
        raise wrong_type("Column, int or str", "ascending", ascending)

    def _order(self, c):
        if isinstance(c, int) and not isinstance(c, bool):
            if c == 0:
                raise PySparkIndexError(errorClass="ZERO_INDEX", messageParameters={})
            return self[c - 1] if c > 0 else self[-c - 1].desc()
        if isinstance(c, Column):
            return c
        if isinstance(c, str):
            return Column(expression(c))
        raise wrong_type("Column, int or str", "col", c)

    @user_facing
    def sort(self, *cols, **kwargs):
        """Ordered by columns; positions count from 1, negative ones downwards."""
        return self._then(_plan.sort(self._id, [c._expr for c in self._orders(cols, kwargs)]))

    @user_facing
    def orderBy(self, *cols, **kwargs):
        """Ordered by columns; positions count from 1, negative ones downwards."""
        return self.sort(*cols, **kwargs)

    @user_facing
    def sortWithinPartitions(self, *cols, **kwargs):
        """Each partition ordered by itself."""
        return self._then(_plan.sort(self._id, [c._expr for c in self._orders(cols, kwargs)], False))

    @user_facing
    def repartition(self, numPartitions, *cols):
        """In this many partitions, by the values of columns where some are given."""
        if isinstance(numPartitions, int):
            if numPartitions <= 0:
                raise _argument_error(f"requirement failed: {numPartitions} partitions, they must be more than 0")
            if not cols:
                return self._then(_plan.repartition(self._id, int(numPartitions), True))
            return self._then(_plan.repartition_by(self._id, int(numPartitions), _expressions(cols)))
        if isinstance(numPartitions, (str, Column)):
            return self._then(_plan.repartition_by(self._id, None, _expressions((numPartitions,) + cols)))
        raise wrong_type("Column or str", "numPartitions", numPartitions)

    @user_facing
    def coalesce(self, numPartitions):
        """In at most this many partitions, without moving rows between machines."""
        count = _count(numPartitions, "numPartitions")
        if count <= 0:
            raise _argument_error(f"requirement failed: the number of partitions ({count}) must be positive")
        return self._then(_plan.repartition(self._id, count, False))

    @user_facing
    def hint(self, name, *parameters):
        """Advice for the planner; none of it changes an answer."""
        if len(parameters) == 1 and isinstance(parameters[0], list):
            parameters = parameters[0]
        if not isinstance(name, str):
            raise wrong_type("str", "name", name)
        allowed = "str, float, int, Column, list[str], list[float], list[int]"
        for p in parameters:
            plain = all(isinstance(e, (str, float, int)) for e in p) if isinstance(p, list) else None
            if plain is False or plain is None and not isinstance(p, (str, float, int, Column)):
                item = type(p).__name__ + (f"[{type(p[0]).__name__}]" if plain is False else "")
                raise PySparkTypeError(errorClass="DISALLOWED_TYPE_FOR_CONTAINER", messageParameters={
                    "arg_name": "parameters", "arg_type": type(parameters).__name__, "allowed_types": allowed,
                    "item_type": item})
        return self._then(_plan.hint(self._id, name, [lit_expression(p) for p in parameters]))

    # frames together
    def _other(self, other):
        """The handle of the other frame of an operation; both must be of one application."""
        handle = other._handle
        if other._session._sc is not self._session._sc:
            from pyspark_compat.errors import SessionNotSameException

            raise SessionNotSameException(errorClass="SESSION_NOT_SAME", messageParameters={})
        return handle.text

    @user_facing
    def union(self, other):
        """The rows of both, columns by position, duplicates kept."""
        return self._then(_plan.union(self._id, self._other(other)))

    @user_facing
    def unionAll(self, other):
        """The rows of both, columns by position, duplicates kept."""
        return self.union(other)

    @user_facing
    def unionByName(self, other, allowMissingColumns=False):
        """The rows of both, columns by name."""
        return self._then(_plan.union(self._id, self._other(other), True, allowMissingColumns))

    @user_facing
    def intersect(self, other):
        """The rows that are in both, without duplicates."""
        return self._then(_plan.set_operation(self._id, self._other(other), _plan.INTERSECT, False))

    @user_facing
    def intersectAll(self, other):
        """The rows that are in both, as often as both have them."""
        return self._then(_plan.set_operation(self._id, self._other(other), _plan.INTERSECT, True))

    @user_facing
    def subtract(self, other):
        """The rows that the other has not, without duplicates."""
        return self._then(_plan.set_operation(self._id, self._other(other), _plan.EXCEPT, False))

    @user_facing
    def exceptAll(self, other):
        """The rows less those of the other, as often as they are left over."""
        return self._then(_plan.set_operation(self._id, self._other(other), _plan.EXCEPT, True))

    @user_facing
    def join(self, other, on=None, how=None):
        """Rows of both that belong together, by column names or a condition."""
        condition, using = None, []
        if on is not None and not isinstance(on, list):
            on = [on]
        if on is not None:
            if isinstance(on[0], str):
                using = _names(on)
            else:
                assert isinstance(on[0], Column), "on should be Column or list of Column"
                condition = reduce(lambda x, y: x & y, on)._expr
        assert how is None or isinstance(how, str), "how should be a string"
        kind = _plan.JOINS.get((how or "inner").lower().replace("_", ""))
        if kind is None:
            from pyspark_compat.errors.exceptions.captured import AnalysisException

            raise AnalysisException._of("UNSUPPORTED_JOIN_TYPE", {"typ": how, "supported": _JOIN_NAMES},
                                        f"'{how}' is no join type; there are: {_JOIN_NAMES}.", "0A000")
        return self._then(_plan.join(self._id, self._other(other), condition, kind, using))

    @user_facing
    def crossJoin(self, other):
        """Each row of this frame with each of the other."""
        return self._then(_plan.join(self._id, self._other(other), None, _plan.JOINS["cross"], []))

    # groups
    def _keys(self, cols):
        keys = []
        for c in _flat(cols, (int, str, Column)):
            if isinstance(c, int) and not isinstance(c, bool):
                if c < 1:
                    raise PySparkIndexError(errorClass="INDEX_NOT_POSITIVE", messageParameters={"index": str(c)})
                c = self[c - 1]
            keys.append(expression(c))
        return keys

    @user_facing
    def groupBy(self, *cols):
        """Groups of rows with equal values, to aggregate."""
        from pyspark_compat.sql.group import GroupedData

        return GroupedData(self._keys(cols), self)

    @user_facing
    def groupby(self, *cols):
        """Groups of rows with equal values, to aggregate."""
        return self.groupBy(*cols)

    @user_facing
    def agg(self, *exprs):
        """Aggregates over all rows."""
        return self.groupBy().agg(*exprs)

    # functions of the user's
    def transform(self, func, *args, **kwargs):
        """What `func` makes of this frame."""
        result = func(self, *args, **kwargs)
        assert isinstance(result, type(self)), (
            "Func returned an instance of type [%s], should have been DataFrame." % type(result))
        return result

    def _mapped(self, func, schema, kind, barrier, profile):
        from pyspark_compat.sql.pandas.functions import pandas_udf
        from pyspark_compat.sql.udf import unwrap
        from pyspark_compat_worker.eval_types import PythonEvalType

        if profile is not None:
            raise not_implemented("a ResourceProfile for mapInPandas and mapInArrow")
        udf = unwrap(pandas_udf(func, returnType=schema, functionType=getattr(PythonEvalType, kind)))
        return self._then(_plan.map_partitions(self._id, udf, barrier))

    @user_facing
    def mapInPandas(self, func, schema, barrier=False, profile=None):
        """What a function makes of each partition's iterator of pandas frames."""
        return self._mapped(func, schema, "SQL_MAP_PANDAS_ITER_UDF", barrier, profile)

    @user_facing
    def mapInArrow(self, func, schema, barrier=False, profile=None):
        """What a function makes of each partition's iterator of Arrow record batches."""
        return self._mapped(func, schema, "SQL_MAP_ARROW_ITER_UDF", barrier, profile)
