"""The base classes of Python data sources. They can be subclassed; registering a source is not implemented."""
from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import Any

from pyspark_compat_worker.errors import PySparkNotImplementedError, not_implemented

__all__ = [
    "DataSource", "DataSourceReader", "DataSourceStreamReader", "DataSourceWriter", "DataSourceArrowWriter",
    "DataSourceStreamWriter", "DataSourceStreamArrowWriter", "SimpleDataSourceStreamReader", "DataSourceRegistration",
    "InputPartition", "WriterCommitMessage", "Filter", "EqualTo", "EqualNullSafe", "GreaterThan", "GreaterThanOrEqual",
    "LessThan", "LessThanOrEqual", "In", "IsNull", "IsNotNull", "Not", "StringStartsWith", "StringEndsWith",
    "StringContains"]


def _missing(feature):
    """What a source raises that lacks a method which it is asked for."""
    return PySparkNotImplementedError(errorClass="NOT_IMPLEMENTED", messageParameters={"feature": feature})


class DataSource(ABC):
    """A source or sink of the user's own."""

    def __init__(self, options):
        self.options = options

    @classmethod
    def name(cls):
        """The format's name, the class's unless overridden."""
        return cls.__name__

    def schema(self):
        """The schema, where the user gives none."""
        raise _missing("schema")

    def reader(self, schema):
        """The batch reader."""
        raise _missing("reader")

    def writer(self, schema, overwrite):
        """The batch writer."""
        raise _missing("writer")

    def streamWriter(self, schema, overwrite):
        """The writer of a streaming query."""
        raise _missing("streamWriter")

    def simpleStreamReader(self, schema):
        """The reader of a stream without partitions."""
        raise _missing("simpleStreamReader")

    def streamReader(self, schema):
        """The reader of a stream."""
        raise _missing("streamReader")


@dataclass(frozen=True)
class Filter(ABC):
    """A condition that a reader may take over."""


_Column = tuple  # the parts of a column's name


@dataclass(frozen=True)
class EqualTo(Filter):
    """attribute = value"""

    attribute: _Column
    value: Any


@dataclass(frozen=True)
class EqualNullSafe(Filter):
    """attribute <=> value"""

    attribute: _Column
    value: Any


@dataclass(frozen=True)
class GreaterThan(Filter):
    """attribute > value"""

    attribute: _Column
    value: Any


@dataclass(frozen=True)
class GreaterThanOrEqual(Filter):
    """attribute >= value"""

    attribute: _Column
    value: Any


@dataclass(frozen=True)
class LessThan(Filter):
    """attribute < value"""

    attribute: _Column
    value: Any


@dataclass(frozen=True)
class LessThanOrEqual(Filter):
    """attribute <= value"""

    attribute: _Column
    value: Any


@dataclass(frozen=True)
class In(Filter):
    """attribute is one of the values"""

    attribute: _Column
    value: tuple


@dataclass(frozen=True)
class IsNull(Filter):
    """attribute is null"""

    attribute: _Column


@dataclass(frozen=True)
class IsNotNull(Filter):
    """attribute is not null"""

    attribute: _Column


@dataclass(frozen=True)
class Not(Filter):
    """the condition does not hold"""

    child: Filter


@dataclass(frozen=True)
class StringStartsWith(Filter):
    """attribute begins with the text"""

    attribute: _Column
    value: str


@dataclass(frozen=True)
class StringEndsWith(Filter):
    """attribute ends with the text"""

    attribute: _Column
    value: str


@dataclass(frozen=True)
class StringContains(Filter):
    """attribute contains the text"""

    attribute: _Column
    value: str


class InputPartition:
    """A part of what a reader reads."""

    def __init__(self, value):
        self.value = value

    def __repr__(self):
        attributes = ", ".join(f"{k}={v!r}" for k, v in self.__dict__.items())
        return f"{self.__class__.__name__}({attributes})"


class DataSourceReader(ABC):
    """Reads a batch."""

    def pushFilters(self, filters):
        """The filters that the reader does not take over: all of them unless overridden."""
        return filters

    def partitions(self):
        """The parts to read in turn or at once."""
        raise _missing("partitions")

    @abstractmethod
    def read(self, partition):
        """The rows of a part."""


class DataSourceStreamReader(ABC):
    """Reads a stream whose batches have parts."""

    def initialOffset(self):
        """Where a new query begins."""
        raise _missing("initialOffset")

    def getDefaultReadLimit(self):
        """How much a batch reads where the trigger does not say."""
        from pyspark_compat.sql.streaming.datasource import ReadAllAvailable

        return ReadAllAvailable()

    def latestOffset(self, start, limit):
        """Where a batch that begins at start ends."""
        raise _missing("latestOffset")

    def reportLatestOffset(self):
        """The end of what is there, for progress; None where it is not known."""
        return None

    def partitions(self, start, end):
        """The parts between two offsets."""
        raise _missing("partitions")

    @abstractmethod
    def read(self, partition):
        """The rows of a part."""

    def commit(self, end):
        """Says that what lies before end is not asked for again."""

    def stop(self):
        """Says that the query has ended."""


class SimpleDataSourceStreamReader(ABC):
    """Reads a stream whose batches have one part, in the driver."""

    @abstractmethod
    def initialOffset(self):
        """Where a new query begins."""

    @abstractmethod
    def read(self, start):
        """The rows from start on, with the offset behind them."""

    @abstractmethod
    def readBetweenOffsets(self, start, end):
        """The rows between two offsets again."""

    def commit(self, end):
        """Says that what lies before end is not asked for again."""


class WriterCommitMessage:
    """What a part's writer tells the commit."""


class DataSourceWriter(ABC):
    """Writes a batch."""

    @abstractmethod
    def write(self, iterator):
        """Writes a part's rows."""

    def commit(self, messages):
        """Makes what all parts wrote visible."""

    def abort(self, messages):
        """Takes back what was written."""


class DataSourceArrowWriter(DataSourceWriter):
    """A DataSourceWriter that takes record batches."""

    @abstractmethod
    def write(self, iterator):
        """Writes a part's record batches."""


class DataSourceStreamWriter(ABC):
    """Writes the batches of a query."""

    @abstractmethod
    def write(self, iterator):
        """Writes a part's rows."""

    def commit(self, messages, batchId):
        """Makes what all parts of a batch wrote visible."""

    def abort(self, messages, batchId):
        """Takes back what was written of a batch."""


class DataSourceStreamArrowWriter(DataSourceStreamWriter):
    """A DataSourceStreamWriter that takes record batches."""

    @abstractmethod
    def write(self, iterator):
        """Writes a part's record batches."""


class DataSourceRegistration:
    """`spark.dataSource`."""

    def __init__(self, sparkSession):
        self.sparkSession = sparkSession

    def register(self, dataSource):
        """Makes a source known by its name. Not implemented: raises NOT_IMPLEMENTED."""
        raise not_implemented("Python data sources (spark.dataSource.register)")
