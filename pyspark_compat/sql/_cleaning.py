"""The methods of a DataFrame on missing values, and its statistics."""
import random
import sys
import warnings

from pyspark_compat import _expressions as ex
from pyspark_compat import _plan
from pyspark_compat.errors import PySparkTypeError, PySparkValueError
from pyspark_compat.errors.exceptions import user_facing
from pyspark_compat.sql.column import Column
from pyspark_compat_worker.errors import wrong_type

_DESCRIBED = ("count", "mean", "stddev", "min", "max")
_SUMMARISED = ("count", "mean", "stddev", "min", "25%", "50%", "75%", "max")
_PLAIN = {"min": "min", "max": "max", "count": "count"}
_OF_NUMBERS = {"mean": "avg", "stddev": "stddev"}
_REPLACEABLE = (bool, float, int, str, list, tuple)


def _constant(value):
    """A value with its type, as literal messages take it."""
    return value, ex.literal_type(value)


def _subset(subset, expected):
    if subset is None or isinstance(subset, (list, tuple)):
        return list(subset or ())
    if isinstance(subset, str):
        return [subset]
    raise wrong_type(expected, "subset", subset)


class Cleaning:
    """Missing values and statistics."""

    # missing values
    @user_facing
    def fillna(self, value, subset=None):
        """With a value where there is none, or NaN: in the columns of its kind, or as a dict says by column."""
        if not isinstance(value, (float, int, str, bool, dict)):
            raise wrong_type("bool, dict, float, int or str", "value", value)
        given = dict(value) if isinstance(value, dict) else {None: value}
        if not given:
            return self._then(_plan.project(self._id, [ex.star()]))
        values = [float(v) if type(v) is int else v for v in given.values()]
        if not isinstance(value, dict):
            return self._then(_plan.fill_nulls(self._id, _subset(subset, "list or tuple"), [_constant(values[0])]))
        filled = self
        for name, v in zip(given, values):
            filled = filled._then(_plan.fill_nulls(filled._id, [name], [_constant(v)]))
        return filled

    @user_facing
    def dropna(self, how="any", thresh=None, subset=None):
        """Without the rows that miss any value, all values, or have fewer than `thresh`."""
        if how is not None and how not in ("any", "all"):
            raise PySparkValueError(errorClass="VALUE_NOT_ALLOWED", messageParameters={
                "arg_name": "how", "allowed_values": "['any', 'all']"})
        names = _subset(subset, "list, str or tuple")
        if thresh is None:
            thresh = None if how == "any" else 1
        return self._then(_plan.drop_nulls(self._id, names, thresh))

    @user_facing
    def replace(self, to_replace, value=..., subset=None):
        """With values replaced by others: one by one, a list by a list, or as a dict says."""
        if value is ...:
            if not isinstance(to_replace, dict):
                raise PySparkTypeError(errorClass="ARGUMENT_REQUIRED", messageParameters={
                    "arg_name": "value", "condition": "`to_replace` is dict"})
            value = None
        pairs = _pairs(to_replace, value)
        names = _subset(subset, "list, str or tuple")
        kinds = (bool, str, (float, int))
        if not any(all(isinstance(x, kind) for x in pairs)
                   and all(isinstance(x, kind) for x in pairs.values() if x is not None) for kind in kinds):
            raise PySparkValueError(errorClass="MIXED_TYPE_REPLACEMENT", messageParameters={})
        return self._then(_plan.replace(self._id, names, [
            (_constant(_number(old)), _constant(_number(new))) for old, new in pairs.items()]))

    # statistics
    @user_facing
    def describe(self, *cols):
        """Count, mean, stddev, min and max of columns of numbers and strings, as strings."""
        if len(cols) == 1 and isinstance(cols[0], list):
            cols = cols[0]
        return (self.select(*cols) if cols else self)._statistics(_DESCRIBED)

    @user_facing
    def summary(self, *statistics):
        """The named statistics of all columns of numbers and strings, as strings; also percentages as "25%"."""
        if len(statistics) == 1 and isinstance(statistics[0], list):
            statistics = statistics[0]
        return self._statistics(statistics or _SUMMARISED)

    def _statistics(self, statistics):
        from pyspark_compat.sql import functions as F
        from pyspark_compat_worker.types_base import NumericType, StringType

        fields = [f for f in self.schema.fields if isinstance(f.dataType, (NumericType, StringType))]
        rows = []
        for name in statistics:
            cells = [_statistic(name, self._named(f.name), f.dataType).cast("string").alias(f.name) for f in fields]
            rows.append(F.struct(F.lit(name).alias("summary"), *cells))
        table = self.agg(F.array(*rows).alias("rows")).select(F.explode("rows").alias("row"))
        return table.select("row.*")

    def _named(self, name):
        """A column by its plain name, dots and all."""
        return Column(ex.attribute("`" + name.replace("`", "``") + "`", int(self._id)))

    @user_facing
    def corr(self, col1, col2, method=None):
        """Pearson's correlation of two columns."""
        from pyspark_compat.sql import functions as F

        _names_of_two(col1, col2)
        if method and method != "pearson":
            raise PySparkValueError(errorClass="VALUE_NOT_ALLOWED", messageParameters={
                "arg_name": "method", "allowed_values": "['pearson']"})
        return self.select(F.corr(self._named(col1), self._named(col2))).first()[0]

    @user_facing
    def cov(self, col1, col2):
        """The sample covariance of two columns."""
        from pyspark_compat.sql import functions as F

        _names_of_two(col1, col2)
        return self.select(F.covar_samp(self._named(col1), self._named(col2))).first()[0]

    @user_facing
    def sampleBy(self, col, fractions, seed=None):
        """A random share of the rows, by the value of a column."""
        from pyspark_compat.sql import functions as F

        if not isinstance(col, (str, Column)):
            raise wrong_type("Column or str", "col", col)
        if not isinstance(fractions, dict):
            raise wrong_type("dict", "fractions", fractions)
        column, share = F.col(col) if isinstance(col, str) else col, None
        for key, fraction in fractions.items():
            if not isinstance(key, (float, int, str)):
                raise PySparkTypeError(errorClass="DISALLOWED_TYPE_FOR_CONTAINER", messageParameters={
                    "arg_name": "fractions", "arg_type": "dict", "allowed_types": "float, int, str",
                    "item_type": type(key).__name__})
            of = F if share is None else share
            share = of.when(column == key, float(fraction))
        if share is None:
            return self.limit(0)
        seed = seed if seed is not None else random.randint(0, sys.maxsize)
        return self.filter(F.rand(seed) < share.otherwise(0.0))


