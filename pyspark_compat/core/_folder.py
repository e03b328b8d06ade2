"""The application's local folder: map outputs, stored blocks, broadcast values, added files.

It goes with the context, at the interpreter's exit, with the workers' launcher where the driver was killed, or else at
the next start on the same machine.
"""
import atexit
import os
import shutil
import tempfile

_PREFIX = "spark-compat-"


def make(below=None):
    """A new folder in the first of the folders named, separated by commas, or where temporary files lie."""
    place = (below or "").split(",")[0].strip() or tempfile.gettempdir()
    os.makedirs(place, exist_ok=True)
    _sweep(place)
    made = tempfile.mkdtemp(prefix=f"{_PREFIX}{os.getpid()}-", dir=place)
    atexit.register(remove, made, os.getpid())
    return made


def remove(path, owner=None):
    """Removes a folder; not from a forked child, whose parent still uses it."""
    if owner is None or owner == os.getpid():
        shutil.rmtree(path, ignore_errors=True)


def remove_file(path, owner):
    """Removes a file of the folder, which may have gone with it."""
    if owner == os.getpid():
        try:
            os.unlink(path)
        except FileNotFoundError:
            pass


def _sweep(place):
    """Removes folders whose processes are gone."""
    for name in os.listdir(place):
        pid = name[len(_PREFIX):].partition("-")[0] if name.startswith(_PREFIX) else ""
        if pid.isdigit() and not _lives(int(pid)):
            shutil.rmtree(os.path.join(place, name), ignore_errors=True)


def _lives(pid):
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        pass
    return True
