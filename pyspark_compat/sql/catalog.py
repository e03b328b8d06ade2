"""Catalog: the views of a session."""
import warnings
from typing import NamedTuple, Optional

from pyspark_compat import _plan
from pyspark_compat._lacking import with_lacking
from pyspark_compat.errors.exceptions import user_facing
from pyspark_compat.storagelevel import StorageLevel
from pyspark_compat_worker.errors import wrong_type

__all__ = ["Catalog", "CatalogMetadata", "Database", "Table", "Column", "Function", "TablePartition"]


class CatalogMetadata(NamedTuple):
    """A catalog."""

    name: str
    description: Optional[str]


class Database(NamedTuple):
    """A database."""

    name: str
    catalog: Optional[str]
    description: Optional[str]
    locationUri: str


class Table(NamedTuple):
    """A table or view."""

    name: str
    catalog: Optional[str]
    namespace: Optional[list]
    description: Optional[str]
    tableType: str
    isTemporary: bool

    @property
    def database(self):
        return self.namespace[0] if self.namespace and len(self.namespace) == 1 else None


class Column(NamedTuple):
    """A column of a table."""

    name: str
    description: Optional[str]
    dataType: str
    nullable: bool
    isPartition: bool
    isBucket: bool
    isCluster: bool


class Function(NamedTuple):
    """A function."""

    name: str
    catalog: Optional[str]
    namespace: Optional[list]
    description: Optional[str]
    className: str
    isTemporary: bool


class TablePartition(NamedTuple):
    """A partition of a table."""

    partition: str


@with_lacking
class Catalog:
    """`spark.catalog`."""

    def __init__(self, sparkSession):
        self._sparkSession = sparkSession

    def _run(self, operation, **values):
        """The one value that an operation answers, None where it answers none."""
        for name, value in values.items():
            if value is not None and not isinstance(value, (str, bool, StorageLevel)):
                raise wrong_type("str", name, value)
        return self._sparkSession._engine.message(_plan.run(_plan.catalog(operation, **values)))["value"]

    @user_facing
    def dropTempView(self, viewName):
        """Drops a temporary view; gives whether there was one."""
        return self._run("drop_temp_view", view_name=viewName)

    @user_facing
    def tableExists(self, tableName, dbName=None):
        """Whether there is a table or view of this name."""
        return self._run("table_exists", table_name=tableName, db_name=dbName)

    @user_facing
    def clearCache(self):
        """Forgets all kept rows of the session."""
        self._run("clear_cache")

    @user_facing
    def isCached(self, tableName):
        """Whether the rows of a view are kept."""
        return self._run("is_cached", table_name=tableName)

    @user_facing
    def cacheTable(self, tableName, storageLevel=None):
        """Keeps the rows of a view once they were computed."""
        self._run("cache_table", table_name=tableName, storage_level=storageLevel)

    @user_facing
    def uncacheTable(self, tableName):
        """Forgets rows of a view that were kept."""
        self._run("uncache_table", table_name=tableName)

    def registerFunction(self, name, f, returnType=None):
        """The old name of `spark.udf.register`."""
        warnings.warn("Deprecated in 2.3.0. Use spark.udf.register instead.", FutureWarning, stacklevel=2)
        return self._sparkSession.udf.register(name, f, returnType)
