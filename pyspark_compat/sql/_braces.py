"""What stands in braces in SQL text: frames, their columns, and values."""
import string
import uuid

from pyspark_compat.errors import PySparkValueError
from pyspark_compat.sql.column import Column
from pyspark_compat.sql.dataframe import DataFrame


class Braces(string.Formatter):
    """Fills one statement. A frame gets a view for the time of its analysis; `clear` drops the views."""

    def __init__(self, session):
        self._session = session
        self._views = []

    def get_field(self, field_name, args, kwargs):
        found, first = super().get_field(field_name, args, kwargs)
        return self._text(found, field_name), first

    def _text(self, value, field):
        if isinstance(value, Column):
            e = value._expr
            if e.kind != "attribute":
                raise PySparkValueError(errorClass="VALUE_NOT_PLAIN_COLUMN_REFERENCE", messageParameters={
                    "val": str(value), "field_name": field})
            return e.parts[0]
        if isinstance(value, DataFrame):
            return self._view(value)
        return _quoted(value) if isinstance(value, str) else value

    def _view(self, frame):
        for known, name in self._views:
            if known is frame:
                return name
        name = "_frame_" + uuid.uuid4().hex
        frame.createOrReplaceTempView(name)
        self._views.append((frame, name))
        return name

    def clear(self):
        for _, name in self._views:
            self._session.catalog.dropTempView(name)
        self._views = []


def _quoted(text):
    return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'"
