"""Options of readers and writers: text by key, keys in any case, the last one given wins."""
from pyspark_compat.sql.utils import to_str
from pyspark_compat_worker.errors import wrong_type


class Options:
    """What readers and writers share: format, option, options."""

    _source = None

    def __init__(self):
        self._given = {}

    def format(self, source):
        """The name of the source or sink."""
        if not isinstance(source, str):
            raise wrong_type("str", "source", source)
        self._source = source
        return self

    def option(self, key, value):
        """Sets one option; None leaves it as it is."""
        if value is not None:
            self._given[key.lower()] = (key, to_str(value))
        return self

    def options(self, **options):
        """Sets several options; None leaves one as it is."""
        for key, value in options.items():
            self.option(key, value)
        return self

    def _options(self):
        return dict(self._given.values())

    def _take(self, key):
        """An option's value, which the message says elsewhere; None where it is not set."""
        return self._given.pop(key, (None, None))[1]

    def _source_or_default(self, session):
        return self._source or session._engine.setting("spark.sql.sources.default") or "parquet"


def _without_lengths(schema):
    """The schema. Raises AnalysisException where it holds CHAR or VARCHAR, which readers do not know."""
    from pyspark_compat_worker.types_base import CharType, VarcharType

    left = [schema]
    while left:
        t = left.pop()
        if isinstance(t, (CharType, VarcharType)):
            from pyspark_compat.errors.exceptions.captured import AnalysisException

            raise AnalysisException._of("UNSUPPORTED_CHAR_OR_VARCHAR_AS_STRING", {},
                                        "CHAR and VARCHAR columns are not supported. Use STRING.", "0A000")
        left += [f.dataType for f in getattr(t, "fields", ())]
        left += [v for k in ("elementType", "keyType", "valueType") if (v := getattr(t, k, None)) is not None]
    return schema


def table_schema(schema):
    """The JSON text of a schema given as StructType or DDL. Raises ParseException for text that is no schema."""
    from pyspark_compat_worker.types_nested import StructType

    if isinstance(schema, str):
        from pyspark_compat_worker.types_ddl import parse_ddl

        parsed = parse_ddl(schema)
        if not isinstance(parsed, StructType):
            from pyspark_compat.errors.exceptions.captured import ParseException

            raise ParseException._of("PARSE_SYNTAX_ERROR", {"error": "end of input", "hint": ""},
                                     f"'{schema}' is a type; a schema names its columns.", "42601")
        return _without_lengths(parsed).json()
    if isinstance(schema, StructType):
        return _without_lengths(schema).json()
    raise wrong_type("str or struct type", "schema", schema)


class ReaderOptions(Options):
    """What both readers share: the schema, and options given as arguments."""

    _schema = None

    def schema(self, schema):
        """The columns to read, as StructType or DDL."""
        self._schema = table_schema(schema)
        return self

    def _set_opts(self, schema=None, **options):
        if schema is not None:
            self.schema(schema)
        self.options(**options)
        return self
