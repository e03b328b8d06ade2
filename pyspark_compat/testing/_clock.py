"""A clock that tests turn: batches of DStreams and triggers of structured queries come when the test says so.

    from pyspark import SparkContext
    from pyspark.streaming import StreamingContext
    from pyspark.testing import ManualClock

    sc = SparkContext("local[2]", "test")
    with ManualClock(sc) as clock:
        ssc = StreamingContext(sc, 10)          # batches of ten seconds
        seen = []
        ssc.queueStream([[1, 2], [3]]).foreachRDD(lambda time, rdd: seen.append(rdd.collect()))
        ssc.start()
        clock.advance(10)                       # at once: one batch
        assert seen == [[1, 2]]
        clock.advance(20)                       # two more; the queue is empty by the second
        assert seen == [[1, 2], [3], []]
        ssc.stop()
"""
import datetime
import time

from pyspark_compat import _native

__all__ = ["ManualClock"]

WAIT_MS = 50


class ManualClock:
    """Stands still until `advance`. PySpark has no such thing.

    `application` is a SparkContext or a SparkSession: StreamingContexts made and queries started while the clock is open
    go by it; what ran before keeps its own time. `start` is where it stands first: a datetime, seconds since the epoch, or
    None for now. Use it in a `with` block, or `close` it. Time in the data (event time, watermarks) is not its affair.
    """

    def __init__(self, application, start=None):
        sc = getattr(application, "sparkContext", application)
        self._sc = sc
        self._sessions = [engine.session for engine in sc._engines]
        self.number = self._do("clock.make", {"startMs": _milliseconds(time.time() if start is None else start)})["clock"]
        for session in self._sessions:
            _native.do(session, "clock.attach", {"clock": self.number}, [])
        self._before, sc._clock = getattr(sc, "_clock", None), self

    def _do(self, op, body):
        return _native.do(self._sc._engine.session, op, body, [])[0]

    def now(self):
        """The clock's time as a datetime, in local time as the functions of DStreams get it."""
        return datetime.datetime.fromtimestamp(self.time())

    def time(self):
        """The clock's time in seconds since the epoch."""
        return self._do("clock.now", {"clock": self.number})["ms"] / 1000

    def advance(self, seconds):
        """Moves the clock on, and waits until all is done that fell due: batches made, their outputs run, queries idle.

        Everything that falls due on the way happens at its own time, in order. `advance(0)` only waits.
        """
        ms = int(round(seconds * 1000))
        if ms < 0:
            raise ValueError(f"A clock goes forward only: advance({seconds}).")
        self._do("clock.advance", {"clock": self.number, "ms": ms})
        while not self._do("clock.settle", {"clock": self.number, "waitMs": WAIT_MS})["done"]:
            pass

    def close(self):
        """What starts from now on goes by the real time again. A second close does nothing."""
        if self.number is None or self._sc._stopped:
            self.number = None
            return
        for session in self._sessions:
            _native.do(session, "clock.attach", {"clock": 0}, [])
        self._sc._clock = self._before
        self._do("clock.drop", {"clock": self.number})
        self.number = None

    def __enter__(self):
        return self

    def __exit__(self, type, value, trace):
        self.close()


def _milliseconds(moment):
    return int((moment.timestamp() if isinstance(moment, datetime.datetime) else moment) * 1000)
