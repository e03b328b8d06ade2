"""What a SparkContext gives its workers besides functions: files, Python packages, archives, broadcast values."""
import importlib
import itertools
import json
import os
import sys

from pyspark_compat.errors.exceptions import user_facing
from pyspark_compat_worker.around import FILES, PATHS
from pyspark_compat_worker.captured import Py4JJavaError
from pyspark_compat_worker.errors import not_implemented

_REMOTE = ("http", "https", "ftp")


class Added:
    """The part of SparkContext that adds files and values. `self._local_dir` is the application's folder."""

    PACKAGE_EXTENSIONS = (".zip", ".egg", ".jar")

    def _init_added(self, py_files):
        self._added_files, self._added_archives, self._python_includes = {}, {}, []
        self._broadcast_numbers, self._destroyed = itertools.count(), set()
        submitted = self._conf.get("spark.submit.pyFiles") or ""
        for path in [*(py_files or ()), *filter(None, submitted.split(","))]:
            self.addPyFile(path)
        for path in filter(None, (self._conf.get("spark.files") or "").split(",")):
            self.addFile(path)

    def _files_root(self):
        root = os.path.join(self._local_dir, FILES)
        if not os.path.isdir(root):
            os.mkdir(root)
            sys.path.insert(1, root)
            self._write_paths()
        return root

    def _write_paths(self):
        """Tells workers what belongs on their sys.path."""
        root = os.path.join(self._local_dir, FILES)
        paths = [os.path.join(root, name) for name in reversed(self._python_includes)] + [root]
        listed = os.path.join(self._local_dir, PATHS)
        with open(listed + ".new", "w", encoding="utf-8") as file:
            json.dump(paths, file)
        os.rename(file.name, listed)

    @user_facing
    def addFile(self, path, recursive=False):
        """Copies a file, or with `recursive` a directory, to where SparkFiles.get finds it. A path is added once."""
        source = _Source(path)
        if source.uri in self._added_files:
            return
        if source.is_directory() and not recursive:
            raise Py4JJavaError._java("org.apache.spark.SparkException", (
                f"[UNSUPPORTED_ADD_FILE.DIRECTORY] {source.uri} is a directory: give recursive=True to add it."))
        source.copy(os.path.join(self._files_root(), source.name))
        self._added_files[source.uri] = source.name

    @property
    def listFiles(self):
        """The files that were added."""
        return list(self._added_files)

    @user_facing
    def addPyFile(self, path):
        """Adds a Python file, or a package in a .zip, .egg or .jar, to what workers and the driver can import."""
        self.addFile(path)
        name = _Source(path).name
        if name[-4:].lower() in self.PACKAGE_EXTENSIONS and name not in self._python_includes:
            self._python_includes.append(name)
            sys.path.insert(1, os.path.join(self._files_root(), name))
        self._write_paths()
        importlib.invalidate_caches()

    @user_facing
    def addArchive(self, path):
        """Unpacks an archive (.zip, .jar, .tar, .tar.gz, .tgz) to where SparkFiles.get finds it, by its name or by what
        follows a # in the path."""
        import tempfile

        path, _, alias = path.partition("#")
        source = _Source(path)
        key = source.uri + (f"#{alias}" if alias else "")
        if key in self._added_archives:
            return
        target = os.path.join(self._files_root(), alias or source.name)
        with tempfile.TemporaryDirectory(dir=self._local_dir) as folder:
            copied = os.path.join(folder, source.name)
            source.copy(copied)
            _unpack(copied, target)
        self._added_archives[key] = alias or source.name

    @property
    def listArchives(self):
        """The archives that were added."""
        return list(self._added_archives)

    @user_facing
    def broadcast(self, value):
        """A variable that holds a copy of the value, which every worker reads once."""
        from pyspark_compat.core.broadcast import Broadcast

        return Broadcast(self, value)

    def _new_broadcast(self):
        """A number and a file for a broadcast variable."""
        self._check_running()
        folder = os.path.join(self._local_dir, "broadcast")
        os.makedirs(folder, exist_ok=True)
        number = next(self._broadcast_numbers)
        return number, os.path.join(folder, str(number))

    def _check_broadcast(self, number, use):
        if number in self._destroyed:
            task = "Task not serializable: " if use == "use" else ""
            raise Py4JJavaError._java("org.apache.spark.SparkException", (
                f"{task}[INTERNAL_ERROR_BROADCAST] Broadcast({number}) was destroyed; it cannot be used any more."))

    def _destroy_broadcast(self, number):
        self._check_broadcast(number, "destroy")
        self._destroyed.add(number)

    @user_facing
    def accumulator(self, value, accum_param=None):
        """A variable that workers add to. Numbers need no AccumulatorParam."""
        from pyspark_compat import accumulators

        param = accumulators.default_param(value) if accum_param is None else accum_param
        cls = type(self)
        cls._next_accum_id += 1
        return accumulators.Accumulator(cls._next_accum_id - 1, value, param)

    _next_accum_id = 0


class _Source:
    """A file or directory that shall be added: `uri` as PySpark lists it, `name` of the copy."""

    def __init__(self, path):
        from urllib.parse import unquote, urlsplit

        path = os.fspath(path)
        parts = urlsplit(path)
        self.scheme = parts.scheme if len(parts.scheme) > 1 else ""
        if self.scheme in _REMOTE:
            self.path, self.uri = None, path
            self.name = os.path.basename(unquote(parts.path))
            return
        if self.scheme not in ("", "file", "local"):
            raise not_implemented(f"added files of the file system {self.scheme}")
        self.path = os.path.abspath(unquote(parts.path) if self.scheme else path)
        self.name = os.path.basename(self.path)
        self.uri = f"file:{self.path}" + ("/" if os.path.isdir(self.path) else "")

    def is_directory(self):
        return self.path is not None and os.path.isdir(self.path)

    def copy(self, target):
        """Puts a copy in place. Raises where something else lies there."""
        if self.path is None:
            self._download(target)
        elif os.path.isdir(self.path):
            import shutil

            shutil.copytree(self.path, target, dirs_exist_ok=True)
        else:
            self._copy_file(target)

    def _copy_file(self, target):
        import filecmp
        import shutil

        if not os.path.exists(self.path):
            raise Py4JJavaError._java("java.io.FileNotFoundException", f"File {self.uri} does not exist")
        if os.path.exists(target):
            if not filecmp.cmp(self.path, target, shallow=False):
                raise Py4JJavaError._java("org.apache.spark.SparkException", (
                    f"{self.uri} differs from the file {self.name} that was added before; give it another name."))
            return
        shutil.copy2(self.path, target)

    def _download(self, target):
        import shutil
        from urllib.request import urlopen

        try:
            with urlopen(self.uri, timeout=60) as response, open(target, "wb") as file:
                shutil.copyfileobj(response, file)
        except OSError as e:
            if os.path.exists(target):
                os.unlink(target)
            raise Py4JJavaError._java("java.io.IOException", f"{self.uri} does not download: {e}") from None


def _unpack(archive, target):
    import shutil
    import tarfile
    import zipfile

    if zipfile.is_zipfile(archive):
        with zipfile.ZipFile(archive) as opened:
            opened.extractall(target)
    elif tarfile.is_tarfile(archive):
        with tarfile.open(archive) as opened:
            opened.extractall(target, filter="data")
    else:
        shutil.copy2(archive, target)
