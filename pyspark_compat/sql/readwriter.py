"""DataFrameReader and DataFrameWriter: frames from files and tables, and back."""
from pyspark_compat import _plan, _requests
from pyspark_compat._lacking import with_lacking
from pyspark_compat.errors.exceptions import user_facing
from pyspark_compat.sql._options import Options, ReaderOptions
from pyspark_compat_worker.errors import not_implemented, wrong_type

__all__ = ["DataFrameReader", "DataFrameWriter", "DataFrameWriterV2"]


@with_lacking
class DataFrameReader(ReaderOptions):
    """`spark.read`: makes frames from files, folders and tables. Setters give the reader."""

    def __init__(self, spark):
        super().__init__()
        self._spark = spark

    schema = user_facing(ReaderOptions.schema)
    format = user_facing(ReaderOptions.format)

    def _frame(self, paths, source=None):
        path = self._take("path")
        if paths is None:
            paths = [] if path is None else [path]
        source = source or self._source_or_default(self._spark)
        return self._spark._frame(_plan.read(source, self._schema, self._options(), paths, False))

    def _files(self, source, given):
        """A frame of files; `given` holds the arguments of the call."""
        del given["self"]
        path = given.pop("path")
        self._set_opts(**given)
        if isinstance(path, str):
            path = [path]
        if isinstance(path, list):
            return self._frame(path, source)
        if source != "text" and hasattr(path, "_jrdd_deserializer"):  # an RDD: only then its module is needed
            from pyspark_compat.sql._rdd_lines import frame_of

            return frame_of(self, source, path)
        if hasattr(path, "sparkSession") and hasattr(path, "_handle"):
            raise not_implemented(f"DataFrameReader.{source} of a frame of strings")
        raise wrong_type("str, list, RDD, or DataFrame", "path", path)

    @user_facing
    def load(self, path=None, format=None, schema=None, **options):
        """A frame of the paths, in the format given here or before. Raises what the source finds missing."""
        if format is not None:
            self.format(format)
        self._set_opts(schema, **options)
        if path is not None and not isinstance(path, (str, list)):
            raise wrong_type("str or list", "path", path)
        return self._frame([path] if isinstance(path, str) else path)

    @user_facing
    def json(self, path, schema=None, primitivesAsString=None, prefersDecimal=None, allowComments=None,
             allowUnquotedFieldNames=None, allowSingleQuotes=None, allowNumericLeadingZero=None,
             allowBackslashEscapingAnyCharacter=None, mode=None, columnNameOfCorruptRecord=None, dateFormat=None,
             timestampFormat=None, multiLine=None, allowUnquotedControlChars=None, lineSep=None, samplingRatio=None,
             dropFieldIfAllNull=None, encoding=None, locale=None, pathGlobFilter=None, recursiveFileLookup=None,
             modifiedBefore=None, modifiedAfter=None, allowNonNumericNumbers=None, useUnsafeRow=None):
        """A frame of JSON lines."""
        return self._files("json", locals())

    @user_facing
    def parquet(self, *paths, **options):
        """A frame of Parquet files."""
        self._set_opts(**options)
        return self._frame([p for path in paths for p in (path if isinstance(path, list) else [path])], "parquet")

    @user_facing
    def text(self, paths, wholetext=False, lineSep=None, pathGlobFilter=None, recursiveFileLookup=None,
             modifiedBefore=None, modifiedAfter=None):
        """A frame of the lines of text files, in one column "value"."""
        given = locals()
        given["path"] = given.pop("paths")
        return self._files("text", given)

    @user_facing
    def csv(self, path, schema=None, sep=None, encoding=None, quote=None, escape=None, comment=None, header=None,
            inferSchema=None, ignoreLeadingWhiteSpace=None, ignoreTrailingWhiteSpace=None, nullValue=None,
            nanValue=None, positiveInf=None, negativeInf=None, dateFormat=None, timestampFormat=None, maxColumns=None,
            maxCharsPerColumn=None, maxMalformedLogPerPartition=None, mode=None, columnNameOfCorruptRecord=None,
            multiLine=None, charToEscapeQuoteEscaping=None, samplingRatio=None, enforceSchema=None, emptyValue=None,
            locale=None, lineSep=None, pathGlobFilter=None, recursiveFileLookup=None, modifiedBefore=None,
            modifiedAfter=None, unescapedQuoteHandling=None):
        """A frame of CSV files."""
        return self._files("csv", locals())

    @user_facing
    def table(self, tableName):
        """The frame of a view or table."""
        if not isinstance(tableName, str):
            raise wrong_type("str", "tableName", tableName)
        return self._spark._frame(_plan.table(tableName, self._options(), False))


