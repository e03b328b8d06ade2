"""DStream: an RDD a batch, and what can be made of it."""
import operator
import time
from datetime import datetime
from typing import Generic, TypeVar

from pyspark_compat.errors.exceptions import user_facing
from pyspark_compat.storagelevel import StorageLevel
from pyspark_compat.streaming import _checkpoints
from pyspark_compat.streaming._failures import IllegalArgumentException
from pyspark_compat.streaming._operations import Reduced, State, Transformed, TransformedWith, Windowed
from pyspark_compat.streaming.util import rddToFileName

__all__ = ["DStream"]

T_co = TypeVar("T_co", covariant=True)
RULE = "-" * 43


def _portable_hash(key):
    from pyspark_compat.core.rdd import portable_hash

    return portable_hash(key)


class DStream(Generic[T_co]):
    """A sequence of RDDs, one a batch. Its operations give new DStreams; output operations make batches run.

    Functions given to transform and foreachRDD run in this process, others on the workers.
    """

    def __init__(self, jdstream, ssc, jrdd_deserializer):
        self._jdstream = jdstream
        self._ssc = ssc
        self._sc = ssc._sc
        self._jrdd_deserializer = jrdd_deserializer
        self.is_cached = False
        self.is_checkpointed = False

    def context(self):
        """The StreamingContext."""
        return self._ssc

    @property
    def _slide(self):
        """How often this DStream has an RDD, in milliseconds."""
        return self._ssc._graph.slides[self._jdstream]

    @property
    def _slideDuration(self):
        return self._slide / 1000.0

    def _derived(self, operation, *others):
        parents = [stream._jdstream for stream in (self, *others)]
        return DStream(self._ssc._graph.add(operation, parents), self._ssc, None)

    def _partitions(self, given):
        return self._sc.defaultParallelism if given is None else given

    # -- elements -----------------------------------------------------------------------------------------------

    def map(self, f, preservesPartitioning=False):
        """f of every element."""
        return self.transform(lambda rdd: rdd.map(f, preservesPartitioning))

    def flatMap(self, f, preservesPartitioning=False):
        """All that f gives for every element."""
        return self.transform(lambda rdd: rdd.flatMap(f, preservesPartitioning))

    def filter(self, f):
        """The elements for which f is true."""
        return self.transform(lambda rdd: rdd.filter(f))

    def mapPartitions(self, f, preservesPartitioning=False):
        """What f gives for the iterator of each partition."""
        return self.transform(lambda rdd: rdd.mapPartitions(f, preservesPartitioning))

    def mapPartitionsWithIndex(self, f, preservesPartitioning=False):
        """What f gives for the number and the iterator of each partition."""
        return self.transform(lambda rdd: rdd.mapPartitionsWithIndex(f, preservesPartitioning))

    def mapValues(self, f):
        """Pairs with f of their value."""
        return self.transform(lambda rdd: rdd.mapValues(f))

    def flatMapValues(self, f):
        """A pair for each value that f gives for a pair's value."""
        return self.transform(lambda rdd: rdd.flatMapValues(f))

    def glom(self):
        """Each partition as one list."""
        return self.transform(lambda rdd: rdd.glom())

    def count(self):
        """The number of elements, as one element."""
        return self.mapPartitions(lambda i: [sum(1 for _ in i)]).reduce(operator.add)

    def reduce(self, func):
        """One element, made of all by func; none for a batch without elements."""
        return self.map(lambda x: (None, x)).reduceByKey(func, 1).map(lambda x: x[1])

    def countByValue(self):
        """(element, how often it is there)."""
        return self.map(lambda x: (x, 1)).reduceByKey(operator.add)

    def repartition(self, numPartitions):
        """The same elements in so many partitions."""
        return self.transform(lambda rdd: rdd.repartition(numPartitions))

    # -- pairs --------------------------------------------------------------------------------------------------

    def reduceByKey(self, func, numPartitions=None):
        """One pair a key, its values made one by func."""
        count = self._partitions(numPartitions)
        return self.transform(lambda rdd: rdd.reduceByKey(func, count))

    def combineByKey(self, createCombiner, mergeValue, mergeCombiners, numPartitions=None):
        """One pair a key, its values combined."""
        count = self._partitions(numPartitions)
        return self.transform(lambda rdd: rdd.combineByKey(createCombiner, mergeValue, mergeCombiners, count))

    def groupByKey(self, numPartitions=None):
        """One pair a key with all its values."""
        count = self._partitions(numPartitions)
        return self.transform(lambda rdd: rdd.groupByKey(count))

    def partitionBy(self, numPartitions, partitionFunc=_portable_hash):
        """The same pairs, placed by their keys."""
        if partitionFunc is _portable_hash:
            return self.transform(lambda rdd: rdd.partitionBy(numPartitions))
        return self.transform(lambda rdd: rdd.partitionBy(numPartitions, partitionFunc))

    def cogroup(self, other, numPartitions=None):
        """(key, (values here, values there))."""
        count = self._partitions(numPartitions)
        return self.transformWith(lambda a, b: a.cogroup(b, count), other)

    def join(self, other, numPartitions=None):
        """(key, (value here, value there)) for keys that both have."""
        count = self._partitions(numPartitions)
        return self.transformWith(lambda a, b: a.join(b, count), other)

    def leftOuterJoin(self, other, numPartitions=None):
        """join, with None for a value that is missing there."""
        count = self._partitions(numPartitions)
        return self.transformWith(lambda a, b: a.leftOuterJoin(b, count), other)

    def rightOuterJoin(self, other, numPartitions=None):
        """join, with None for a value that is missing here."""
        count = self._partitions(numPartitions)
        return self.transformWith(lambda a, b: a.rightOuterJoin(b, count), other)

    def fullOuterJoin(self, other, numPartitions=None):
        """join, with None for a value that is missing on either side."""
        count = self._partitions(numPartitions)
        return self.transformWith(lambda a, b: a.fullOuterJoin(b, count), other)

    # -- RDDs ---------------------------------------------------------------------------------------------------

    def transform(self, func):
        """A DStream of the RDDs that func makes of this one's: func(rdd) or func(time, rdd), in this process."""
        if func.__code__.co_argcount == 1:
            of_rdd = func
            func = lambda time, rdd: of_rdd(rdd)  # noqa: E731
        assert func.__code__.co_argcount == 2, "func should take one or two arguments"
        return TransformedDStream(self, func)

    @user_facing
    def transformWith(self, func, other, keepSerializer=False):
        """A DStream of what func makes of both RDDs: func(a, b) or func(time, a, b), in this process."""
        if func.__code__.co_argcount == 2:
            of_rdds = func
            func = lambda time, a, b: of_rdds(a, b)  # noqa: E731
        assert func.__code__.co_argcount == 3, "func should take two or three arguments"
        return self._derived(TransformedWith(func), other)

    def union(self, other):
        """The elements of both; both must have the same slide."""
        if self._slideDuration != other._slideDuration:
            raise ValueError("the two DStream should have same slide duration")
        return self.transformWith(lambda a, b: a.union(b), other, True)

    @user_facing
    def slice(self, begin, end):
        """The RDDs of the batches between two times, both included: datetimes or seconds since the epoch."""
        return self._ssc._graph.slice(self._jdstream, self._jtime(begin), self._jtime(end))

    def _jtime(self, timestamp):
        """A datetime or seconds as milliseconds; a datetime counts in whole seconds."""
        if isinstance(timestamp, datetime):
            timestamp = time.mktime(timestamp.timetuple())
        return int(timestamp * 1000)

    def cache(self):
        """Keeps the RDDs in memory while their batches are remembered."""
        self.is_cached = True
        self.persist(StorageLevel.MEMORY_ONLY)
        return self

    @user_facing
    def persist(self, storageLevel):
        """Keeps the RDDs at a level while their batches are remembered."""
        self.is_cached = True
        self._ssc._graph.persist(self._jdstream, storageLevel)
        return self

    @user_facing
    def checkpoint(self, interval):
        """Writes the RDDs into the checkpoint folder every `interval` seconds."""
        self.is_checkpointed = True
        self._ssc._graph.do("dstream.interval", {"node": self._jdstream, "ms": self._ssc._jduration(interval)})
        return self

    # -- output -------------------------------------------------------------------------------------------------

    @user_facing
    def foreachRDD(self, func):
        """Calls func(rdd) or func(time, rdd) for every batch, in this process."""
        if func.__code__.co_argcount == 1:
            of_rdd = func
            func = lambda time, rdd: of_rdd(rdd)  # noqa: E731
        self._output("foreachRDD", func)

    def _output(self, name, function):
        from pyspark_compat.streaming._sites import caller

        short, long = caller(name)
        self._ssc._graph.output(self._jdstream, function, short, long)

    @user_facing
    def pprint(self, num=10):
        """Prints the first elements of every batch."""

        def print_first(time, rdd):
            taken = rdd.take(num + 1)
            lines = [RULE, f"Time: {time}", RULE, *map(str, taken[:num]), *["..."] * (len(taken) > num), ""]
            print("\n".join(lines))

        self._output("pprint", print_first)

    @user_facing
    def saveAsTextFiles(self, prefix, suffix=None):
        """Writes every batch's elements as text into the folder prefix-MILLISECONDS.suffix."""
        self._output("saveAsTextFiles", _saved(prefix, suffix, lambda rdd, path: rdd.saveAsTextFile(path)))

    @user_facing
    def saveAsPickleFiles(self, prefix, suffix=None):
        """Writes every batch's elements as pickles into the folder prefix-MILLISECONDS.suffix."""
        self._output("saveAsPickleFiles", _saved(prefix, suffix, lambda rdd, path: rdd.saveAsPickleFile(path)))

    # -- windows ------------------------------------------------------------------------------------------------

    def _validate_window_param(self, window, slide):
        batch = self._slide
        for name, given in (("windowDuration", window), ("slideDuration", slide)):
            if (given or name == "windowDuration") and int(given * 1000) % batch != 0:
                raise ValueError(f"{name} must be multiple of the parent dstream's slide (batch) duration ({batch} ms)")
        if window <= 0 or (slide is not None and slide <= 0):
            raise IllegalArgumentException(desc=f"A window has a length and a slide above zero, not {window} and {slide} seconds.")

    @user_facing
    def window(self, windowDuration, slideDuration=None):
        """The elements of the last `windowDuration` seconds, every `slideDuration` seconds."""
        self._validate_window_param(windowDuration, slideDuration)
        slide = self._slide if slideDuration is None else self._ssc._jduration(slideDuration)
        made = self._derived(Windowed(self._ssc._jduration(windowDuration), slide))
        self._ssc._graph.keep_parent(self._jdstream)
        return made

    def reduceByWindow(self, reduceFunc, invReduceFunc, windowDuration, slideDuration):
        """One element made of all in a window; with an inverse, from what the window before gave."""
        keyed = self.map(lambda x: (1, x))
        reduced = keyed.reduceByKeyAndWindow(reduceFunc, invReduceFunc, windowDuration, slideDuration, 1)
        return reduced.map(lambda kv: kv[1])

    def countByWindow(self, windowDuration, slideDuration):
        """The number of elements in a window."""
        return self.map(lambda x: 1).reduceByWindow(operator.add, operator.sub, windowDuration, slideDuration)

    def countByValueAndWindow(self, windowDuration, slideDuration, numPartitions=None):
        """(element, how often it is in the window)."""
        counted = self.map(lambda x: (x, 1)).reduceByKeyAndWindow(
            operator.add, operator.sub, windowDuration, slideDuration, numPartitions)
        return counted.filter(lambda kv: kv[1] > 0)

    def groupByKeyAndWindow(self, windowDuration, slideDuration, numPartitions=None):
        """One pair a key with all its values in a window."""
        from pyspark_compat_worker.rdd_lists import result

        grouped = self.mapValues(lambda x: [x]).reduceByKeyAndWindow(
            lambda a, b: a.extend(b) or a, lambda a, b: a[len(b):], windowDuration, slideDuration, numPartitions)
        return grouped.mapValues(result)

    @user_facing
    def reduceByKeyAndWindow(self, func, invFunc, windowDuration, slideDuration=None, numPartitions=None, filterFunc=None):
        """One pair a key, its values in a window made one by func.

        With `invFunc`, the value over a window comes from the one before: what came is merged in by func, what left is
        taken out by invFunc, and only pairs for which `filterFunc` is true stay.
        """
        self._validate_window_param(windowDuration, slideDuration)
        count = self._partitions(numPartitions)
        reduced = self.reduceByKey(func, count)
        if not invFunc:
            return reduced.window(windowDuration, slideDuration).reduceByKey(func, count)
        if slideDuration is None:
            slideDuration = self._slideDuration
        duration = self._ssc._jduration
        return reduced._derived(Reduced(func, invFunc, filterFunc, duration(windowDuration), duration(slideDuration), count))

    @user_facing
    def updateStateByKey(self, updateFunc, numPartitions=None, initialRDD=None):
        """(key, state) of every key: `updateFunc(new values, state or None)`, called for each key in each batch.

        A key for which it gives None is forgotten. `initialRDD`: the states to begin with.
        """
        from pyspark_compat.core.rdd import RDD

        if initialRDD and not isinstance(initialRDD, RDD):
            initialRDD = self._sc.parallelize(initialRDD)
        initial = _checkpoints.Initial(initialRDD) if initialRDD else None
        return self._derived(State(updateFunc, self._partitions(numPartitions), initial))


def _saved(prefix, suffix, save):
    """An output function that saves each RDD in a folder of its own."""
    return lambda time, rdd: save(rdd, rddToFileName(prefix, suffix, time))


class TransformedDStream(DStream):
    """A DStream made by a function of another one's RDDs. Functions of a chain are one node."""

    def __init__(self, prev, func):
        self._ssc, self._sc = prev._ssc, prev._sc
        self._jrdd_deserializer = None
        self.is_cached = self.is_checkpointed = False
        self._made = None
        if type(prev) is TransformedDStream and not prev.is_cached and not prev.is_checkpointed:
            before = prev.func
            self.func, self.prev = (lambda time, rdd: func(time, before(time, rdd))), prev.prev
        else:
            self.func, self.prev = func, prev

    @property
    def _jdstream(self):
        if self._made is None:
            self._made = self._ssc._graph.add(Transformed(self.func), [self.prev._jdstream])
        return self._made