def _number(value):
    """A number as replace compares it."""
    return float(value) if type(value) is int else value


def _pairs(to_replace, value):
    """What replace is given, as a dict of old and new values."""
    if not isinstance(to_replace, (*_REPLACEABLE, dict)):
        raise wrong_type("bool, dict, float, int, str or tuple", "to_replace", to_replace)
    if isinstance(to_replace, dict):
        if value is not None:
            warnings.warn("to_replace is a dict, so value has no effect.", stacklevel=3)
        return dict(to_replace)
    if value is not None and not isinstance(value, _REPLACEABLE):
        raise wrong_type("bool, float, int, list, None, str or tuple", "value", value)
    if not isinstance(to_replace, (list, tuple)):
        to_replace = [to_replace]
    if not isinstance(value, (list, tuple)):
        value = [value] * len(to_replace)
    if len(to_replace) != len(value):
        raise PySparkValueError(errorClass="LENGTH_SHOULD_BE_THE_SAME", messageParameters={
            "arg1": "to_replace", "arg2": "value", "arg1_length": str(len(to_replace)), "arg2_length": str(len(value))})
    return dict(zip(to_replace, value))


def _statistic(name, column, data_type):
    """One statistic of a column; those of numbers are of what a string reads as."""
    from pyspark_compat.sql import functions as F
    from pyspark_compat_worker.types_base import StringType

    number = column.try_cast("double") if isinstance(data_type, StringType) else column
    wanted = name.lower()
    if wanted in _PLAIN:
        return getattr(F, _PLAIN[wanted])(column)
    if wanted in _OF_NUMBERS:
        return getattr(F, _OF_NUMBERS[wanted])(number)
    if wanted == "count_distinct":
        return F.count_distinct(column)
    if wanted == "approx_count_distinct":
        return F.approx_count_distinct(column)
    return F.percentile_approx(number, _share(name))


def _share(name):
    from pyspark_compat.errors.exceptions.captured import IllegalArgumentException

    if not name.endswith("%"):
        raise IllegalArgumentException(desc=f"{name} is no statistic of summary.")
    try:
        share = float(name[:-1]) / 100
    except ValueError:
        raise IllegalArgumentException(desc=f"{name} is no percentage.") from None
    if not 0 <= share <= 1:
        raise IllegalArgumentException(desc=f"requirement failed: the percentage {name} must lie between 0% and 100%")
    return share


def _names_of_two(col1, col2):
    for name, value in (("col1", col1), ("col2", col2)):
        if not isinstance(value, str):
            raise wrong_type("str", name, value)
