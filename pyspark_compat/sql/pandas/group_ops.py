"""Python functions over the rows of each group: the part of GroupedData that takes them."""
import warnings

from pyspark_compat import _plan
from pyspark_compat.errors.exceptions import user_facing
from pyspark_compat_worker.errors import PySparkTypeError, wrong_type
from pyspark_compat_worker.eval_types import PythonEvalType

_TIMEOUTS = ("NoTimeout", "ProcessingTimeTimeout", "EventTimeTimeout")


def _function(func, schema, eval_type):
    """The function as one that gives rows of a schema."""
    from pyspark_compat.sql.pandas.functions import pandas_udf
    from pyspark_compat.sql.udf import unwrap

    udf = unwrap(pandas_udf(func, returnType=schema, functionType=eval_type))
    udf.returnType  # raises what is wrong with the schema
    return udf


def _hinted(func, family, otherwise):
    from pyspark_compat.sql.pandas.typehints import infer_group_eval_type

    try:
        return infer_group_eval_type(func, family) or otherwise
    except Exception:
        warnings.warn("The kind of the function cannot be told from its type hints.", UserWarning, stacklevel=3)
        return otherwise


class PandasGroupedOpsMixin:
    """What GroupedData does with functions of pandas frames and Arrow tables."""

    @user_facing
    def apply(self, udf):
        """applyInPandas with a pandas_udf of kind GROUPED_MAP; older code has it."""
        if getattr(udf, "evalType", None) != PythonEvalType.SQL_GROUPED_MAP_PANDAS_UDF or not hasattr(udf, "func"):
            raise PySparkTypeError(errorClass="INVALID_UDF_EVAL_TYPE", messageParameters={
                "eval_type": "SQL_GROUPED_MAP_PANDAS_UDF"})
        warnings.warn("applyInPandas is preferred to apply.", UserWarning, stacklevel=3)
        return self._over_groups(udf.func, udf.returnType, PythonEvalType.SQL_GROUPED_MAP_PANDAS_UDF)

    def _over_groups(self, func, schema, eval_type):
        return self._df._then(_plan.group_map(self._df._id, self._keys, _function(func, schema, eval_type)))

    @user_facing
    def applyInPandas(self, func, schema):
        """What a function makes of each group: func(frame) or func(key, frame) gives a frame of the schema's columns.

        >>> df = spark.createDataFrame([(1, 2.0), (1, 4.0), (2, 5.0)], "id long, v double")
        >>> df.groupBy("id").applyInPandas(lambda f: f.assign(v=f.v - f.v.mean()), "id long, v double").count()
        3
        """
        kind = _hinted(func, "pandas", PythonEvalType.SQL_GROUPED_MAP_PANDAS_UDF)
        return self._over_groups(func, schema, kind)

    @user_facing
    def applyInArrow(self, func, schema):
        """The same with Arrow: func(table) or func(key, table) gives a table of the schema's columns.

        >>> spark.range(4).groupBy("id").applyInArrow(lambda t: t, "id long").count()
        4
        """
        kind = _hinted(func, "arrow", PythonEvalType.SQL_GROUPED_MAP_ARROW_UDF)
        return self._over_groups(func, schema, kind)

    @user_facing
    def applyInPandasWithState(self, func, outputStructType, stateStructType, outputMode, timeoutConf):
        """What a function makes of each group of a stream and its state: func(key, frames, state) gives frames.

        The state is a GroupState, whose value is a tuple of stateStructType; timeoutConf is one of GroupStateTimeout.

        >>> def count(key, frames, state):
        ...     n = sum(map(len, frames)) + (state.get[0] if state.exists else 0)
        ...     state.update((n,))
        ...     yield pd.DataFrame({"id": [key[0]], "n": [n]})
        >>> stream = spark.readStream.format("rate").load()
        >>> stream.groupBy("value").applyInPandasWithState(count, "id long, n long", "n long", "update", "NoTimeout")
        DataFrame[id: bigint, n: bigint]
        """
        from pyspark_compat.sql.udf import _parse
        from pyspark_compat_worker.types_nested import StructType

        assert timeoutConf in _TIMEOUTS
        udf = _function(func, outputStructType, PythonEvalType.SQL_GROUPED_MAP_PANDAS_UDF_WITH_STATE)
        state = _parse(stateStructType)
        if not isinstance(state, StructType):
            raise wrong_type("StructType", "stateStructType", state)
        if not isinstance(outputMode, str):
            raise wrong_type("str", "outputMode", outputMode)
        return self._df._then(_plan.group_state(self._df._id, self._keys, udf, udf.returnType.json(), state.json(),
                                                outputMode, timeoutConf))

    def cogroup(self, other):
        """The groups of two frames with one key, for functions of both.

        >>> left, right = spark.range(3).groupBy("id"), spark.range(2).groupBy("id")
        >>> sizes = lambda a, b: pd.DataFrame({"n": [len(a) + len(b)]})
        >>> left.cogroup(right).applyInPandas(sizes, "n long").count()
        3
        """
        return PandasCogroupedOps(self, other)


class PandasCogroupedOps:
    """What GroupedData.cogroup gives."""

    def __init__(self, gd1, gd2):
        self._gd1 = gd1
        self._gd2 = gd2

    def _apply(self, func, schema, eval_type):
        left, right = self._gd1, self._gd2
        return left._df._then(_plan.cogroup_map(left._df._id, left._keys, left._df._other(right._df), right._keys,
                                                _function(func, schema, eval_type)))

    @user_facing
    def applyInPandas(self, func, schema):
        """func(left, right) or func(key, left, right) gives a frame of the schema's columns."""
        return self._apply(func, schema, PythonEvalType.SQL_COGROUPED_MAP_PANDAS_UDF)

    @user_facing
    def applyInArrow(self, func, schema):
        """func(left, right) or func(key, left, right) gives a table of the schema's columns."""
        return self._apply(func, schema, PythonEvalType.SQL_COGROUPED_MAP_ARROW_UDF)
