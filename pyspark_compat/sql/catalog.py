"""Catalog: the tables and views of a session.

There is one catalog, spark_catalog, with one database, default: the tables under spark.sql.warehouse.dir.
"""
import warnings
from typing import NamedTuple, Optional

from pyspark_compat import _plan, _requests
from pyspark_compat._lacking import with_lacking
from pyspark_compat.errors.exceptions import user_facing
from pyspark_compat.sql.utils import to_str
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


# arguments whose types are checked where they are taken
_CHECKED = ("schema", "options")


def _deprecated_database(method, name):
    if name is not None:
        warnings.warn(f"`dbName` has been deprecated since Spark 3.4 and might be removed in a future version. "
                      f"Use {method}(`dbName.tableName`) instead.", FutureWarning, stacklevel=4)


@with_lacking
class Catalog:
    """`spark.catalog`."""

    def __init__(self, sparkSession):
        self._sparkSession = sparkSession

    def _run(self, operation, **values):
        """The one value that an operation answers, None where it answers none."""
        for name, value in values.items():
            if value is not None and name not in _CHECKED and not isinstance(value, (str, bool, StorageLevel)):
                raise wrong_type("str", name, value)
        return self._sparkSession._engine.message(_requests.run(_plan.catalog(operation, **values)))["value"]

    @user_facing
    def dropTempView(self, viewName):
        """Drops a temporary view; gives whether there was one."""
        return self._run("drop_temp_view", view_name=viewName)

    @user_facing
    def listTables(self, dbName=None, pattern=None):
        """The tables of the database and the temporary views: `[t.name for t in spark.catalog.listTables(pattern="a*")]`."""
        return [Table(**t) for t in self._run("list_tables", db_name=dbName, pattern=pattern)]

    @user_facing
    def getTable(self, tableName):
        """A table or view: `spark.catalog.getTable("t").tableType`. Raises TABLE_OR_VIEW_NOT_FOUND."""
        return Table(**self._run("get_table", table_name=tableName))

    @user_facing
    def listColumns(self, tableName, dbName=None):
        """The columns of a table or view: `[c.name for c in spark.catalog.listColumns("t")]`."""
        _deprecated_database("listColumns", dbName)
        return [Column(**c) for c in self._run("list_columns", table_name=tableName, db_name=dbName)]

    @user_facing
    def createTable(self, tableName, path=None, source=None, schema=None, description=None, **options):
        """Makes a table and gives its frame: `spark.catalog.createTable("t", source="json", schema=frame.schema)`.

        Without a schema the files at the path say what the columns are; with a path the table is external.
        """
        from pyspark_compat_worker.types_nested import StructType

        if schema is not None and not isinstance(schema, StructType):
            raise wrong_type("struct type", "schema", schema)
        self._run("create_table", table_name=tableName, path=path, source=source, schema=schema,
                  description=description, options={key: to_str(value) for key, value in options.items()})
        return self._sparkSession.table(tableName)

    def createExternalTable(self, tableName, path=None, source=None, schema=None, **options):
        """The old name of `createTable`."""
        warnings.warn("createExternalTable is deprecated since Spark 2.2, please use createTable instead.",
                      FutureWarning, stacklevel=2)
        return self.createTable(tableName, path, source, schema, **options)

    @user_facing
    def dropTable(self, tableName, ifExists=False, purge=False):
        """Drops a table, and the files of a managed one: `spark.catalog.dropTable("t", ifExists=True)`."""
        self._run("drop_table", table_name=tableName, if_exists=ifExists, purge=purge)

    @user_facing
    def truncateTable(self, tableName):
        """Removes the rows of a managed table: `spark.catalog.truncateTable("t")`."""
        self._run("truncate_table", table_name=tableName)

    @user_facing
    def refreshTable(self, tableName):
        """Forgets kept rows of a table, whose files are read anew: `spark.catalog.refreshTable("t")`."""
        self._run("refresh_table", table_name=tableName)

    @user_facing
    def refreshByPath(self, path):
        """Forgets kept rows of the tables whose files lie under a path: `spark.catalog.refreshByPath(folder)`."""
        self._run("refresh_by_path", path=path)

    @user_facing
    def currentDatabase(self):
        """The database that names without one are in: always "default"."""
        return self._run("current_database")

    @user_facing
    def setCurrentDatabase(self, dbName):
        """Takes "default" only. Raises SCHEMA_NOT_FOUND for others."""
        self._run("set_current_database", db_name=dbName)

    @user_facing
    def listDatabases(self, pattern=None):
        """The databases: there is one, `spark.catalog.listDatabases()[0].name == "default"`."""
        return [Database(**d) for d in self._run("list_databases", pattern=pattern)]

    @user_facing
    def getDatabase(self, dbName):
        """The database "default". Raises SCHEMA_NOT_FOUND for others."""
        return Database(**self._run("get_database", db_name=dbName))

    @user_facing
    def databaseExists(self, dbName):
        """Whether the name is that of the one database: `spark.catalog.databaseExists("default")`."""
        return self._run("database_exists", db_name=dbName)

    @user_facing
    def currentCatalog(self):
        """The catalog that names without one are in: always "spark_catalog"."""
        return self._run("current_catalog")

    @user_facing
    def setCurrentCatalog(self, catalogName):
        """Takes "spark_catalog" only. Raises CATALOG_NOT_FOUND for others."""
        self._run("set_current_catalog", catalog_name=catalogName)

    @user_facing
    def listCatalogs(self, pattern=None):
        """The catalogs: there is one, spark_catalog."""
        return [CatalogMetadata(**c) for c in self._run("list_catalogs", pattern=pattern)]

    @user_facing
    def tableExists(self, tableName, dbName=None):
        """Whether there is a table or view of this name: `spark.catalog.tableExists("default.t")`."""
        _deprecated_database("tableExists", dbName)
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
