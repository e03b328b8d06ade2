"""SQLContext and HiveContext: what was before SparkSession."""
import warnings

from pyspark_compat._lacking import with_lacking
from pyspark_compat.sql.session import SparkSession
from pyspark_compat.sql.udf import UDFRegistration  # noqa: F401
from pyspark_compat.sql.udtf import UDTFRegistration  # noqa: F401

__all__ = ["SQLContext", "HiveContext"]


@with_lacking
class SQLContext:
    """The session under its old name."""

    _instantiatedContext = None

    def __init__(self, sparkContext, sparkSession=None, jsqlContext=None):
        warnings.warn("Deprecated in 3.0.0. Use SparkSession.builder.getOrCreate() instead.", FutureWarning,
                      stacklevel=2)
        self._sc = sparkContext
        self.sparkSession = sparkSession or SparkSession._getActiveSessionOrCreate()
        if SQLContext._instantiatedContext is None or SQLContext._instantiatedContext._sc._stopped:
            SQLContext._instantiatedContext = self

    @classmethod
    def getOrCreate(cls, sc=None):
        """The context there is, or a new one."""
        made = cls._instantiatedContext
        if made is None or made._sc._stopped:
            session = SparkSession._getActiveSessionOrCreate()
            made = cls(sc or session.sparkContext, session)
        return made

    def newSession(self):
        return type(self)(self._sc, self.sparkSession.newSession())

    def setConf(self, key, value):
        self.sparkSession.conf.set(key, value)

    def getConf(self, key, defaultValue=...):
        """A setting's value. Raises SQL_CONF_NOT_FOUND without a default."""
        return self.sparkSession.conf.get(key) if defaultValue is ... else self.sparkSession.conf.get(key, defaultValue)

    def createExternalTable(self, tableName, path=None, source=None, schema=None, **options):
        """See `Catalog.createTable`."""
        return self.sparkSession.catalog.createExternalTable(tableName, path, source, schema, **options)

    def tables(self, dbName=None):
        """The tables and temporary views as a frame of namespace, tableName, isTemporary."""
        return self.sparkSession.sql("SHOW TABLES" if dbName is None else f"SHOW TABLES IN `{dbName}`")

    def tableNames(self, dbName=None):
        """The names of the tables and temporary views."""
        return [row.tableName for row in self.tables(dbName).collect()]

    @property
    def udf(self):
        return self.sparkSession.udf

    @property
    def udtf(self):
        return self.sparkSession.udtf

    @property
    def read(self):
        return self.sparkSession.read

    @property
    def readStream(self):
        return self.sparkSession.readStream

    @property
    def streams(self):
        return self.sparkSession.streams

    def range(self, start, end=None, step=1, numPartitions=None):
        return self.sparkSession.range(start, end, step, numPartitions)

    def createDataFrame(self, data, schema=None, samplingRatio=None, verifySchema=True):
        return self.sparkSession.createDataFrame(data, schema, samplingRatio, verifySchema)

    def registerDataFrameAsTable(self, df, tableName):
        df.createOrReplaceTempView(tableName)

    def dropTempTable(self, tableName):
        self.sparkSession.catalog.dropTempView(tableName)

    def registerFunction(self, name, f, returnType=None):
        return self.sparkSession.udf.register(name, f, returnType)

    def registerJavaFunction(self, name, javaClassName, returnType=None):
        """Not implemented: there is no JVM."""
        return self.sparkSession.udf.registerJavaFunction(name, javaClassName, returnType)

    def sql(self, sqlQuery):
        return self.sparkSession.sql(sqlQuery)

    def table(self, tableName):
        return self.sparkSession.table(tableName)

    def cacheTable(self, tableName):
        self.sparkSession.catalog.cacheTable(tableName)

    def uncacheTable(self, tableName):
        self.sparkSession.catalog.uncacheTable(tableName)

    def clearCache(self):
        self.sparkSession.catalog.clearCache()


@with_lacking
class HiveContext(SQLContext):
    """The session under its old name; there is no Hive catalog."""

    def __init__(self, sparkContext, sparkSession=None, jhiveContext=None):
        super().__init__(sparkContext, sparkSession)

    def refreshTable(self, tableName):
        """See `Catalog.refreshTable`."""
        self.sparkSession.catalog.refreshTable(tableName)
