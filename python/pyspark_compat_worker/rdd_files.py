"""Files as RDDs read them: which there are (Hadoop's globs, hidden names), how they are split, how splits are read.

The driver lists and splits at the first action; a split is what a step gets as its payload.
"""
import math
import os
import pickle
import re

from .captured import Py4JJavaError
from .errors import not_implemented

BLOCK = 32 << 20  # a block of Hadoop's local file system: no split is larger
_SLOP = 1.1       # the last split may be that much larger
_CODECS = {".gz": "gzip", ".bz2": "bz2", ".deflate": "zlib"}
_REFUSED = (".lz4", ".snappy", ".zst", ".lzo")
_SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+.-]+):(.*)", re.DOTALL)


def local_path(path):
    """The path of a local file from a path or file: URI. Raises NOT_IMPLEMENTED for other file systems."""
    if not path:
        raise Py4JJavaError._java("java.lang.IllegalArgumentException", "A path must not be empty.")
    found = _SCHEME.match(path)
    if found is None:
        return os.path.abspath(path)
    if found[1] != "file":
        raise not_implemented(f"the file system {found[1]}")
    from urllib.parse import unquote

    rest = found[2]
    return os.path.abspath("/" + rest.lstrip("/")) if rest.startswith("/") else os.path.abspath(unquote(rest))


def paths_of(name):
    """The parts of a list of paths: commas inside braces do not separate."""
    parts, depth, start = [], 0, 0
    for at, c in enumerate(name):
        depth += (c == "{") - (c == "}")
        if c == "," and depth == 0:
            parts.append(name[start:at])
            start = at + 1
    return parts + [name[start:]]


def files_of(name, exception="org.apache.hadoop.mapred.InvalidInputException", recursive=False, refuse_folders=True):
    """The files that a list of paths, globs and directories names. Raises where there is nothing by a path."""
    found = []
    for part in paths_of(name):
        path = local_path(part)
        matched = _matches(path)
        if matched is None:
            raise Py4JJavaError._java(exception, f"Input path does not exist: file:{path}")
        if not matched:
            raise Py4JJavaError._java(exception, f"Input Pattern file:{path} matches 0 files")
        for one in matched:
            found += _below(one, recursive, refuse_folders) if os.path.isdir(one) else [one]
    return found


def _hidden(path):
    return os.path.basename(path).startswith(("_", "."))


def _below(folder, recursive, refuse_folders):
    found = []
    for name in os.listdir(folder):
        path = os.path.join(folder, name)
        if _hidden(path):
            continue
        if not os.path.isdir(path):
            found.append(path)
        elif recursive:
            found += _below(path, recursive, refuse_folders)
        elif refuse_folders:
            raise Py4JJavaError._java("java.io.IOException", (
                f"Path: {path} is a directory: name its files, or set "
                "spark.hadoop.mapreduce.input.fileinputformat.input.dir.recursive to true."))
    return found


def _matches(path):
    """What a path with globs names, sorted; None where a path without globs names nothing."""
    alternatives = _braces(path)
    if len(alternatives) == 1 and not re.search(r"[*?\[]", path):
        return [path] if os.path.exists(path) and not _hidden(path) else None
    found = set()
    for one in alternatives:
        found.update(_glob(one))
    return sorted(path for path in found if not _hidden(path))


def _braces(path):
    """The paths that alternatives in braces stand for."""
    found = re.search(r"\{([^{}]*)\}", path)
    if found is None:
        return [path]
    return [one for choice in found[1].split(",") for one in _braces(path[:found.start()] + choice + path[found.end():])]


def _glob(path):
    import fnmatch

    known = ["/"]
    for part in path.strip("/").split("/"):
        if not re.search(r"[*?\[]", part):
            known = [one for one in (os.path.join(base, part) for base in known) if os.path.exists(one)]
            continue
        match = re.compile(fnmatch.translate(part.replace("[^", "[!"))).match
        known = [os.path.join(base, name) for base in known if os.path.isdir(base) for name in os.listdir(base) if match(name)]
    return known


def codec_of(path):
    """How a file is compressed, by its name. Raises NOT_IMPLEMENTED for what Python's own library does not read."""
    ending = os.path.splitext(path)[1]
    if ending in _REFUSED:
        raise not_implemented(f"reading {ending} files")
    return _CODECS.get(ending)


def splits(files, at_least, smallest=1):
    """Parts of files as Hadoop's older interface cuts them: (path, start, length) of at least so many, empty files left out."""
    sizes = [(path, os.path.getsize(path)) for path in files]
    goal = sum(size for _, size in sizes) // (at_least or 1)
    return _cut(sizes, max(smallest, min(goal, BLOCK)))


def _cut(sizes, most):
    parts = []
    for path, size in sizes:
        codec = codec_of(path)
        if codec is not None and codec != "bz2":
            parts += [(path, 0, size)] if size else []
            continue
        start = 0
        while (size - start) / most > _SLOP:
            parts.append((path, start, most))
            start += most
        if size > start:
            parts.append((path, start, size - start))
    return parts


