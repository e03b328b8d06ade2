"""What a worker says of an exception: the traceback as the user wrote the code, without frames of ours."""

import os
import traceback

_HEAD = "Traceback (most recent call last):\n"
_HERE = os.path.dirname(os.path.abspath(__file__)) + os.sep


def describe(error):
    """The error frame's fields."""
    text = "".join(_formatted(error))
    # An exception that no line of the user's code raised (a wrong number of arguments) has no frames left to show.
    return {"traceback": text if _HEAD in text else _HEAD + text}


def _formatted(error):
    report = traceback.TracebackException.from_exception(error)
    seen = set()
    pending = [report]
    while pending:
        part = pending.pop()
        if part is None or id(part) in seen:
            continue
        seen.add(id(part))
        part.stack = traceback.StackSummary.from_list([f for f in part.stack if not f.filename.startswith(_HERE)])
        pending += [part.__cause__, part.__context__, *(getattr(part, "exceptions", None) or ())]
    return report.format()
