"""SparkContext: the application. It opens the engine; its sessions share it."""
import os
import threading
import time
import weakref
from functools import cached_property

from pyspark_compat import accumulators
from pyspark_compat.conf import SYSTEM, SparkConf
from pyspark_compat.core import _folder
from pyspark_compat.core._added import Added
from pyspark_compat.core._groups import Groups
from pyspark_compat.core._rdd_storage import make_folder
from pyspark_compat.core._sources import Sources
from pyspark_compat.errors import PySparkAttributeError, PySparkRuntimeError
from pyspark_compat.errors.exceptions import user_facing
from pyspark_compat.serializers import AutoBatchedSerializer, BatchedSerializer, CPickleSerializer
from pyspark_compat.version import __version__
from pyspark_compat_worker.around import LOCAL
from pyspark_compat_worker.captured import Py4JJavaError
from pyspark_compat_worker.errors import not_implemented
from pyspark_compat_worker.rdd_files import local_path

__all__ = ["SparkContext"]

# in the numbers of logging
_LEVELS = {"ALL": 1, "TRACE": 5, "DEBUG": 10, "INFO": 20, "WARN": 30, "ERROR": 40, "FATAL": 50, "OFF": 51}
_SUBMIT_FLAGS = {"--master": "spark.master", "--name": "spark.app.name", "--packages": "spark.jars.packages",
                 "--jars": "spark.jars", "--py-files": "spark.submit.pyFiles"}


def _submitted():
    """The settings in PYSPARK_SUBMIT_ARGS."""
    given = os.environ.get("PYSPARK_SUBMIT_ARGS")
    if not given:
        return {}
    import shlex

    words = shlex.split(given)
    found = {}
    for flag, value in zip(words, words[1:]):
        if flag in ("--conf", "-c"):
            key, _, given = value.partition("=")
            found[key] = given
        elif flag in _SUBMIT_FLAGS:
            found[_SUBMIT_FLAGS[flag]] = value
    return found


def _cores(master):
    """The cores that a master names."""
    if not master.startswith("local["):
        return 1
    count = master[len("local["):].rstrip("]").split(",")[0].strip()
    return len(os.sched_getaffinity(0)) if count == "*" else int(count)


