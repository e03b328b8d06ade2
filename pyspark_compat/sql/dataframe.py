"""DataFrame: rows of named columns, described by a frame of the engine.

A method that makes a frame sends one node over its own handle and gets the new frame's schema back, so analysis errors
come at that call. The methods lie in families: _relational (frames from frames), _cleaning (missing
values, statistics) and _actions (rows and text).
"""
import json
import warnings

from pyspark_compat import _expressions as ex
from pyspark_compat import _plan, _requests
from pyspark_compat._lacking import with_lacking
from pyspark_compat.errors import PySparkAttributeError, PySparkValueError
from pyspark_compat.errors.exceptions import user_facing
from pyspark_compat.sql._actions import Actions
from pyspark_compat.sql._cleaning import Cleaning
from pyspark_compat.sql._relational import Relational
from pyspark_compat.sql.column import Column
from pyspark_compat_worker.errors import wrong_type

__all__ = ["DataFrame", "DataFrameNaFunctions", "DataFrameStatFunctions"]


@with_lacking
class DataFrame(Relational, Cleaning, Actions):
    """Rows of named columns, batch or streaming. Made by a session or from another frame."""

    def __init__(self, jdf, sql_ctx):
        self._handle, self._schema_text, self._streaming = jdf
        self._session = sql_ctx
        self._schema = None
        self.is_cached = False
        self._support_repr_html = False

    @classmethod
    def _of(cls, relation, session):
        """The frame of a relation. Raises what the analyzer finds."""
        return cls(session._engine.frame(relation), session)

    def _then(self, relation):
        """A frame made from this one."""
        return DataFrame._of(relation, self._session)

    @property
    def _id(self):
        return self._handle.text

    def __reduce__(self):
        from pyspark_compat.errors import PySparkRuntimeError

        raise PySparkRuntimeError(errorClass="CONTEXT_ONLY_VALID_ON_DRIVER", messageParameters={})

    # what it is
    @property
    def sparkSession(self):
        """The session that made the frame."""
        return self._session

    @property
    def _sc(self):
        return self._session._sc

    @property
    def schema(self):
        """The columns as a StructType."""
        if self._schema is None:
            from pyspark_compat_worker.types_nested import StructType

            self._schema = StructType.fromJson(self._schema_json)
        return self._schema

    @property
    def _schema_json(self):
        """The schema as a dict, read from the engine's text when it is first asked for."""
        if isinstance(self._schema_text, bytes):
            self._schema_text = json.loads(self._schema_text)
        return self._schema_text

    @property
    def columns(self):
        """The names of the columns."""
        return [field["name"] for field in self._schema_json["fields"]]

    @property
    def dtypes(self):
        """Pairs of name and type."""
        return [(f.name, f.dataType.simpleString()) for f in self.schema.fields]

    @property
    def isStreaming(self):
        """Whether a stream is among the sources."""
        return self._streaming

    # columns
    @user_facing
    def __getitem__(self, item):
        """A column by name or position, the rows where a Column holds, or the columns in a list."""
        if isinstance(item, str):
            return self._column(item)
        if isinstance(item, Column):
            return self.filter(item)
        if isinstance(item, (list, tuple)):
            return self.select(*item)
        if isinstance(item, int):
            return self._column(self.columns[item])
        raise wrong_type("Column, float, integer, list or string", "item", item)

    @user_facing
    def __getattr__(self, name):
        """A column by name. Raises ATTRIBUTE_NOT_SUPPORTED for other names."""
        if name in ("_jdf", "_jseq", "_jmap", "_jcols"):
            raise PySparkAttributeError(
                errorClass="JVM_ATTRIBUTE_NOT_SUPPORTED", messageParameters={"attr_name": f"DataFrame.{name}"})
        if "_schema_text" not in self.__dict__ or name not in self.columns:
            raise PySparkAttributeError(errorClass="ATTRIBUTE_NOT_SUPPORTED", messageParameters={"attr_name": name})
        return self._column(name)

    def _column(self, name):
        """The column of a name; what is not plainly there is asked of the engine, which knows the error."""
        if name == "*":
            return Column(ex.star(plan_id=int(self._id)))
        found = ex.attribute(name, int(self._id))
        wanted = name.lower()
        if [c.lower() for c in self.columns].count(wanted) != 1 or "." in name or "`" in name:
            from pyspark_compat_worker.captured import AnalysisException

            try:
                self._then(_plan.project(self._id, [found]))
            except AnalysisException as e:
                raise self._listing(e) from None
        return Column(found)

    def _listing(self, error):
        """The error of an unknown column of this frame, which lists the frame's columns in their order."""
        if error.getCondition() != "UNRESOLVED_COLUMN.WITH_SUGGESTION":
            return error
        given = dict(error.getMessageParameters())
        listed = ", ".join("`" + name.replace("`", "``") + "`" for name in self.columns)
        text = error._message.replace(given["proposal"], listed)
        return type(error)._of(error.getCondition(), {**given, "proposal": listed}, text, error.getSqlState())

    def __dir__(self):
        return sorted(set(super().__dir__()) | {name for name in self.columns if name.isidentifier()})

    def _ipython_key_completions_(self):
        return self.columns

    @user_facing
    def colRegex(self, colName):
        """The columns that a pattern in backquotes names."""
        if not isinstance(colName, str):
            raise wrong_type("str", "colName", colName)
        if colName.startswith("`") and colName.endswith("`") and len(colName) > 1:
            return Column(ex.regex(colName, int(self._id)))
        return self._column(colName)

    @user_facing
    def metadataColumn(self, colName):
        """A column that describes where a row comes from, as _metadata."""
        if not isinstance(colName, str):
            raise wrong_type("str", "colName", colName)
        return Column(ex.attribute(colName, int(self._id), True))

    # families of their own
    @property
    def na(self):
        """Functions for nulls: drop, fill, replace."""
        return DataFrameNaFunctions(self)

    @property
    def stat(self):
        """Functions of statistics."""
        return DataFrameStatFunctions(self)

    @property
    @user_facing
    def write(self):
        """Saves the rows. Raises CALL_ON_STREAMING_DATASET_UNSUPPORTED on a stream."""
        from pyspark_compat.sql.readwriter import DataFrameWriter

        return DataFrameWriter(self)

    @property
    @user_facing
    def writeStream(self):
        """Starts a query over a stream. Raises WRITE_STREAM_NOT_ALLOWED on a frame that is none."""
        from pyspark_compat.sql.streaming.readwriter import DataStreamWriter

        return DataStreamWriter(self)

    @user_facing
    def writeTo(self, table):
        """Not implemented: raises NOT_IMPLEMENTED."""
        from pyspark_compat.sql.readwriter import DataFrameWriterV2

        return DataFrameWriterV2(self, table)

    @property
    @user_facing
    def rdd(self):
        """The rows as an RDD of Row. The frame runs once, when a job first needs its rows."""
        if self._lazy_rdd is None:
            from pyspark_compat.sql._rdd_frames import rdd_of

            self._lazy_rdd = rdd_of(self)
        return self._lazy_rdd

    _lazy_rdd = None

    @user_facing
    def toJSON(self, use_unicode=True):
        """The rows as an RDD of JSON texts: strings, or bytes in UTF-8."""
        from pyspark_compat.sql._rdd_frames import texts_of
        from pyspark_compat.sql.functions import struct, to_json

        warnings.warn("DataFrame.toJSON gives an RDD; in later releases of PySpark it will give a DataFrame.")
        if not self.columns:
            return texts_of(self.rdd.map(lambda row: "{}"), use_unicode)
        return texts_of(self.select(to_json(struct("*")).alias("value")).rdd.map(lambda row: row[0]), use_unicode)

    def _refuse_stream(self):
        """Raises where the frame streams and rows are asked of it."""
        if self._streaming:
            from pyspark_compat.errors.exceptions.captured import AnalysisException

            text = ("Queries with streaming sources must be executed with writeStream.start(), or from a streaming "
                    "table or flow definition within a Spark Declarative Pipeline.")
            raise AnalysisException._of("_LEGACY_ERROR_TEMP_3102", {"msg": text}, text, None)

    # views
    def _view(self, name, whole_application, replace):
        if not isinstance(name, str):
            raise wrong_type("str", "name", name)
        self._session._engine.message(_requests.view(self._id, name, whole_application, replace))

    @user_facing
    def createTempView(self, name):
        """Names the frame for SQL in this session. Raises TEMP_TABLE_OR_VIEW_ALREADY_EXISTS."""
        self._view(name, False, False)

    @user_facing
    def createOrReplaceTempView(self, name):
        """Names the frame for SQL in this session."""
        self._view(name, False, True)

    @user_facing
    def createGlobalTempView(self, name):
        """Names the frame in `global_temp` for all sessions. Raises TEMP_TABLE_OR_VIEW_ALREADY_EXISTS."""
        self._view(name, True, False)

    @user_facing
    def createOrReplaceGlobalTempView(self, name):
        """Names the frame in `global_temp` for all sessions."""
        self._view(name, True, True)

    def registerTempTable(self, name):
        """The old name of createOrReplaceTempView."""
        warnings.warn("Deprecated in 2.0, use createOrReplaceTempView instead.", FutureWarning, stacklevel=2)
        self.createOrReplaceTempView(name)

    @property
    def executionInfo(self):
        raise PySparkValueError(
            errorClass="CLASSIC_OPERATION_NOT_SUPPORTED_ON_DF", messageParameters={"member": "queryExecution"})


class DataFrameNaFunctions:
    """Missing values: `frame.na`."""

    def __init__(self, df):
        self.df = df

    def drop(self, how="any", thresh=None, subset=None):
        """As DataFrame.dropna."""
        return self.df.dropna(how=how, thresh=thresh, subset=subset)

    def fill(self, value, subset=None):
        """As DataFrame.fillna."""
        return self.df.fillna(value=value, subset=subset)

    def replace(self, to_replace, value=..., subset=None):
        """As DataFrame.replace."""
        return self.df.replace(to_replace, value, subset)


@with_lacking
class DataFrameStatFunctions:
    """Statistics: `frame.stat`."""

    def __init__(self, df):
        self.df = df

    def corr(self, col1, col2, method=None):
        """As DataFrame.corr."""
        return self.df.corr(col1, col2, method)

    def cov(self, col1, col2):
        """As DataFrame.cov."""
        return self.df.cov(col1, col2)

    def sampleBy(self, col, fractions, seed=None):
        """As DataFrame.sampleBy."""
        return self.df.sampleBy(col, fractions, seed)
