"""PySparkLogger: log lines as JSON, with the keywords of a call as their context."""
import datetime
import json
import logging
import sys
import traceback

SPARK_LOG_SCHEMA = (
    "ts TIMESTAMP, level STRING, msg STRING, context map<STRING, STRING>, exception STRUCT<class STRING, msg STRING, "
    "stacktrace ARRAY<STRUCT<class STRING, method STRING, file STRING,line STRING>>>,logger STRING"
)


class JSONFormatter(logging.Formatter):
    """One JSON object a line."""

    def __init__(self, ensure_ascii=False):
        super().__init__()
        self._ensure_ascii = ensure_ascii

    def format(self, record):
        at = datetime.datetime.fromtimestamp(record.created).astimezone()
        entry = {"ts": at.isoformat(timespec="milliseconds"), "level": record.levelname, "logger": record.name,
                 "msg": record.getMessage(), "context": getattr(record, "kwargs", None) or {}}
        if record.exc_info:
            kind, error, trace = record.exc_info
            entry["exception"] = {
                "class": kind.__name__, "msg": str(error),
                "stacktrace": [{"class": None, "method": f.name, "file": f.filename, "line": str(f.lineno)}
                               for f in traceback.extract_tb(trace)],
            }
        return json.dumps(entry, default=str, ensure_ascii=self._ensure_ascii)


class PySparkLogger(logging.Logger):
    """A logger whose calls take keywords: `logger.info("done", rows=3)`."""

    def __init__(self, name="PySparkLogger"):
        super().__init__(name, level=logging.WARN)
        handler = logging.StreamHandler(sys.stderr)
        handler.setFormatter(JSONFormatter())
        self.addHandler(handler)
        self._handler = handler

    def addHandler(self, handler):
        own = getattr(self, "_handler", None)
        if own is not None:
            self.removeHandler(own)
            self._handler = None
        handler.setFormatter(JSONFormatter())
        super().addHandler(handler)

    @staticmethod
    def getLogger(name=None):
        found = logging.Logger.manager.loggerDict.get(name)
        if isinstance(found, PySparkLogger):
            return found
        before = logging.getLoggerClass()
        logging.setLoggerClass(PySparkLogger)
        try:
            logging.Logger.manager.loggerDict.pop(name, None)
            return logging.getLogger(name or "PySparkLogger")
        finally:
            logging.setLoggerClass(before)

    def debug(self, msg, *args, **kwargs):
        self._write(logging.DEBUG, msg, args, kwargs)

    def info(self, msg, *args, **kwargs):
        self._write(logging.INFO, msg, args, kwargs)

    def warning(self, msg, *args, **kwargs):
        self._write(logging.WARNING, msg, args, kwargs)

    warn = warning

    def error(self, msg, *args, **kwargs):
        self._write(logging.ERROR, msg, args, kwargs)

    def fatal(self, msg, *args, **kwargs):
        self._write(logging.CRITICAL, msg, args, kwargs)

    critical = fatal

    def exception(self, msg, *args, **kwargs):
        kwargs.setdefault("exc_info", True)
        self._write(logging.ERROR, msg, args, kwargs)

    def log(self, level, msg, *args, **kwargs):
        self._write(level, msg, args, kwargs)

    def _write(self, level, msg, args, kwargs):
        if self.isEnabledFor(level):
            exc_info = kwargs.pop("exc_info", None)
            self._log(level, msg, args, exc_info=exc_info, extra={"kwargs": kwargs}, stacklevel=2)
