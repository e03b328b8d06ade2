"""Where in the user's program an output operation stands."""
import os
import sys

_HERE = os.path.dirname(os.path.dirname(os.path.abspath(__file__))) + os.sep


def caller(name):
    """The short and the long text of the call: `pprint at job.py:12`, and the stack of the user's frames."""
    frame, lines = sys._getframe(1), []
    while frame is not None:
        file = frame.f_code.co_filename
        if not file.startswith(_HERE):
            lines.append((file, frame.f_lineno))
        frame = frame.f_back
    if not lines:
        return name, name
    file, number = lines[0]
    return f"{name} at {os.path.basename(file)}:{number}", "\n".join(f"{f}:{n}" for f, n in lines)
