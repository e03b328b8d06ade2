"""The application's local folder: map outputs, stored blocks, broadcast values, added files.

It goes with the context, at the interpreter's exit, with the workers' launcher where the driver was killed, or else at
the next start on the same machine.
"""
import atexit
import os

_PREFIX = "spark-compat-"


def make(below=None):
    """A new folder in the first of the folders named, separated by commas, or where temporary files lie."""
    place = (below or "").split(",")[0].strip() or _temporary()
    os.makedirs(place, exist_ok=True)
    _sweep(place)
    made = os.path.join(os.path.abspath(place), f"{_PREFIX}{os.getpid()}-{os.urandom(8).hex()}")
    os.mkdir(made, 0o700)
    atexit.register(remove, made, os.getpid())
    return made


def _temporary():
    """Where temporary files lie; the usual case without the module that knows all cases, which is slow to load."""
    for place in (os.environ.get("TMPDIR"), "/tmp"):
        if place and os.access(place, os.W_OK | os.X_OK):
            return place
    import tempfile

    return tempfile.gettempdir()


def remove(path, owner=None):
    """Removes a folder; not from a forked child, whose parent still uses it."""
    if owner is None or owner == os.getpid():
        _clear(path)


def _clear(path):
    """Removes a folder with all below it, as far as may be.

    Without shutil: what it evaluates when an exit handler loads it has Python forget that Ctrl-C ended the program.
    """
    for base, folders, files in os.walk(path, topdown=False):
        for name in files:
            _try(os.unlink, os.path.join(base, name))
        for name in folders:
            below = os.path.join(base, name)
            _try(os.unlink if os.path.islink(below) else os.rmdir, below)
    _try(os.rmdir, path)


def _try(removal, path):
    try:
        removal(path)
    except OSError:
        pass


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
            _clear(os.path.join(place, name))


def _lives(pid):
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        pass
    return True
