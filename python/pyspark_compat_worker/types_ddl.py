"""Data types from DDL text: "a INT, b STRING NOT NULL COMMENT 'x'", "struct<a:int>", "decimal(10,2)"."""
import re

from pyspark_compat_worker import types_base as base
from pyspark_compat_worker.captured import AnalysisException, ArithmeticException, CapturedException, ParseException
from pyspark_compat_worker.types_nested import ArrayType, MapType, StructField, StructType
from pyspark_compat_worker.types_object import GeographyType, GeometryType, VariantType

_TOKEN = re.compile(r"""\s*(?:
    (?P<quoted>`(?:[^`]|``)*`) | (?P<text>'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*") | (?P<word>\w+) | (?P<sign>[<>(),:.\-])
    | (?P<bad>\S))""", re.VERBOSE | re.DOTALL)

_PLAIN = {
    "boolean": base.BooleanType, "tinyint": base.ByteType, "byte": base.ByteType, "smallint": base.ShortType,
    "short": base.ShortType, "int": base.IntegerType, "integer": base.IntegerType, "bigint": base.LongType,
    "long": base.LongType, "float": base.FloatType, "real": base.FloatType, "double": base.DoubleType,
    "date": base.DateType, "timestamp": base.TimestampType, "timestamp_ltz": base.TimestampType,
    "timestamp_ntz": base.TimestampNTZType, "binary": base.BinaryType, "void": base.NullType,
    "variant": VariantType,
}
_DECIMAL = ("decimal", "dec", "numeric")


class _Syntax(Exception):
    def __init__(self, error, extra=False):
        super().__init__(error)
        self.error = error
        self.extra = extra

    def hint(self):
        return f": extra input {self.error}" if self.extra else ""


def parse_ddl(text):
    """The type of a DDL text: fields make a struct, anything else is one type; fields with colons come last.

    What the first of these readings says of a text that none can read is the error.
    """
    failure = None
    for rule in (_fields, _only_type, _fields_with_colons):
        try:
            return _Parser(text).whole(rule)
        except (_Syntax, CapturedException) as e:
            failure = failure or e
    if isinstance(failure, _Syntax):
        failure = _syntax_error(failure.error, text, failure.hint())
    raise failure from None


def parse_type(text):
    """The one type of a cast's text."""
    if not text.strip():
        raise ParseException._of("PARSE_EMPTY_STATEMENT", {}, "The type text is empty.", "42617")
    try:
        return _Parser(text).whole(_only_type)
    except _Syntax as e:
        raise _syntax_error(e.error, text, e.hint()) from None


def _syntax_error(error, text, hint=""):
    return ParseException._of("PARSE_SYNTAX_ERROR", {"error": error, "hint": hint},
                              f"Syntax error at or near {error}{hint} in the type text '{text}'.", "42601")


def _fields(parser):
    return StructType(parser.fields(None) if parser.tokens else [])


def _fields_with_colons(parser):
    parser.colons = True
    return _fields(parser)


def _only_type(parser):
    return parser.data_type()


