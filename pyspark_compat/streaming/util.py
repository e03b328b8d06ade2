"""Names of the folders that saveAsTextFiles writes."""
import time
from datetime import datetime


def rddToFileName(prefix, suffix, timestamp):
    """prefix-milliseconds, and .suffix behind it if there is one; a datetime is taken in local time.

    >>> rddToFileName("counts", "txt", 12345678910)
    'counts-12345678910.txt'
    """
    if isinstance(timestamp, datetime):
        timestamp = int(time.mktime(timestamp.timetuple()) * 1000) + timestamp.microsecond // 1000
    return f"{prefix}-{timestamp}" + ("" if suffix is None else f".{suffix}")