@with_lacking
class DataFrameWriter(Options):
    """`frame.write`: saves the rows of a frame. Setters give the writer."""

    def __init__(self, df):
        if df.isStreaming:
            from pyspark_compat.errors.exceptions.captured import AnalysisException

            raise AnalysisException._of("CALL_ON_STREAMING_DATASET_UNSUPPORTED", {"methodName": "`write`"},
                                        "The method `write` works on batch frames; use `writeStream`.", "42KDE")
        super().__init__()
        self._df = df
        self._spark = df.sparkSession
        self._mode = "error"
        self._partitions = []

    format = user_facing(Options.format)

    @user_facing
    def mode(self, saveMode):
        """What to do where there is data: append, overwrite, ignore, error. Raises INVALID_SAVE_MODE."""
        if saveMode is None:
            return self
        if not isinstance(saveMode, str):
            raise wrong_type("str", "saveMode", saveMode)
        if saveMode.lower() not in _requests.SAVE_MODES:
            from pyspark_compat.errors.exceptions.captured import AnalysisException

            raise AnalysisException._of(
                "INVALID_SAVE_MODE", {"mode": f'"{saveMode}"'},
                f'"{saveMode}" is no save mode; there are append, overwrite, ignore, error and errorifexists.', "42000")
        self._mode = saveMode.lower()
        return self

    def partitionBy(self, *cols):
        """Divides the output in folders by the values of these columns: `frame.write.partitionBy("day").json(path)`."""
        self._partitions = list(cols[0]) if len(cols) == 1 and isinstance(cols[0], (list, tuple)) else list(cols)
        return self

    def _save(self, path, source=None):
        given = self._take("path")
        source = source or self._source_or_default(self._spark)
        self._spark._engine.message(_requests.write(
            self._df._id, source, _requests.SAVE_MODES[self._mode], self._options(), given if path is None else path,
            self._partitions))

    def _files(self, source, given):
        """Saves as files; `given` holds the arguments of the call."""
        del given["self"]
        path, partitions = given.pop("path"), given.pop("partitionBy", None)
        if not isinstance(path, str):
            raise wrong_type("str", "path", path)
        self.mode(given.pop("mode", None)).options(**given)
        if partitions is not None:
            self.partitionBy(partitions)
        self._save(path, source)

    @user_facing
    def save(self, path=None, format=None, mode=None, partitionBy=None, **options):
        """Saves the rows at the path. Raises PATH_ALREADY_EXISTS in the mode error."""
        self.mode(mode).options(**options)
        if partitionBy is not None:
            self.partitionBy(partitionBy)
        if format is not None:
            self.format(format)
        if path is not None and not isinstance(path, str):
            raise wrong_type("str", "path", path)
        self._save(path)

    def _table(self, name, insert):
        if not isinstance(name, str):
            raise wrong_type("str", "tableName" if insert else "name", name)
        self._spark._engine.message(_requests.write_table(
            self._df._id, self._source_or_default(self._spark), _requests.SAVE_MODES[self._mode], self._options(), name,
            self._partitions, insert))

    @user_facing
    def saveAsTable(self, name, format=None, mode=None, partitionBy=None, **options):
        """Saves the rows as a table: `frame.write.saveAsTable("t", mode="append")`. An append goes by names.

        Raises TABLE_OR_VIEW_ALREADY_EXISTS in the mode error, LOCATION_ALREADY_EXISTS where a folder is in the way.
        """
        self.mode(mode).options(**options)
        if partitionBy is not None:
            self.partitionBy(partitionBy)
        if format is not None:
            self.format(format)
        self._table(name, False)

    @user_facing
    def insertInto(self, tableName, overwrite=None):
        """Puts the rows into a table that exists, by position: `frame.write.insertInto("t", overwrite=True)`."""
        if overwrite is not None:
            self.mode("overwrite" if overwrite else "append")
        elif self._mode != "overwrite":
            self.mode("append")
        self._table(tableName, True)

    @user_facing
    def json(self, path, mode=None, compression=None, dateFormat=None, timestampFormat=None, lineSep=None,
             encoding=None, ignoreNullFields=None):
        """Saves as JSON lines."""
        self._files("json", locals())

    @user_facing
    def parquet(self, path, mode=None, partitionBy=None, compression=None):
        """Saves as Parquet."""
        self._files("parquet", locals())

    @user_facing
    def text(self, path, compression=None, lineSep=None):
        """Saves the one column of strings as lines."""
        self._files("text", locals())

    @user_facing
    def csv(self, path, mode=None, compression=None, sep=None, quote=None, escape=None, header=None, nullValue=None,
            escapeQuotes=None, quoteAll=None, dateFormat=None, timestampFormat=None, ignoreLeadingWhiteSpace=None,
            ignoreTrailingWhiteSpace=None, charToEscapeQuoteEscaping=None, encoding=None, emptyValue=None,
            lineSep=None):
        """Saves as CSV."""
        self._files("csv", locals())


@with_lacking
class DataFrameWriterV2:
    """`frame.writeTo`: writes tables of catalogs. Not implemented."""

    def __init__(self, df, table):
        raise not_implemented("DataFrame.writeTo")
