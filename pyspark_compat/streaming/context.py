"""StreamingContext: DStreams of one batch duration on a SparkContext, their start and their end."""
import warnings

from pyspark_compat.errors.exceptions import user_facing
from pyspark_compat.storagelevel import StorageLevel
from pyspark_compat.streaming import _checkpoints
from pyspark_compat.streaming._graph import WAIT_MS, Graph, peek, recover
from pyspark_compat.streaming._operations import Files, Queue, Socket, TransformedAll
from pyspark_compat.streaming.dstream import DStream
from pyspark_compat_worker import captured

__all__ = ["StreamingContext"]


class StreamingContext:
    """Makes DStreams, starts and stops them; one runs at a time in a process.

    The batch duration is in seconds. A folder given to `checkpoint` lets `getOrCreate` go on after a crash.
    """

    _transformerSerializer = None
    _activeContext = None

    @user_facing
    def __init__(self, sparkContext, batchDuration=None, jssc=None):
        warnings.warn("DStream is deprecated as of Spark 3.4.0. Migrate to Structured Streaming.", FutureWarning, stacklevel=3)
        self._sc = sparkContext
        self._jvm = None
        self._jssc = self._graph = jssc or self._initialize_context(sparkContext, batchDuration)

    def _initialize_context(self, sc, duration):
        assert duration is not None
        return Graph.open(sc, self._jduration(duration))

    def _jduration(self, seconds):
        """Seconds as milliseconds."""
        return int(seconds * 1000)

    def __getnewargs__(self):
        from pyspark_compat.errors import PySparkRuntimeError

        raise PySparkRuntimeError(
            message="A StreamingContext lives in the driver: a function that runs on workers or lies in a checkpoint cannot "
            "hold it. Use rdd.context inside the function.",
            errorClass="CONTEXT_ONLY_VALID_ON_DRIVER", messageParameters={})

    def __reduce__(self):
        self.__getnewargs__()

    # -- one in a process ---------------------------------------------------------------------------------------

    @classmethod
    def getOrCreate(cls, checkpointPath, setupFunc):
        """The context that a checkpoint folder holds, with functions, state and pending batches; a new one of
        `setupFunc` where the folder holds none."""
        restored = cls._restored(checkpointPath)
        if restored is not None:
            return restored
        made = setupFunc()
        made.checkpoint(checkpointPath)
        return made

    @classmethod
    def _restored(cls, folder):
        from pyspark_compat.conf import SparkConf
        from pyspark_compat.core.context import SparkContext

        found = peek(folder)
        if not found["found"]:
            return None
        sc = SparkContext._active_spark_context
        if sc is None:
            sc = SparkContext(conf=SparkConf().setAll(found["conf"].items()))
        made, attached = recover(sc, folder)
        graph = Graph(sc, made)
        _checkpoints.load(graph, attached[0], made)
        sc.setCheckpointDir(made["directory"])
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", FutureWarning)
            context = StreamingContext(sc, None, graph)
        context._folder, context._was_restored = made["directory"], True
        return context

    @classmethod
    def getActive(cls):
        """The context that was started and not stopped, or None."""
        active = cls._activeContext
        if active is not None and active._state() != "ACTIVE":
            cls._activeContext = active = None
        return active

    @classmethod
    def getActiveOrCreate(cls, checkpointPath, setupFunc):
        """The active context, else what getOrCreate gives; `checkpointPath` None: a new one."""
        if not callable(setupFunc):
            raise TypeError("setupFunc should be callable.")
        active = cls.getActive()
        if active is not None:
            return active
        return setupFunc() if checkpointPath is None else cls.getOrCreate(checkpointPath, setupFunc)

    @property
    def sparkContext(self):
        return self._sc

    # -- life ---------------------------------------------------------------------------------------------------

    _folder = None
    _was_restored = False

    def _state(self):
        return "STOPPED" if self._sc._stopped else self._graph.do("dstream.state")["state"]

    @user_facing
    def start(self):
        """Starts the batches. With a checkpoint folder, the functions of the graph are pickled here."""
        graph = self._graph
        self._check_state_folder()
        functions = []
        if self._folder is not None and not self._was_restored and self._state() == "INITIALIZED":
            functions = [_checkpoints.dumped(graph)]
        graph.serve()
        conf = {key: value for key, value in self._sc.getConf().getAll() if key.startswith("spark.")}
        said, _ = graph.call("dstream.start", {"conf": conf}, functions)
        if said.get("warning"):
            warnings.warn(said["warning"], RuntimeWarning, stacklevel=2)
        StreamingContext._activeContext = self

    def _check_state_folder(self):
        """State is kept beyond a batch, so it needs a folder for its checkpoints."""
        if self._sc._checkpoint_dir is not None or self._state() != "INITIALIZED":
            return
        if any(operation.kind in ("state", "reduced") for operation in self._graph.operations.values()):
            from pyspark_compat.streaming._failures import IllegalArgumentException

            raise IllegalArgumentException(
                desc="requirement failed: The checkpoint directory has not been set: updateStateByKey and windows with an "
                "inverse function need one. Set it with StreamingContext.checkpoint(directory).")

    @user_facing
    def awaitTermination(self, timeout=None):
        """Waits until stop(), or `timeout` seconds. Raises what made a batch fail."""
        self._await(timeout)

    @user_facing
    def awaitTerminationOrTimeout(self, timeout):
        """Whether the context has stopped within so many seconds. Raises what made a batch fail."""
        return self._await(timeout)

    def _await(self, seconds):
        left = None if seconds is None else int(seconds * 1000)
        while True:
            wait = WAIT_MS if left is None else min(WAIT_MS, max(left, 0))
            try:
                answer = self._graph.do("dstream.await", {"waitMs": wait})
            except Exception:
                if self._sc._stopped:  # with all that it ran
                    return True
                raise
            if answer["error"] is not None:
                self._graph.failures.throw(answer["error"])
            if answer["stopped"]:
                return True
            if left is not None:
                left -= wait
                if left <= 0:
                    return False

    @user_facing
    def stop(self, stopSparkContext=True, stopGraceFully=False):
        """Stops the batches; gracefully: once all data that was received is worked off."""
        graph = self._graph
        if graph.lane() == graph.lanes["events"]:
            raise captured.Py4JJavaError._java("org.apache.spark.SparkException", (
                "A StreamingListener cannot stop its context, which waits for its listeners. Set a threading.Event in the "
                "listener, and stop the context in the thread that waits for it."))
        if not self._sc._stopped:
            graph.until("dstream.stop", {"graceful": bool(stopGraceFully), "lane": graph.lane()})
        if StreamingContext._activeContext is self:
            StreamingContext._activeContext = None
        if stopSparkContext:
            self._sc.stop()

    @user_facing
    def remember(self, duration):
        """Keeps the RDDs of all DStreams for at least so many seconds, for slice()."""
        self._graph.do("dstream.remember", {"ms": self._jduration(duration)})

    @user_facing
    def checkpoint(self, directory):
        """Keeps the graph, the pending batches and the state in a folder, after each batch."""
        made = self._graph.do("dstream.checkpoint", {"directory": directory})
        self._folder = made["directory"] if directory is not None else None
        if directory is not None:
            self._sc.setCheckpointDir(made["directory"])

    # -- sources ------------------------------------------------------------------------------------------------

    def _input(self, operation):
        return DStream(self._graph.add(operation), self, None)

    @user_facing
    def socketTextStream(self, hostname, port, storageLevel=StorageLevel.MEMORY_AND_DISK_2):
        """Lines of text, in UTF-8, that a server sends; a connection that is refused or ends is tried again."""
        return self._input(Socket(hostname, int(port), storageLevel))

    @user_facing
    def textFileStream(self, directory):
        """Lines of the files that are moved into a folder."""
        return self._input(Files(directory))

    @user_facing
    def binaryRecordsStream(self, directory, recordLength):
        """Records of so many bytes from the files that are moved into a folder."""
        return self._input(Files(directory, recordLength))

    @user_facing
    def queueStream(self, rdds, oneAtATime=True, default=None):
        """One RDD of a list a batch, or all at once; then `default`. Lists of elements are made RDDs.

        The list is read now: what is added to it later does not count.
        """
        from pyspark_compat.core.rdd import RDD

        if default and not isinstance(default, RDD):
            default = self._sc.parallelize(default)
        if not rdds and default:
            rdds = [rdds]
        if rdds and not isinstance(rdds[0], RDD):
            rdds = [self._sc.parallelize(elements) for elements in rdds]
        rdds[0]  # a queue of nothing is PySpark's IndexError
        return self._input(Queue(rdds, oneAtATime, default or None))

    @user_facing
    def transform(self, dstreams, transformFunc):
        """A DStream whose RDDs are made by `transformFunc` of a list of the RDDs of several DStreams."""
        return self._of_all(dstreams, lambda time, *rdds: transformFunc(rdds))

    def _of_all(self, dstreams, function):
        return DStream(self._graph.add(TransformedAll(function), [d._jdstream for d in dstreams]), self, None)

    @user_facing
    def union(self, *dstreams):
        """One DStream of the elements of several with the same slide."""
        if not dstreams:
            raise ValueError("should have at least one DStream to union")
        if len(dstreams) == 1:
            return dstreams[0]
        if len({d._slideDuration for d in dstreams}) > 1:
            raise ValueError("All DStreams should have same slide duration")
        return self._of_all(dstreams, lambda time, *rdds: rdds[0].context.union(list(rdds)))

    def addStreamingListener(self, streamingListener):
        """Tells a StreamingListener of batches, output operations and receivers."""
        self._graph.listen(streamingListener)
