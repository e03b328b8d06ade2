"""SparkSession: where frames come from."""
import os
import threading
from functools import cached_property

from pyspark_compat import _plan, _requests
from pyspark_compat._lacking import with_lacking
from pyspark_compat.core.context import SparkContext
from pyspark_compat.errors import PySparkAttributeError, PySparkRuntimeError, PySparkTypeError
from pyspark_compat.errors.exceptions import user_facing
from pyspark_compat.sql.conf import RuntimeConfig
from pyspark_compat.sql.dataframe import DataFrame
from pyspark_compat.sql.utils import to_str
from pyspark_compat_worker.captured import Py4JJavaError
from pyspark_compat_worker.errors import not_implemented, wrong_type

__all__ = ["SparkSession"]


class classproperty:
    """A property of the class itself."""

    def __init__(self, fget):
        self.fget = fget

    def __get__(self, instance, owner=None):
        return self.fget(owner if owner is not None else type(instance))


class _Builder:
    """Collects settings and makes the session. All but the last call give the builder."""

    _lock = threading.RLock()

    def __init__(self):
        self._options = {}

    @user_facing
    def config(self, key=None, value=None, conf=None, *, map=None):
        """Settings: a key and a value, a SparkConf, or a dict."""
        if conf is not None:
            self._options.update(conf.getAll())
        elif map is not None:
            self._options.update((k, to_str(v)) for k, v in map.items())
        else:
            self._options[key] = to_str(value)
        if ("spark.master" in self._options or "MASTER" in os.environ) and self._remote() is not None:
            raise PySparkRuntimeError(errorClass="CANNOT_CONFIGURE_SPARK_CONNECT_MASTER", messageParameters={
                "master_url": self._options.get("spark.master", os.environ.get("MASTER")),
                "connect_url": self._remote()})
        return self

    def _remote(self):
        return self._options.get("spark.remote", os.environ.get("SPARK_REMOTE"))

    @user_facing
    def master(self, master):
        """Where it runs: local, local[N] or local[*]."""
        return self.config("spark.master", master)

    @user_facing
    def remote(self, url):
        """Sessions on a Spark Connect server. Not implemented."""
        raise not_implemented("SparkSession.builder.remote")

    @user_facing
    def appName(self, name):
        return self.config("spark.app.name", name)

    @user_facing
    def enableHiveSupport(self):
        """Kept as a setting; there is no Hive catalog behind it."""
        return self.config("spark.sql.catalogImplementation", "hive")

    @user_facing
    def getOrCreate(self):
        """The running session, with the builder's settings applied where they may change, or a new one."""
        self._refuse_remote()
        with self._lock:
            session = SparkSession._instantiatedSession
            if session is None or session._sc._stopped:
                return SparkSession(self._context(), options=self._options)
            session._apply(self._options)
            return session

    @user_facing
    def create(self):
        """A further session: settings and views of its own."""
        self._refuse_remote()
        with self._lock:
            session = SparkSession._instantiatedSession
            if session is None or session._sc._stopped:
                return SparkSession(self._context(), options=self._options)
            return SparkSession(session._sc, session._sc._open_child(), self._options)

    def _refuse_remote(self):
        mode = self._options.get("spark.api.mode", os.environ.get("SPARK_API_MODE", "")) or ""
        if self._remote() is not None or mode.lower() == "connect":
            raise not_implemented("SparkSession.builder.remote")

    def _context(self):
        from pyspark_compat.conf import SparkConf

        return SparkContext.getOrCreate(SparkConf().setAll((k, v) for k, v in self._options.items() if v is not None))


_Builder.__name__, _Builder.__qualname__ = "Builder", "SparkSession.Builder"


