"""Data types from DDL text: "a INT, b STRING NOT NULL COMMENT 'x'", "struct<a:int>", "decimal(10,2)"."""
import re

from pyspark_compat_worker import types_base as base
from pyspark_compat_worker.captured import ParseException
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
    def __init__(self, error):
        super().__init__(error)
        self.error = error


def parse_ddl(text):
    """The type of a DDL text: a list of fields makes a struct, anything else is one type."""
    failure = None
    for rule in (_fields, _only_type):
        try:
            return _Parser(text).whole(rule)
        except _Syntax as e:
            failure = failure or e
        except ParseException as e:
            if rule is _only_type and not isinstance(failure, ParseException):
                failure = e
            failure = failure or e
    if isinstance(failure, ParseException):
        raise failure from None
    raise _syntax_error(failure.error, text) from None


def parse_type(text):
    """The one type of a cast's text."""
    try:
        return _Parser(text).whole(_only_type)
    except _Syntax as e:
        raise _syntax_error(e.error, text) from None


def _syntax_error(error, text):
    return ParseException._of("PARSE_SYNTAX_ERROR", {"error": error, "hint": ""},
                              f"Syntax error at or near {error} in the type text '{text}'.", "42601")


def _fields(parser):
    return StructType(parser.fields(None))


def _only_type(parser):
    return parser.data_type()


class _Parser:
    def __init__(self, text):
        self.tokens = []
        for m in _TOKEN.finditer(text):
            if m.lastgroup:
                self.tokens.append((m.lastgroup, m.group(m.lastgroup)))
        self.at = 0

    def whole(self, rule):
        found = rule(self)
        if self.at < len(self.tokens):
            self.fail()
        return found

    def fail(self):
        here = self.tokens[self.at][1] if self.at < len(self.tokens) else None
        raise _Syntax("end of input" if here is None else f"'{here}'")

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
            return _decimal(given)
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
        raise ParseException._of("UNSUPPORTED_DATATYPE", {"typeName": f'"{shown}"'},
                                 f'The data type "{shown}" is not supported.', "0A000")

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
        found = self.fields(">")
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


def _decimal(given):
    precision, scale = (given + [0])[:2] if given else (10, 0)
    if precision > 38:
        raise ParseException._of("DECIMAL_PRECISION_EXCEEDS_MAX_PRECISION",
                                 {"precision": str(precision), "maxPrecision": "38"},
                                 f"A decimal has at most 38 digits, not {precision}.", "22003")
    if scale > precision:
        raise ParseException._of("_LEGACY_ERROR_TEMP_1229", {"decimalScale": str(scale),
                                                             "decimalPrecision": str(precision)},
                                 f"The decimal scale {scale} exceeds the precision {precision}.", None)
    return base.DecimalType(precision, scale)
