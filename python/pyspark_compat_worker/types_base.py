"""The root of the data types and the atomic ones, with their names in DDL, JSON and SQL."""
import calendar
import datetime
import os
import time

from pyspark_compat_worker.errors import PySparkRuntimeError, not_implemented

INT_MAX = 2147483647


class DataType:
    """Base class of the data types."""

    def __repr__(self):
        return self.__class__.__name__ + "()"

    def __hash__(self):
        return hash(str(self))

    def __eq__(self, other):
        return isinstance(other, self.__class__) and self.__dict__ == other.__dict__

    def __ne__(self, other):
        return not self.__eq__(other)

    @classmethod
    def typeName(cls):
        return cls.__name__[:-4].lower()

    def simpleString(self):
        return self.typeName()

    def jsonValue(self):
        return self.typeName()

    def json(self):
        import json

        return json.dumps(self.jsonValue(), separators=(",", ":"), sort_keys=True)

    def needConversion(self):
        return False

    def toInternal(self, obj):
        return obj

    def fromInternal(self, obj):
        return obj

    def _as_nullable(self):
        return self

    @classmethod
    def fromDDL(cls, ddl):
        from pyspark_compat_worker.types_ddl import parse_ddl

        return parse_ddl(ddl)

    def _sql(self):
        """The type as SQL writes it in a cast."""
        return self.simpleString().upper()

    def _tree_name(self):
        """The type as printSchema writes it."""
        return self.typeName()

    def _tree(self, prefix, depth):
        """The lines of printSchema for what lies below this type, `depth` levels of them."""
        return []


class DataTypeSingleton(type):
    """Metaclass of types without parameters: one instance each."""

    _instances = {}

    def __call__(cls):
        made = DataTypeSingleton._instances.get(cls)
        if made is None:
            made = DataTypeSingleton._instances[cls] = super().__call__()
        return made


class NullType(DataType, metaclass=DataTypeSingleton):
    """The type of None."""

    @classmethod
    def typeName(cls):
        return "void"


class AtomicType(DataType):
    """Everything but null, udt, arrays, maps and structs."""


class NumericType(AtomicType):
    """Numbers."""


class IntegralType(NumericType, metaclass=DataTypeSingleton):
    """Whole numbers."""


class FractionalType(NumericType):
    """Numbers with a fraction."""


class StringType(AtomicType):
    """Text, with a collation."""

    providerSpark = "spark"
    providerICU = "icu"
    providers = [providerSpark, providerICU]

    def __init__(self, collation="UTF8_BINARY"):
        self.collation = collation

    @classmethod
    def collationProvider(cls, collationName):
        return cls.providerSpark if collationName.startswith("UTF8") else cls.providerICU

    def simpleString(self):
        return "string" if self.isUTF8BinaryCollation() else f"string collate {self.collation}"

    def jsonValue(self):
        return self.simpleString()

    def __repr__(self):
        return "StringType()" if self.isUTF8BinaryCollation() else "StringType('%s')" % self.collation

    def isUTF8BinaryCollation(self):
        return self.collation == "UTF8_BINARY"

    def _sql(self):
        return "STRING" if self.isUTF8BinaryCollation() else f"STRING COLLATE {self.collation}"


class _LengthType(AtomicType):
    def __init__(self, length):
        self.length = length

    def simpleString(self):
        return "%s(%d)" % (self.typeName(), self.length)

    def jsonValue(self):
        return self.simpleString()

    def __repr__(self):
        return "%s(%d)" % (type(self).__name__, self.length)

    def _tree_name(self):
        return self.simpleString()


class CharType(_LengthType):
    """Text of a fixed length."""


class VarcharType(_LengthType):
    """Text up to a length."""


class BinaryType(AtomicType, metaclass=DataTypeSingleton):
    """Bytes."""


class BooleanType(AtomicType, metaclass=DataTypeSingleton):
    """True or False."""


class DatetimeType(AtomicType):
    """Dates and times."""


_EPOCH = datetime.datetime(1970, 1, 1).toordinal()


class DateType(DatetimeType, metaclass=DataTypeSingleton):
    """A day."""

    EPOCH_ORDINAL = _EPOCH

    def needConversion(self):
        return True

    def toInternal(self, d):
        return None if d is None else d.toordinal() - _EPOCH

    def fromInternal(self, v):
        return None if v is None else datetime.date.fromordinal(v + _EPOCH)


class AnyTimeType(DatetimeType):
    """Times of day of any precision."""


