"""DataStreamReader and DataStreamWriter: streams from sources, and the queries that write them."""
import re

from pyspark_compat import _plan
from pyspark_compat._lacking import with_lacking
from pyspark_compat.errors import PySparkAttributeError, PySparkValueError
from pyspark_compat.errors.exceptions import user_facing
from pyspark_compat.sql._options import Options, ReaderOptions
from pyspark_compat.sql.streaming._interval import check_interval
from pyspark_compat_worker.errors import not_implemented, wrong_type

__all__ = ["DataStreamReader", "DataStreamWriter"]

_OUTPUT_MODES = ("append", "complete", "update")


def _not_empty(name, value):
    """The value if it is a string that is not blank. Raises VALUE_NOT_NON_EMPTY_STR."""
    if not isinstance(value, str) or not value.strip():
        raise PySparkValueError(errorClass="VALUE_NOT_NON_EMPTY_STR", messageParameters={
            "arg_name": name, "arg_value": str(value)})
    return value


@with_lacking
class DataStreamReader(ReaderOptions):
    """`spark.readStream`: makes streams. Setters give the reader."""

    _name = None

    def __init__(self, spark):
        super().__init__()
        self._spark = spark

    schema = user_facing(ReaderOptions.schema)
    format = user_facing(ReaderOptions.format)

    @user_facing
    def name(self, source_name):
        """Names the source in checkpoints: ASCII letters, digits, underscores. Raises INVALID_STREAMING_SOURCE_NAME."""
        if not isinstance(source_name, str):
            raise wrong_type("str", "source_name", source_name)
        if not re.fullmatch("[a-zA-Z0-9_]+", source_name):
            raise PySparkValueError(
                errorClass="INVALID_STREAMING_SOURCE_NAME", messageParameters={"source_name": source_name})
        self._name = source_name
        return self

    def _frame(self, path, source=None):
        given = self._take("path")
        path = given if path is None else path
        return self._spark._frame(_plan.read(
            source or self._source_or_default(self._spark), self._schema, self._options(),
            [] if path is None else [path], True, self._name))

    def _files(self, source, given):
        """A stream of files; `given` holds the arguments of the call."""
        del given["self"]
        path = given.pop("path")
        self._set_opts(**given)
        if not isinstance(path, str):
            raise wrong_type("str", "path", path)
        return self._frame(path, source)

    @user_facing
    def load(self, path=None, format=None, schema=None, **options):
        """The stream, of the path where the source has one. Raises what the source finds missing."""
        if format is not None:
            self.format(format)
        self._set_opts(schema, **options)
        return self._frame(None if path is None else _not_empty("path", path))

    @user_facing
    def json(self, path, schema=None, primitivesAsString=None, prefersDecimal=None, allowComments=None,
             allowUnquotedFieldNames=None, allowSingleQuotes=None, allowNumericLeadingZero=None,
             allowBackslashEscapingAnyCharacter=None, mode=None, columnNameOfCorruptRecord=None, dateFormat=None,
             timestampFormat=None, multiLine=None, allowUnquotedControlChars=None, lineSep=None, locale=None,
             dropFieldIfAllNull=None, encoding=None, pathGlobFilter=None, recursiveFileLookup=None,
             allowNonNumericNumbers=None, useUnsafeRow=None, *, modifiedBefore=None, modifiedAfter=None,
             maxFilesPerTrigger=None, latestFirst=None):
        """A stream of files of JSON lines. Needs a schema unless spark.sql.streaming.schemaInference is on."""
        return self._files("json", locals())

    @user_facing
    def parquet(self, path, mergeSchema=None, pathGlobFilter=None, recursiveFileLookup=None, datetimeRebaseMode=None,
                int96RebaseMode=None, *, modifiedBefore=None, modifiedAfter=None, maxFilesPerTrigger=None,
                latestFirst=None):
        """A stream of Parquet files. Needs a schema unless spark.sql.streaming.schemaInference is on."""
        return self._files("parquet", locals())

    @user_facing
    def text(self, path, wholetext=False, lineSep=None, pathGlobFilter=None, recursiveFileLookup=None, *,
             modifiedBefore=None, modifiedAfter=None, maxFilesPerTrigger=None, latestFirst=None):
        """A stream of the lines of text files, in one column "value"."""
        return self._files("text", locals())

    @user_facing
    def csv(self, path, schema=None, sep=None, encoding=None, quote=None, escape=None, comment=None, header=None,
            inferSchema=None, ignoreLeadingWhiteSpace=None, ignoreTrailingWhiteSpace=None, nullValue=None,
            nanValue=None, positiveInf=None, negativeInf=None, dateFormat=None, timestampFormat=None, maxColumns=None,
            maxCharsPerColumn=None, maxMalformedLogPerPartition=None, mode=None, columnNameOfCorruptRecord=None,
            multiLine=None, charToEscapeQuoteEscaping=None, enforceSchema=None, emptyValue=None, locale=None,
            lineSep=None, pathGlobFilter=None, recursiveFileLookup=None, unescapedQuoteHandling=None, *,
            maxFilesPerTrigger=None, latestFirst=None, modifiedBefore=None, modifiedAfter=None):
        """A stream of CSV files. Needs a schema unless spark.sql.streaming.schemaInference is on."""
        return self._files("csv", locals())

    @user_facing
    def table(self, tableName):
        """The stream of a table or view."""
        if not isinstance(tableName, str):
            raise wrong_type("str", "tableName", tableName)
        return self._spark._frame(_plan.table(tableName, self._options(), True))