@with_lacking
class SparkSession:
    """The entry point: makes frames, holds settings, views and functions."""

    Builder = _Builder
    _instantiatedSession = None
    _activeSession = None

    @classproperty
    def builder(cls):
        return cls.Builder()

    def __init__(self, sparkContext, jsparkSession=None, options={}):
        Py4JJavaError.captured = True
        self._sc = sparkContext
        self._engine = jsparkSession if jsparkSession is not None else sparkContext._engine
        self._jvm = None
        if options:
            self._apply(options)
        current = SparkSession._instantiatedSession
        if current is None or current._sc._stopped:
            SparkSession._instantiatedSession = SparkSession._activeSession = self

    def _apply(self, options):
        """Sets what may change; what may not keeps the value that it started with, as in Spark."""
        from pyspark_compat.errors import PySparkException

        for key, value in options.items():
            if value is None or self._engine.setting(key) == value:
                continue
            try:
                self._engine.settings("set", pairs=[(key, value)])
            except PySparkException as e:
                if e.getCondition() not in ("CANNOT_MODIFY_CONFIG", "CANNOT_MODIFY_STATIC_CONFIG"):
                    raise

    def _adopt(self, engine):
        """The session object over a clone of this session that the engine made; both share the query manager."""
        session = type(self).__new__(type(self))
        session._sc, session._engine, session._jvm = self._sc, engine, None
        session.__dict__["streams"] = self.streams
        return session

    def __getattr__(self, name):
        if name.startswith("_j"):
            raise PySparkAttributeError(errorClass="JVM_ATTRIBUTE_NOT_SUPPORTED", messageParameters={
                "attr_name": f"SparkSession.{name}"})
        raise AttributeError(f"{type(self).__name__!r} object has no attribute {name!r}")

    def __reduce__(self):
        raise PySparkRuntimeError(errorClass="CONTEXT_ONLY_VALID_ON_DRIVER", messageParameters={})

    @user_facing
    def newSession(self):
        """A session of the same application with settings, views and functions of its own."""
        return SparkSession(self._sc, self._sc._open_child())

    @classmethod
    def getActiveSession(cls):
        """The active session, or None."""
        session = SparkSession._activeSession
        return None if session is None or session._sc._stopped else session

    @classmethod
    @user_facing
    def active(cls):
        """The active session. Raises NO_ACTIVE_OR_DEFAULT_SESSION where there is none."""
        session = cls.getActiveSession()
        if session is None:
            session = SparkSession._instantiatedSession
        if session is None or session._sc._stopped:
            raise PySparkRuntimeError(errorClass="NO_ACTIVE_OR_DEFAULT_SESSION", messageParameters={})
        return session

    @staticmethod
    def _getActiveSessionOrCreate(**static_conf):
        session = SparkSession.getActiveSession()
        return session if session is not None else SparkSession.builder.config(map=static_conf).getOrCreate()

    # what hangs on it
    @property
    def sparkContext(self):
        """The context under the session."""
        return self._sc

    @property
    def version(self):
        """The version of PySpark that this stands for."""
        return self._sc.version

    @cached_property
    def conf(self):
        return RuntimeConfig(self._engine)

    @cached_property
    def catalog(self):
        from pyspark_compat.sql.catalog import Catalog

        return Catalog(self)

    @property
    def udf(self):
        """Registers Python functions for SQL, as spark.udf.register(name, function, type)."""
        from pyspark_compat.sql.udf import UDFRegistration

        return UDFRegistration(self)

    @property
    def udtf(self):
        from pyspark_compat.sql.udtf import UDTFRegistration

        return UDTFRegistration(self)

    @property
    def read(self):
        """A reader of files and other data at rest."""
        from pyspark_compat.sql.readwriter import DataFrameReader

        return DataFrameReader(self)

    @property
    def readStream(self):
        """A reader of streams."""
        from pyspark_compat.sql.streaming.readwriter import DataStreamReader

        return DataStreamReader(self)

    @property
    def dataSource(self):
        """Where Python data sources are registered, which is not implemented."""
        from pyspark_compat.sql.datasource import DataSourceRegistration

        return DataSourceRegistration(self)

    @cached_property
    def streams(self):
        from pyspark_compat.sql.streaming.query import StreamingQueryManager

        return StreamingQueryManager(self)

    # frames
    def _frame(self, relation):
        return DataFrame._of(relation, self)

    @user_facing
    def range(self, start, end=None, step=1, numPartitions=None):
        """A frame with one column "id": numbers from start (0 if only one is given) up to, without, end."""
        if end is None:
            start, end = 0, start
        start, end, step = int(start), int(end), int(step)
        partitions = None if numPartitions is None else int(numPartitions)
        if step == 0:
            from pyspark_compat.errors.exceptions.captured import IllegalArgumentException

            raise IllegalArgumentException(desc="requirement failed: the step must not be 0")
        return self._frame(_plan.number_range(start, end, step, partitions))

    @user_facing
    def createDataFrame(self, data, schema=None, samplingRatio=None, verifySchema=True):
        """A frame of local data: rows, dicts, objects, pandas, NumPy or Arrow. The schema is DDL, a type, or names."""
        from pyspark_compat.sql._create import relation_of

        SparkSession._activeSession = self
        if hasattr(data, "_jrdd_deserializer"):  # an RDD: only then its module is needed
            from pyspark_compat.sql._rdd_frames import frame_of

            return frame_of(self, data, schema, samplingRatio, verifySchema)
        return self._frame(relation_of(self, data, schema, verifySchema))

    @user_facing
    def emptyDataFrame(self, schema):
        """A frame of this schema without rows."""
        return self.createDataFrame([], schema)

    @user_facing
    def sql(self, sqlQuery, args=None, **kwargs):
        """The result of a SQL statement; `args` fills its :names (a dict) or its ?s (a list), keywords its {braces}."""
        from pyspark_compat.sql.column import lit_expression

        if kwargs:
            from pyspark_compat.sql._braces import Braces

            braces = Braces(self)
            try:
                return self.sql(braces.format(sqlQuery, **kwargs), args)
            finally:
                braces.clear()
        if args is None or isinstance(args, list):
            return self._frame(_plan.sql(sqlQuery, [lit_expression(v) for v in args or ()]))
        if isinstance(args, dict):
            return self._frame(_plan.sql(sqlQuery, named={k: lit_expression(v) for k, v in args.items()}))
        raise PySparkTypeError(errorClass="INVALID_TYPE", messageParameters={
            "arg_name": "args", "arg_type": type(args).__name__})

    @user_facing
    def table(self, tableName):
        """The frame of a view or table."""
        if not isinstance(tableName, str):
            raise wrong_type("str", "tableName", tableName)
        return self._frame(_plan.table(tableName, {}, False))

    def _register_function(self, function):
        self._engine.message(_requests.function(function))

    def _parse_ddl(self, ddl):
        return self._sc._parse_ddl(ddl)

    # its end
    @user_facing
    def stop(self):
        """Stops the application: its queries, sessions and workers."""
        self._sc.stop()
        SparkSession._instantiatedSession = SparkSession._activeSession = None

    def __enter__(self):
        return self

    def __exit__(self, exc_type, exc_val, exc_tb):
        self.stop()

    def _repr_html_(self):
        return f"<div><p><b>SparkSession - in-memory</b></p>{self._sc._repr_html_()}</div>"

    # of Spark Connect only
    @property
    def client(self):
        raise _connect_only("SparkSession.client")

    def registerProgressHandler(self, handler):
        """Of Spark Connect sessions only."""
        raise _connect_only("SparkSession.registerProgressHandler")

    def removeProgressHandler(self, handler):
        """Of Spark Connect sessions only."""
        raise _connect_only("SparkSession.removeProgressHandler")

    def clearProgressHandlers(self):
        """Of Spark Connect sessions only."""
        raise _connect_only("SparkSession.clearProgressHandlers")

    def copyFromLocalToFs(self, local_path, dest_path):
        """Of Spark Connect sessions only."""
        raise _connect_only("SparkSession.copyFromLocalToFs")


def _connect_only(feature):
    return PySparkRuntimeError(errorClass="ONLY_SUPPORTED_WITH_SPARK_CONNECT", messageParameters={"feature": feature})