class _Parser:
    def __init__(self, text):
        self.tokens = []
        for m in _TOKEN.finditer(text):
            if m.lastgroup:
                self.tokens.append((m.lastgroup, m.group(m.lastgroup)))
        self.at = 0
        self.depth = 0
        self.colons = False  # whether a colon may stand between a name and its type outside of structs
        self.refused = None  # the first type that is well written and not supported

    def whole(self, rule):
        found = rule(self)
        if self.at < len(self.tokens):
            one = self.at == len(self.tokens) - 1
            self.fail(extra=one and (rule is _only_type or self.refused is not None))
        if self.refused is not None:
            raise self.refused
        return found

    def fail(self, extra=False):
        here = self.tokens[self.at][1] if self.at < len(self.tokens) else None
        if here == ">" and self.at and self.tokens[self.at - 1][1] == "<":
            here = "<>"  # one sign in SQL
        raise _Syntax("end of input" if here is None else f"'{here}'", extra)

    def refuse(self, error):
        """Keeps the error for when the text has turned out to be well written."""
        self.refused = self.refused or error
        return base.NullType()

    def peek(self):
        return self.tokens[self.at][1].lower() if self.at < len(self.tokens) else None

    def take(self, text):
        if self.peek() == text and self.tokens[self.at][0] != "quoted":
            self.at += 1
            return True
        return False

    def need(self, text):
        if not self.take(text):
            self.fail()

    def word(self):
        if self.at >= len(self.tokens) or self.tokens[self.at][0] != "word":
            self.fail()
        self.at += 1
        return self.tokens[self.at - 1][1]

    def name(self):
        if self.at < len(self.tokens) and self.tokens[self.at][0] == "quoted":
            self.at += 1
            return self.tokens[self.at - 1][1][1:-1].replace("``", "`")
        return self.word()

    def number(self):
        sign = -1 if self.take("-") else 1
        text = self.word()
        if not text.isdigit():
            self.at -= 1
            self.fail()
        return sign * int(text)

    def numbers(self):
        found = []
        if self.take("("):
            found.append(self.number())
            while self.take(","):
                found.append(self.number())
            self.need(")")
        return found

    def fields(self, end):
        found = []
        if end is not None and self.peek() == end:
            return found
        while True:
            found.append(self.field())
            if not self.take(","):
                return found

    def field(self):
        name = self.name()
        if self.depth or self.colons:
            self.take(":")
        data_type = self.data_type()
        nullable, metadata = True, None
        if self.take("not"):
            self.need("null")
            nullable = False
        if self.take("comment"):
            if self.at >= len(self.tokens) or self.tokens[self.at][0] != "text":
                self.fail()
            comment = re.sub(r"\\(.)", r"\1", self.tokens[self.at][1][1:-1])
            self.at += 1
            metadata = {"comment": comment}
        return StructField(name, data_type, nullable, metadata)

    def data_type(self):
        start = self.at
        raw = self.word()
        word = raw.lower()
        nested = getattr(self, "_" + word, None) if word in ("array", "map", "struct", "interval") else None
        if nested:
            return nested()
        if word in _PLAIN:
            return _PLAIN[word]()
        if word == "string":
            return base.StringType(self.collation()) if self.take("collate") else base.StringType()
        given = self.numbers() if word not in ("geometry", "geography") else []
        if word in _DECIMAL and len(given) <= 2:
            return self.decimal(given)
        if word in ("char", "character") and len(given) == 1:
            return base.CharType(given[0])
        if word == "varchar" and len(given) == 1:
            return base.VarcharType(given[0])
        if word == "time" and len(given) <= 1:
            return base.TimeType(*given)
        if word in ("geometry", "geography"):
            return self.spatial(GeometryType if word == "geometry" else GeographyType)
        if not re.match(r"[^\W\d]", raw):
            self.at = start
            self.fail()
        shown = raw.upper() + ("(%s)" % ",".join(map(str, given)) if given else "")
        return self.refuse(ParseException._of("UNSUPPORTED_DATATYPE", {"typeName": f'"{shown}"'},
                                              f'The data type "{shown}" is not supported.', "0A000"))

    def decimal(self, given):
        precision, scale = (given + [0])[:2] if given else (10, 0)
        if precision > 38:
            return self.refuse(ArithmeticException._of(
                "DECIMAL_PRECISION_EXCEEDS_MAX_PRECISION", {"precision": str(precision), "maxPrecision": "38"},
                f"A decimal has at most 38 digits, not {precision}.", "22003"))
        if scale > precision:
            return self.refuse(AnalysisException._of(
                "_LEGACY_ERROR_TEMP_1229", {"decimalScale": str(scale), "decimalPrecision": str(precision)},
                f"The decimal scale {scale} exceeds the precision {precision}.", None))
        return base.DecimalType(precision, scale)

    def collation(self):
        return self.name().upper()

    def spatial(self, kind):
        self.need("(")
        srid = "ANY" if self.take("any") else self.number()
        self.need(")")
        return kind(srid)

    def _array(self):
        self.need("<")
        element = self.data_type()
        self.need(">")
        return ArrayType(element)

    def _map(self):
        self.need("<")
        key = self.data_type()
        self.need(",")
        value = self.data_type()
        self.need(">")
        return MapType(key, value)

    def _struct(self):
        self.need("<")
        self.depth += 1
        found = self.fields(">")
        self.depth -= 1
        self.need(">")
        return StructType(found)

    def _interval(self):
        first = self.peek()
        for kind in (base.DayTimeIntervalType, base.YearMonthIntervalType):
            if first in kind._inverted_fields:
                self.at += 1
                if not self.take("to"):
                    return kind(kind._inverted_fields[first])
                last = self.word().lower()
                if kind._inverted_fields.get(last, -1) <= kind._inverted_fields[first]:
                    self.at -= 1
                    self.fail()
                return kind(kind._inverted_fields[first], kind._inverted_fields[last])
        return base.CalendarIntervalType()
