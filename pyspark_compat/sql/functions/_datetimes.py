"""Dates, times, intervals and time windows."""
from pyspark_compat.sql.functions._call import (
    MISSING,
    Column,
    PySparkValueError,
    call,
    column_or,
    expression,
    given,
    lit,
    number,
    option,
    plain,
    text_or_column,
    wrong_type,
)


def curdate():
    return call("curdate")


def current_date():
    """The date at which the batch began."""
    return call("current_date")


def current_timestamp():
    """The time at which the batch began."""
    return call("current_timestamp")


def now():
    return call("now")


def current_timezone():
    return call("current_timezone")


def localtimestamp():
    return call("localtimestamp")


def date_format(date, format):
    """The text of a date or time in a pattern."""
    return call("date_format", date, lit(format))


def year(col):
    return call("year", col)


def quarter(col):
    return call("quarter", col)


def month(col):
    return call("month", col)


def dayofweek(col):
    return call("dayofweek", col)


def dayofmonth(col):
    return call("dayofmonth", col)


def day(col):
    return call("day", col)


def dayofyear(col):
    return call("dayofyear", col)


def hour(col):
    return call("hour", col)


def minute(col):
    return call("minute", col)


def second(col):
    return call("second", col)


def weekofyear(col):
    return call("weekofyear", col)


def weekday(col):
    return call("weekday", col)


def monthname(col):
    return call("monthname", col)


def dayname(col):
    return call("dayname", col)


def extract(field, source):
    return call("extract", field, source)


def date_part(field, source):
    return call("date_part", field, source)


def datepart(field, source):
    return call("datepart", field, source)


def make_date(year, month, day):
    return call("make_date", year, month, day)


def date_add(start, days):
    return call("date_add", start, number(days))


def dateadd(start, days):
    return call("dateadd", start, number(days))


def date_sub(start, days):
    return call("date_sub", start, number(days))


def datediff(end, start):
    return call("datediff", end, start)


def date_diff(end, start):
    return call("date_diff", end, start)


def date_from_unix_date(days):
    return call("date_from_unix_date", days)


def add_months(start, months):
    return call("add_months", start, number(months))


def months_between(date1, date2, roundOff=True):
    return call("months_between", date1, date2, lit(roundOff))


def to_date(col, format=None):
    """The DATE that a text says, in the pattern where one is given."""
    return call("to_date", col, option(format))


def try_to_date(col, format=None):
    return call("try_to_date", col, option(format))


def unix_date(col):
    return call("unix_date", col)


def unix_micros(col):
    return call("unix_micros", col)


def unix_millis(col):
    return call("unix_millis", col)


def unix_nanos(col):
    return call("unix_nanos", col)


def unix_seconds(col):
    return call("unix_seconds", col)


def to_time(str, format=None):
    return call("to_time", str, given(format))


def to_timestamp(col, format=None):
    """The TIMESTAMP that a text says, in the pattern where one is given."""
    return call("to_timestamp", col, option(format))


def try_to_time(str, format=None):
    return call("try_to_time", str, given(format))


def try_to_timestamp(col, format=None):
    return call("try_to_timestamp", col, given(format))


def trunc(date, format):
    return call("trunc", date, lit(format))


def date_trunc(format, timestamp):
    """The time cut down to a unit as "hour"."""
    return call("date_trunc", lit(format), timestamp)


def next_day(date, dayOfWeek):
    return call("next_day", date, lit(dayOfWeek))


def last_day(date):
    return call("last_day", date)


def from_unixtime(timestamp, format="yyyy-MM-dd HH:mm:ss"):
    return call("from_unixtime", timestamp, lit(format))


def from_utc_timestamp(timestamp, tz):
    return call("from_utc_timestamp", timestamp, lit(tz))


def to_utc_timestamp(timestamp, tz):
    return call("to_utc_timestamp", timestamp, lit(tz))


def timestamp_seconds(col):
    return call("timestamp_seconds", col)


def time_diff(unit, start, end):
    return call("time_diff", unit, start, end)


def time_trunc(unit, time):
    return call("time_trunc", unit, time)


def timestamp_millis(col):
    return call("timestamp_millis", col)


def timestamp_micros(col):
    return call("timestamp_micros", col)


def timestamp_nanos(col):
    return call("timestamp_nanos", col)


def timestamp_diff(unit, start, end):
    return call("timestampdiff", lit(unit), start, end)


def timestamp_add(unit, quantity, ts):
    return call("timestampadd", lit(unit), quantity, ts)


def window_time(windowColumn):
    """The time of a window, which is its end less a microsecond: what a further window can be made of."""
    return call("window_time", windowColumn)


def to_unix_timestamp(timestamp, format=None):
    return call("to_unix_timestamp", timestamp, given(format))