class SparkContext(Sources, Added, Groups):
    """The application: one at a time in a process. `stop` ends its sessions, queries and workers."""

    _gateway = None
    _jvm = None
    _active_spark_context = None
    _lock = threading.RLock()

    @user_facing
    def __init__(self, master=None, appName=None, sparkHome=None, pyFiles=None, environment=None, batchSize=0,
                 serializer=None, conf=None, gateway=None, jsc=None, profiler_cls=None, udf_profiler_cls=None,
                 memory_profiler_cls=None):
        with SparkContext._lock:
            self._refuse_second()
            self._conf = self._settings(master, appName, sparkHome, environment, conf)
            self.environment = self._environment(environment)
            self._batchSize, self._unbatched_serializer = batchSize, serializer or CPickleSerializer()
            self.serializer = (BatchedSerializer(self._unbatched_serializer, batchSize) if batchSize
                               else AutoBatchedSerializer(self._unbatched_serializer))
            if self._conf.get("spark.python.profile") == "true":
                raise not_implemented("spark.python.profile")
            self._start()
            SparkContext._active_spark_context = self
            self._init_added(pyFiles)

    @staticmethod
    def _refuse_second():
        other = SparkContext._active_spark_context
        if other is not None:
            raise ValueError("One SparkContext runs at a time; there is one already (app=%s, master=%s)." % (
                other.appName, other.master))

    @staticmethod
    def _settings(master, name, home, environment, given):
        conf = SparkConf().setAll(_submitted().items()).setAll(given.getAll() if given is not None else ())
        for key, value in (("spark.master", master), ("spark.app.name", name), ("spark.home", home)):
            if value:
                conf.set(key, value)
        conf.setIfMissing("spark.master", os.environ.get("MASTER", "local[*]"))
        conf.setIfMissing("spark.app.name", "pyspark-shell")
        if environment:
            conf.setExecutorEnv(pairs=environment.items())
        return conf

    def _environment(self, given):
        """What workers find in their environment."""
        prefix = "spark.executorEnv."
        set_ = {key[len(prefix):]: value for key, value in self._conf.getAll() if key.startswith(prefix)}
        return {**(given or {}), **set_, "PYTHONHASHSEED": os.environ.get("PYTHONHASHSEED", "0")}

    def _start(self):
        import itertools
        import sys

        import pyspark_compat_worker
        from pyspark_compat import _native
        from pyspark_compat._engine import engine_of

        alias = sys.modules.get("pyspark") is sys.modules["pyspark_compat"]
        self._start_ms = int(time.time() * 1000)
        self._init_groups()
        self._local_dir = self._temp_dir = _folder.make(self._conf.get("spark.local.dir"))
        self._engines = []
        self._new_rdd_id = itertools.count().__next__
        self._checkpoint_dir = None
        self._open = lambda conf, **more: _native.open_session({
            "conf": conf, "cwd": os.getcwd(), "sysPath": list(sys.path), "python": sys.executable,
            "package": os.path.dirname(os.path.dirname(os.path.abspath(pyspark_compat_worker.__file__))),
            "setup": "pyspark_compat:as_pyspark" if alias else "", "local": self._local_dir,
            "env": [f"{name}={value}" for name, value in {**self.environment, LOCAL: self._local_dir}.items()], **more})
        self._engine = engine_of(self._open(dict(self._conf.getAll())))
        self._engine.context = weakref.ref(self)
        self._engines.append(self._engine)
        self._stopped = False
        self.master, self.appName = self._conf.get("spark.master"), self._conf.get("spark.app.name")
        self.sparkHome = self._conf.get("spark.home")
        self.pythonExec, self.pythonVer = sys.executable, "%d.%d" % sys.version_info[:2]
        self._id = self._engine.setting("spark.app.id")
        accumulators.connect(self._drain)

    def _open_child(self):
        """A further session of this application: its own settings and views, shared cache."""
        from pyspark_compat._engine import engine_of

        child = engine_of(self._open(dict(self._conf.getAll()), parent=self._engine.session))
        child.context = weakref.ref(self)
        self._engines.append(child)
        return child

    def __repr__(self):
        return f"<SparkContext master={self.master} appName={self.appName}>"

    def _repr_html_(self):
        said = (("Version", f"v{self.version}"), ("Master", self.master), ("AppName", self.appName))
        listed = "".join(f"<dt>{name}</dt><dd><code>{value}</code></dd>" for name, value in said)
        return f"<div><p><b>SparkContext</b></p><dl>{listed}</dl></div>"

    def __getnewargs__(self):
        raise PySparkRuntimeError(errorClass="CONTEXT_ONLY_VALID_ON_DRIVER", messageParameters={})

    __reduce__ = __getnewargs__

    def __enter__(self):
        return self

    def __exit__(self, type, value, trace):
        self.stop()

    @classmethod
    def getOrCreate(cls, conf=None):
        """The running context, or a new one."""
        with SparkContext._lock:
            return SparkContext._active_spark_context or SparkContext(conf=conf or SparkConf())

    def setLogLevel(self, logLevel):
        """How much is logged: ALL, DEBUG, ERROR, FATAL, INFO, OFF, TRACE or WARN. Raises IllegalArgumentException."""
        level = _LEVELS.get(str(logLevel).upper())
        if level is None:
            from pyspark_compat.errors.exceptions.captured import IllegalArgumentException

            raise IllegalArgumentException(
                desc=f"requirement failed: {logLevel} is no log level; there are {', '.join(sorted(_LEVELS))}.")
        _log().setLevel(level)

    @property
    def version(self):
        return __version__

    @property
    def applicationId(self):
        return self._id

    @property
    def uiWebUrl(self):
        """None: there is no web UI."""
        return None

    @property
    def startTime(self):
        """Milliseconds since the epoch."""
        return self._start_ms

    @property
    def defaultParallelism(self):
        given = self._engine.setting("spark.default.parallelism") if not self._stopped else None
        return int(given) if given else _cores(self.master)

    @property
    def defaultMinPartitions(self):
        return min(self.defaultParallelism, 2)

    @property
    def resources(self):
        return {}

    def _check_running(self):
        """Raises once the context was stopped."""
        if self._stopped:
            raise PySparkRuntimeError(
                "This SparkContext was stopped. Make a new one, or get the session again by "
                "SparkSession.builder.getOrCreate().", "SESSION_OR_CONTEXT_NOT_EXISTS", {})

    def _drain(self):
        """What runs have added to accumulators since the last call, as pickles."""
        return () if self._stopped else self._jobs.drain()

    @classmethod
    def setSystemProperty(cls, key, value):
        """Sets what a SparkConf made afterwards starts with."""
        SYSTEM[key] = value

    @classmethod
    def getSystemProperty(cls, key):
        """A property that was set, or None."""
        return SYSTEM.get(key)

    @user_facing
    def setCheckpointDir(self, dirName):
        """Where RDD.checkpoint writes: a new folder below this one."""
        import uuid

        path = local_path(dirName)
        self._checkpoint_dir = os.path.join(path, str(uuid.uuid4()))
        make_folder(self._checkpoint_dir)

    def getCheckpointDir(self):
        """The folder that RDD.checkpoint writes to, or None."""
        return None if self._checkpoint_dir is None else f"file:{self._checkpoint_dir}"

    def _checkpointFile(self, name, input_deserializer):
        """The RDD that a job wrote into a folder: RDD.getCheckpointFile's answer of another life of the application."""
        from pyspark_compat.core._lineage import Node
        from pyspark_compat.core.rdd import RDD

        folder = local_path(name)
        try:
            partitions = sum(part.startswith("part-") for part in os.listdir(folder))
        except FileNotFoundError:
            raise Py4JJavaError._java("org.apache.spark.SparkException", f"Checkpoint directory does not exist: file:{folder}") from None
        node = Node(self._new_rdd_id(), partitions, None)
        node.checkpointed(folder)
        return RDD._of(self, node)

    @user_facing
    def runJob(self, rdd, partitionFunc, partitions=None, allowLocal=False):
        """What the function gives for each partition's iterator, of all partitions or of those named, in that order."""
        mapped = rdd.mapPartitions(partitionFunc)
        count = mapped.getNumPartitions()
        wanted = range(count) if partitions is None else list(partitions)
        for partition in wanted:
            if not 0 <= partition < count:
                raise Py4JJavaError._java("java.lang.IllegalArgumentException", (
                    f"There is no partition {partition}; the RDD has {count}."))
        return mapped._run(mapped._node, list(wanted))

    def show_profiles(self):
        """Profilers are not built."""
        raise PySparkRuntimeError(errorClass="INCORRECT_CONF_FOR_PROFILE", messageParameters={})

    def dump_profiles(self, path):
        """Profilers are not built."""
        raise PySparkRuntimeError(errorClass="INCORRECT_CONF_FOR_PROFILE", messageParameters={})

    @staticmethod
    def _assert_on_driver():
        """Raises in a worker."""
        from pyspark_compat_worker.taskcontext import TaskContext

        if TaskContext.get() is not None:
            raise PySparkRuntimeError(errorClass="CONTEXT_ONLY_VALID_ON_DRIVER", messageParameters={})

    @property
    def _jsc(self):
        raise PySparkAttributeError(
            errorClass="JVM_ATTRIBUTE_NOT_SUPPORTED", messageParameters={"attr_name": "SparkContext._jsc"})

    def stop(self):
        """Stops the queries, sessions and workers of the application. A second stop does nothing."""
        if not self._stopped:
            accumulators.collect()
        with SparkContext._lock:
            if SparkContext._active_spark_context is self:
                SparkContext._active_spark_context = None
            stopping = not self._stopped
            self._stopped = True
        if stopping:
            accumulators.connect(None)
            for engine in reversed(self._engines):
                engine.close()
            _folder.remove(self._local_dir)

    def getConf(self):
        """The settings that the context started with, as a copy."""
        conf = SparkConf().setAll(self._conf.getAll())
        return conf.setIfMissing("spark.app.id", self._id)

    @cached_property
    def _jobs(self):
        """What runs jobs on RDDs."""
        from pyspark_compat.core._jobs import Jobs

        return Jobs(self)

    def sparkUser(self):
        import getpass

        return os.environ.get("SPARK_USER") or getpass.getuser()

    def _parse_ddl(self, ddl):
        from pyspark_compat.sql.types import _parse_datatype_string

        return _parse_datatype_string(ddl)


def _log():
    import logging

    return logging.getLogger("pyspark_compat")