class TimeType(AnyTimeType):
    """A time of day."""

    def __init__(self, precision=6):
        self.precision = precision

    def needConversion(self):
        return True

    def toInternal(self, t):
        if t is not None:
            return ((t.hour * 60 + t.minute) * 60 + t.second) * 1_000_000_000 + t.microsecond * 1000

    def fromInternal(self, nano):
        if nano is not None:
            seconds, rest = divmod(nano, 1_000_000_000)
            minutes, second = divmod(seconds, 60)
            hour, minute = divmod(minutes, 60)
            return datetime.time(hour, minute, second, rest // 1000)

    def simpleString(self):
        return "time(%d)" % self.precision

    def jsonValue(self):
        return self.simpleString()

    def __repr__(self):
        return "TimeType(%d)" % self.precision

    def _tree_name(self):
        return self.simpleString()


class TimestampType(DatetimeType, metaclass=DataTypeSingleton):
    """An instant, shown in the machine's zone as a datetime without zone."""

    def needConversion(self):
        return True

    def toInternal(self, dt):
        if dt is not None:
            seconds = calendar.timegm(dt.utctimetuple()) if dt.tzinfo else time.mktime(dt.timetuple())
            return int(seconds) * 1000000 + dt.microsecond

    def fromInternal(self, ts):
        if ts is not None:
            return datetime.datetime.fromtimestamp(ts // 1000000).replace(microsecond=ts % 1000000)


class TimestampNTZType(DatetimeType, metaclass=DataTypeSingleton):
    """A date and time without zone."""

    def needConversion(self):
        return True

    @classmethod
    def typeName(cls):
        return "timestamp_ntz"

    def toInternal(self, dt):
        if dt is not None:
            return calendar.timegm(dt.timetuple()) * 1000000 + dt.microsecond

    def fromInternal(self, ts):
        if ts is not None:
            at = datetime.datetime.fromtimestamp(ts // 1000000, datetime.UTC)
            return at.replace(microsecond=ts % 1000000, tzinfo=None)


class DecimalType(FractionalType):
    """A decimal number of fixed precision and scale."""

    def __init__(self, precision=10, scale=0):
        self.precision = precision
        self.scale = scale
        self.hasPrecisionInfo = True

    def simpleString(self):
        return "decimal(%d,%d)" % (self.precision, self.scale)

    def jsonValue(self):
        return self.simpleString()

    def __repr__(self):
        return "DecimalType(%d,%d)" % (self.precision, self.scale)

    def _tree_name(self):
        return self.simpleString()


class DoubleType(FractionalType, metaclass=DataTypeSingleton):
    """A double."""


class FloatType(FractionalType, metaclass=DataTypeSingleton):
    """A float."""


class ByteType(IntegralType):
    """A whole number of 8 bits."""

    def simpleString(self):
        return "tinyint"


class ShortType(IntegralType):
    """A whole number of 16 bits."""

    def simpleString(self):
        return "smallint"


class IntegerType(IntegralType):
    """A whole number of 32 bits."""

    def simpleString(self):
        return "int"


class LongType(IntegralType):
    """A whole number of 64 bits."""

    def simpleString(self):
        return "bigint"


class AnsiIntervalType(AtomicType):
    """Intervals of one kind of units."""

    _fields = {}
    _inverted_fields = {}

    def __init__(self, startField=None, endField=None):
        if startField is None and endField is None:
            startField, endField = min(self._fields), max(self._fields)
        elif endField is None:
            endField = startField
        if startField not in self._fields or endField not in self._fields:
            raise PySparkRuntimeError(errorClass="INVALID_INTERVAL_CASTING", messageParameters={
                "start_field": str(startField), "end_field": str(endField)})
        self.startField = startField
        self.endField = endField

    def _str_repr(self):
        first, last = self._fields[self.startField], self._fields[self.endField]
        return f"interval {first}" if first == last else f"interval {first} to {last}"

    simpleString = _str_repr
    jsonValue = _str_repr

    def __repr__(self):
        return "%s(%d, %d)" % (type(self).__name__, self.startField, self.endField)

    def _tree_name(self):
        return self.simpleString()


class DayTimeIntervalType(AnsiIntervalType):
    """An interval of days to seconds: a timedelta."""

    DAY, HOUR, MINUTE, SECOND = 0, 1, 2, 3
    _fields = {DAY: "day", HOUR: "hour", MINUTE: "minute", SECOND: "second"}
    _inverted_fields = {name: key for key, name in _fields.items()}

    def needConversion(self):
        return True

    def toInternal(self, dt):
        if dt is not None:
            return (dt.days * 86400 + dt.seconds) * 1_000_000 + dt.microseconds

    def fromInternal(self, micros):
        if micros is not None:
            return datetime.timedelta(microseconds=micros)


class YearMonthIntervalType(AnsiIntervalType):
    """An interval of years and months; Python has no value for it."""

    YEAR, MONTH = 0, 1
    _fields = {YEAR: "year", MONTH: "month"}
    _inverted_fields = {name: key for key, name in _fields.items()}

    def needConversion(self):
        return os.environ.get("PYSPARK_YM_INTERVAL_LEGACY") != "1"

    def toInternal(self, obj):
        raise not_implemented("YearMonthIntervalType.toInternal")

    def fromInternal(self, obj):
        raise not_implemented("YearMonthIntervalType.fromInternal")


class CalendarIntervalType(DataType, metaclass=DataTypeSingleton):
    """An interval of months, days and microseconds; Python has no value for it."""

    @classmethod
    def typeName(cls):
        return "interval"

    def needConversion(self):
        return True

    def toInternal(self, obj):
        raise not_implemented("CalendarIntervalType.toInternal")

    def fromInternal(self, obj):
        raise not_implemented("CalendarIntervalType.fromInternal")