def record_splits(files, length):
    """Parts of files that hold whole records of a length."""
    if length <= 0:
        raise Py4JJavaError._java("java.lang.ArithmeticException", f"Records of {length} bytes: give a positive length.")
    most = BLOCK // length * length if length < BLOCK else 1 << 62
    return _cut([(path, os.path.getsize(path)) for path in files], most)


def groups(files, most):
    """Whole files together, in groups of at least so many bytes."""
    parts, part, size, rest = [], [], 0, []
    for path in files:
        own = os.path.getsize(path)
        if own == 0:
            rest.append(path)  # such a file has no block that could close a group
            continue
        part.append(path)
        size += own
        if most and size >= most:
            parts.append(part)
            part, size = [], 0
    left = set(part) | set(rest)
    return parts + ([[path for path in files if path in left]] if left else [])


def whole_text_limit(files, at_least):
    """The size of a group of wholeTextFiles."""
    return math.ceil(sum(map(os.path.getsize, files)) / (at_least or 1))


def binary_limit(files, at_least, parallelism, largest=128 << 20, opening=4 << 20):
    """The size of a group of binaryFiles."""
    total = sum(os.path.getsize(path) + opening for path in files)
    return min(largest, max(opening, total // max(parallelism, at_least or 1)))


def opened(path, codec):
    """A file's bytes, decompressed."""
    if codec is None:
        return open(path, "rb", 0)
    if codec == "zlib":
        import io
        import zlib

        with open(path, "rb") as file:
            return io.BytesIO(zlib.decompress(file.read()))
    module = __import__(codec)
    return module.open(path, "rb")


_END = re.compile(rb"\r\n|\n|\r")
_CHUNK = 1 << 20


class Lines:
    """The lines of a split: those that begin in it, the first of the file's next but one that begins exactly at its end."""

    def __init__(self, use_unicode):
        self._unicode = use_unicode

    def __call__(self, split, inputs):
        path, start, length = pickle.loads(inputs[-1]())
        codec = codec_of(path)
        if codec is not None and start > 0:
            return  # all of a compressed file is read with its first part
        with opened(path, codec) as file:
            for lines in _lines(file, start, start + length if codec is None else 1 << 62):
                for line in lines:
                    try:
                        text = line.decode()
                    except UnicodeDecodeError:
                        text = line.decode("utf-8", "replace")
                        line = text.encode()
                    yield text if self._unicode else line


def _lines(file, start, end):
    """Lists of the lines that begin after `start` (or at it, if it is 0) and not after `end`."""
    if start:
        file.seek(start)
    data, at = b"", start  # what is read and not given yet, and where it lies
    skip = start > 0
    while True:
        more = file.read(_CHUNK)
        if at == 0 and not data and more.startswith(b"\xef\xbb\xbf"):
            more, at = more[3:], 3
        if more.endswith(b"\r"):
            more += file.read(1)
        data += more
        if skip:
            found = _END.search(data)
            if found is None:
                if not more:
                    return
                continue
            at, data, skip = at + found.end(), data[found.end():], False
        if at > end:
            return
        if not more:
            if data:
                yield _cut_lines(data)
            return
        if at + len(data) <= end:
            cut = max(data.rfind(b"\n"), data.rfind(b"\r")) + 1
        else:
            cut = _last(data, end - at)
            if cut:
                yield _cut_lines(data[:cut])
                return
            continue
        if cut:
            yield _cut_lines(data[:cut])
            at, data = at + cut, data[cut:]


def _last(data, end):
    """Where the last line that begins at `end` or before it is over; 0 if it is not over in the data."""
    for found in _END.finditer(data, max(0, end - 1)):
        if found.end() > end:
            return found.end()
    return 0


def _cut_lines(data):
    lines = _END.split(data) if b"\r" in data else data.split(b"\n")
    if not lines[-1] and data[-1:] in b"\r\n":
        lines.pop()
    return lines


class WholeFiles:
    """Pairs of a file's name and its content."""

    def __init__(self, kind):
        self._kind = kind  # "text", "utf8" (text as bytes), or "binary"

    def __call__(self, split, inputs):
        for path in pickle.loads(inputs[-1]()):
            with opened(path, None if self._kind == "binary" else codec_of(path)) as file:
                content = file.read()
            if self._kind != "binary":
                text = content.decode("utf-8", "replace")
                content = text if self._kind == "text" else text.encode()
            yield f"file:{path}" if self._kind != "utf8" else f"file:{path}".encode(), content


class Records:
    """Records of a fixed length."""

    def __init__(self, length):
        self._length = length

    def __call__(self, split, inputs):
        path, start, size = pickle.loads(inputs[-1]())
        with open(path, "rb") as file:
            file.seek(start)
            for _ in range(0, size, self._length):
                record = file.read(self._length)
                if len(record) < self._length:
                    raise EOFError(f"{path} ends within a record of {self._length} bytes")
                yield record