def to_timestamp_ltz(timestamp, format=None):
    return call("to_timestamp_ltz", timestamp, given(format))


def to_timestamp_ntz(timestamp, format=None):
    return call("to_timestamp_ntz", timestamp, given(format))


def make_time(hour, minute, second):
    return call("make_time", hour, minute, second)


def time_from_seconds(col):
    return call("time_from_seconds", col)


def time_from_millis(col):
    return call("time_from_millis", col)


def time_from_micros(col):
    return call("time_from_micros", col)


def time_to_seconds(col):
    return call("time_to_seconds", col)


def time_to_millis(col):
    return call("time_to_millis", col)


def time_to_micros(col):
    return call("time_to_micros", col)


def make_timestamp_ltz(years, months, days, hours, mins, secs, timezone=None):
    return call("make_timestamp_ltz", years, months, days, hours, mins, secs, given(timezone))


def try_make_timestamp_ltz(years, months, days, hours, mins, secs, timezone=None):
    return call("try_make_timestamp_ltz", years, months, days, hours, mins, secs, given(timezone))


def current_time(precision=None):
    return call("current_time", option(precision))


def unix_timestamp(timestamp=None, format="yyyy-MM-dd HH:mm:ss"):
    return call("unix_timestamp", current_timestamp() if timestamp is None else timestamp,
                MISSING if timestamp is None else lit(format))


def convert_timezone(sourceTz, targetTz, sourceTs):
    given = () if sourceTz is None else (sourceTz,)
    return call("convert_timezone", *given, targetTz, sourceTs)


def time_bucket(bucket_size, ts, origin=None):
    return call("time_bucket", bucket_size, ts, given(origin))


def _span(value, name):
    value = plain(value)
    if not value or type(value) is not str:
        raise wrong_type("str", name, value)
    return lit(value)


def window(timeColumn, windowDuration, slideDuration=None, startTime=None):
    """The window of time, a struct of start and end, that a row is in; several where slideDuration is given."""
    width = _span(windowDuration, "windowDuration")
    slide = _span(slideDuration, "slideDuration") if slideDuration else width
    start = _span(startTime, "startTime") if startTime else lit("0 second")
    return call("window", timeColumn, width, slide, start)


def session_window(timeColumn, gapDuration):
    """The session, a struct of start and end, that rows make together which are no further apart than a gap.

    gapDuration is text, or a column of texts or intervals that gives each row a gap of its own.
    """
    return call("session_window", timeColumn, text_or_column(gapDuration, "gapDuration"))


def make_dt_interval(days=None, hours=None, mins=None, secs=None):
    return call("make_dt_interval", *_units(days, hours, mins), _seconds(secs))


def make_ym_interval(years=None, months=None):
    return call("make_ym_interval", *_units(years, months))


def make_interval(years=None, months=None, weeks=None, days=None, hours=None, mins=None, secs=None):
    return call("make_interval", *_units(years, months, weeks, days, hours, mins), _seconds(secs))


def try_make_interval(years=None, months=None, weeks=None, days=None, hours=None, mins=None, secs=None):
    return call("try_make_interval", *_units(years, months, weeks, days, hours, mins), _seconds(secs))


def _units(*values):
    return [column_or(v, 0) for v in values]


def _seconds(value):
    from decimal import Decimal

    return column_or(value, Decimal(0))


def _make_timestamp(name, fields, date, time, timezone=None):
    """From all the fields of a timestamp, or from its date and time: one of the two."""
    whole = fields[0] is not None
    if any(given is not None for given in ((date, time) if whole else fields)):
        raise PySparkValueError(errorClass="CANNOT_SET_TOGETHER", messageParameters={
            "arg_list": "years|months|days|hours|mins|secs and date|time"})
    parts = list(fields) if whole else [date, time]
    parts = [Column(expression(p, "arg")) for p in parts]
    return call(name, *parts, given(timezone))


def make_timestamp(years=None, months=None, days=None, hours=None, mins=None, secs=None, timezone=None, date=None,
                   time=None):
    return _make_timestamp("make_timestamp", (years, months, days, hours, mins, secs), date, time, timezone)


def try_make_timestamp(years=None, months=None, days=None, hours=None, mins=None, secs=None, timezone=None, date=None,
                       time=None):
    return _make_timestamp("try_make_timestamp", (years, months, days, hours, mins, secs), date, time, timezone)


def make_timestamp_ntz(years=None, months=None, days=None, hours=None, mins=None, secs=None, date=None, time=None):
    return _make_timestamp("make_timestamp_ntz", (years, months, days, hours, mins, secs), date, time)


def try_make_timestamp_ntz(years=None, months=None, days=None, hours=None, mins=None, secs=None, date=None, time=None):
    return _make_timestamp("try_make_timestamp_ntz", (years, months, days, hours, mins, secs), date, time)