@with_lacking
class DataStreamWriter(Options):
    """`frame.writeStream`: says how a stream is written, and starts it. Setters give the writer."""

    def __init__(self, df):
        if not df.isStreaming:
            from pyspark_compat.errors.exceptions.captured import AnalysisException

            raise AnalysisException._of("WRITE_STREAM_NOT_ALLOWED", {},
                                        "`writeStream` works on streams only; use `write`.", "42601")
        super().__init__()
        self._df = df
        self._spark = df.sparkSession
        self._mode = self._query_name = self._trigger = self._function = self._writer = None
        self._partitions = []

    format = user_facing(Options.format)

    @user_facing
    def outputMode(self, outputMode):
        """Which rows go out: append, complete or update. Raises STREAMING_OUTPUT_MODE.INVALID."""
        _not_empty("outputMode", outputMode)
        if outputMode.lower() not in _OUTPUT_MODES:
            from pyspark_compat.errors.exceptions.captured import IllegalArgumentException

            raise IllegalArgumentException._of(
                "STREAMING_OUTPUT_MODE.INVALID", {"outputMode": outputMode},
                f"{outputMode} is no output mode; there are 'Append', 'Complete' and 'Update'.", "42KDE")
        self._mode = outputMode
        return self

    @user_facing
    def queryName(self, queryName):
        """The query's name, one of its own among the running ones."""
        self._query_name = _not_empty("queryName", queryName)
        return self

    def partitionBy(self, *cols):
        """Divides the output in folders by the values of these columns: `frame.writeStream.partitionBy("day", "hour")`."""
        self._partitions = list(cols[0]) if len(cols) == 1 and isinstance(cols[0], (list, tuple)) else list(cols)
        return self

    @user_facing
    def trigger(self, processingTime=None, once=None, continuous=None, availableNow=None, *, realTime=None):
        """When batches run: exactly one of an interval as "5 seconds", once=True, availableNow=True, or continuous.

        Raises ONLY_ALLOW_SINGLE_TRIGGER, VALUE_NOT_ALLOWED, VALUE_NOT_NON_EMPTY_STR or INVALID_INTERVAL_FORMAT.
        """
        if [processingTime, once, continuous, availableNow, realTime].count(None) != 4:
            raise PySparkValueError(errorClass="ONLY_ALLOW_SINGLE_TRIGGER", messageParameters={})
        for name, value, field in (("processingTime", processingTime, "processing_time_interval"),
                                   ("continuous", continuous, "continuous_checkpoint_interval"),
                                   ("realTime", realTime, "real_time_batch_duration")):
            if value is not None:
                interval = _not_empty(name, value).strip()
                check_interval(interval)
                self._trigger = field, interval
        for name, value, field in (("once", once, "once"), ("availableNow", availableNow, "available_now")):
            if value is not None:
                if value is not True:
                    raise PySparkValueError(errorClass="VALUE_NOT_ALLOWED", messageParameters={
                        "arg_name": name, "allowed_values": "[True]"})
                self._trigger = field, True
        return self

    @user_facing
    def foreach(self, f):
        """Gives each row to a function, or to an object with process(row) and perhaps open and close, in a worker.

        open(partition_id, epoch_id) says whether the partition's rows are wanted; close(error) is called in any case.
        Raises ATTRIBUTE_NOT_CALLABLE for an object without process.

        >>> query = spark.readStream.format("rate").load().writeStream.foreach(print).start()
        >>> query.stop()
        """
        if not callable(f):
            for name in ("process", "open", "close"):
                if (name == "process" or hasattr(f, name)) and not callable(getattr(f, name, None)):
                    raise PySparkAttributeError(errorClass="ATTRIBUTE_NOT_CALLABLE", messageParameters={
                        "attr_name": name, "obj_name": "f"})
        from pyspark_compat.sql.udf import pickle_function

        self._writer, self._function = pickle_function((f,)), None
        return self

    def foreachBatch(self, func):
        """Gives each batch as a frame, with its number, to a function in this process."""
        self._function, self._writer = func, None
        return self

    def _refuse_unbuilt(self):
        kind = self._trigger[0] if self._trigger else None
        for refused, feature in ((kind == "continuous_checkpoint_interval", "trigger(continuous=...)"),
                                 (kind == "real_time_batch_duration", "trigger(realTime=...)")):
            if refused:
                raise not_implemented(feature)

    def _arguments(self, format, outputMode, partitionBy, queryName, options):
        """The arguments of start() and toTable(), which win over what the setters set."""
        self.options(**options)
        if outputMode is not None:
            self.outputMode(outputMode)
        if partitionBy is not None:
            self.partitionBy(partitionBy)
        if format is not None:
            self.format(format)
        if queryName is not None:
            self.queryName(queryName)

    @user_facing
    def toTable(self, tableName, format=None, outputMode=None, partitionBy=None, queryName=None, **options):
        """Starts the query into a table, which is made if there is none: `toTable("t", checkpointLocation=folder)`."""
        if not isinstance(tableName, str):
            raise wrong_type("str", "tableName", tableName)
        self._arguments(format, outputMode, partitionBy, queryName, options)
        self._refuse_unbuilt()
        from pyspark_compat.sql.streaming.query import start_query

        return start_query(self._spark, self._df._id, self._source_or_default(self._spark), self._options(), self._mode,
                           self._query_name, self._trigger, None, None, self._partitions, tableName)

    @user_facing
    def start(self, path=None, format=None, outputMode=None, partitionBy=None, queryName=None, **options):
        """Starts the query and gives its handle. Raises what the analyzer, the sink and the checkpoint find wrong."""
        self._arguments(format, outputMode, partitionBy, queryName, options)
        if path is not None and not isinstance(path, str):
            raise wrong_type("str", "path", path)
        self._refuse_unbuilt()
        from pyspark_compat.sql.streaming.query import start_query

        given = self._options()
        found = self._given.get("path")
        if found is not None:
            del given[found[0]]
        ours = self._function is not None or self._writer is not None
        source = None if ours else self._source_or_default(self._spark)
        return start_query(self._spark, self._df._id, source, given, self._mode, self._query_name, self._trigger,
                           path if path is not None else (found[1] if found else None), self._function, self._partitions,
                           writer=self._writer)
