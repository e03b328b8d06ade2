"""Which call of the user's program led here, under PySpark's module name."""
import os
import sys
from collections import namedtuple

CallSite = namedtuple("CallSite", "function file linenum")

_HERE = os.path.dirname(os.path.abspath(__file__)) + os.sep
_SHORT = "callSite.short"


def first_spark_call():
    """The outermost call of this package on the stack: its function, and the file and line it is called at."""
    frame, called, found = sys._getframe(1), None, None
    while frame is not None:
        if frame.f_code.co_filename.startswith(_HERE):
            called = frame
        elif called is not None:
            found, called = CallSite(called.f_code.co_name, frame.f_code.co_filename, frame.f_lineno), None
        frame = frame.f_back
    return found


class SCCallSiteSync:
    """A block whose jobs are named after the call that led to it."""

    _spark_stack_depth = 0

    def __init__(self, sc):
        site = first_spark_call()
        self._call_site = f"{site.function} at {site.file}:{site.linenum}" if site else "<unknown>"
        self._context = sc

    def __enter__(self):
        if SCCallSiteSync._spark_stack_depth == 0:
            self._context.setLocalProperty(_SHORT, self._call_site)
        SCCallSiteSync._spark_stack_depth += 1

    def __exit__(self, type, value, tb):
        SCCallSiteSync._spark_stack_depth -= 1
        if SCCallSiteSync._spark_stack_depth == 0:
            self._context.setLocalProperty(_SHORT, None)
