"""Table functions: the classes that user code names. Running them is not implemented."""
from dataclasses import dataclass, field
from typing import Optional, Sequence

from pyspark_compat_worker.errors import not_implemented
from pyspark_compat_worker.types_base import DataType
from pyspark_compat_worker.types_nested import StructType

__all__ = [
    "AnalyzeArgument",
    "AnalyzeResult",
    "OrderingColumn",
    "PartitioningColumn",
    "SelectedColumn",
    "SkipRestOfInputTableException",
    "UDTFRegistration",
    "UserDefinedTableFunction",
]


@dataclass(frozen=True)
class AnalyzeArgument:
    """One argument of a table function's analyze."""

    dataType: DataType
    value: Optional[object]
    isTable: bool
    isConstantExpression: bool


@dataclass(frozen=True)
class PartitioningColumn:
    """A column that the input table is partitioned by."""

    name: str


@dataclass(frozen=True)
class OrderingColumn:
    """A column that the input table is ordered by."""

    name: str
    ascending: bool = True
    overrideNullsFirst: Optional[bool] = None


@dataclass(frozen=True)
class SelectedColumn:
    """A column that the table function reads."""

    name: str
    alias: str = ""


@dataclass
class AnalyzeResult:
    """What analyze says of the output."""

    schema: StructType
    withSinglePartition: bool = False
    partitionBy: Sequence[PartitioningColumn] = field(default_factory=tuple)
    orderBy: Sequence[OrderingColumn] = field(default_factory=tuple)
    select: Sequence[SelectedColumn] = field(default_factory=tuple)


class SkipRestOfInputTableException(Exception):
    """Raised by eval to be given no more rows of the partition."""


class UserDefinedTableFunction:
    """A table function."""

    def __init__(self, func, returnType, name=None, evalType=300, deterministic=False):
        raise not_implemented("user-defined table functions")

    def __call__(self, *args, **kwargs):
        raise not_implemented("user-defined table functions")

    @property
    def returnType(self):
        raise not_implemented("user-defined table functions")

    def asDeterministic(self):
        raise not_implemented("user-defined table functions")


class UDTFRegistration:
    """Names table functions."""

    def __init__(self, sparkSession):
        self.sparkSession = sparkSession

    def register(self, name, f):
        raise not_implemented("spark.udtf.register")
