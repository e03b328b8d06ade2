"""The text of a trigger's interval: "10 seconds", "interval 1 minute 30 seconds"."""
import re

from pyspark_compat.errors.exceptions.captured import IllegalArgumentException

_UNITS = {"week": 604_800_000_000, "day": 86_400_000_000, "hour": 3_600_000_000, "minute": 60_000_000,
          "second": 1_000_000, "millisecond": 1000, "microsecond": 1}
_MONTHS = {"year", "month"}
_NUMBER = re.compile(r"(\d*)(?:\.(\d*))?")
_LONG = 1 << 63


def check_interval(text):
    """Raises PySpark's IllegalArgumentException unless the text is an interval that a trigger can have."""
    micros, months = _parse(text)
    if months:
        raise IllegalArgumentException._of("_LEGACY_ERROR_TEMP_3262", {"interval": text},
                                           f"A trigger's interval has no months or years: {text}", None)
    if micros < 0:
        raise IllegalArgumentException(desc=f"requirement failed: the trigger's interval {text} must not be negative")


def _bad(kind, text, **parameters):
    shown = ", ".join(f"{k} {v}" for k, v in parameters.items())
    return IllegalArgumentException._of(
        f"INVALID_INTERVAL_FORMAT.{kind}", {"input": text, **parameters},
        f"'{text}' is no interval{' (' + shown + ')' if shown else ''}; write it as '10 seconds'.", "22006")


def _parse(text):
    words = text.lower().split()
    if words[:1] == ["interval"]:
        words = words[1:]
    if not words:
        raise _bad("INPUT_IS_EMPTY", text)
    micros, months = 0, False
    while words:
        sign, word = 1, words.pop(0)
        if word[0] in "+-":
            sign = -1 if word[0] == "-" else 1
            if word in "+-" and not words:
                raise _bad("MISSING_NUMBER", text, word=word)
            word = word[1:] or words.pop(0)
        amount, fraction = _number(text, word)
        if not words:
            raise _bad("MISSING_UNIT", text, word=word)
        unit = words.pop(0)
        name = unit[:-1] if unit.endswith("s") else unit
        if name not in _UNITS and name not in _MONTHS:
            raise _bad("INVALID_UNIT", text, unit=unit)
        if fraction and name != "second":
            raise _bad("INVALID_FRACTION", text, unit=unit)
        months = months or name in _MONTHS
        micros += sign * (amount * _UNITS.get(name, 0) + int((fraction or "").ljust(6, "0")[:6]))
        if amount >= _LONG or not -_LONG <= micros < _LONG:
            raise _bad("ARITHMETIC_EXCEPTION", text)
    return micros, months


def _number(text, word):
    """The whole part of a number and the digits of its fraction, None where it has none."""
    if not (word[0].isdigit() or word[0] == "."):
        raise _bad("UNRECOGNIZED_NUMBER", text, number=word)
    match = _NUMBER.fullmatch(word)
    if not match:
        raise _bad("INVALID_VALUE", text, value=word)
    whole, fraction = match.groups()
    return int(whole or 0), fraction
