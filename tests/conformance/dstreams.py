"""Batches of DStreams: a queue of lists, or files one a batch, and what the outputs gave, by batch number (the first is 1).

PySpark has no clock that Python can turn: its batches are real ones of 250 ms, generated in time and worked off in
order. Ours run on pyspark_compat.testing.ManualClock, as fast as they are done.
"""

import os
import threading
import time
import warnings

WAIT_SECONDS = 90


class Batches:
    """One StreamingContext at a time on a SparkContext, and the collected results of its outputs."""

    def __init__(self, api, spark, folder, seconds=0.25):
        self.api, self.spark, self.sc, self.folder = api, spark, spark.sparkContext, folder
        self.seconds = seconds
        self.StreamingContext = api.load("streaming").StreamingContext
        self.clock = None
        self.ssc = None
        if api.name != "pyspark":
            self.clock = api.load("testing").ManualClock(spark)

    def context(self, checkpoint=False, seconds=None):
        """A new StreamingContext, which close() stops."""
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            self.ssc = self.StreamingContext(self.sc, seconds or self.seconds)
        if checkpoint:
            self.ssc.checkpoint(str(self.folder / "checkpoint"))
        return self.ssc

    def queue(self, *batches, parts=2, checkpoint=False, **more):
        """A DStream of one list a batch."""
        ssc = self.ssc or self.context(checkpoint)
        return ssc.queueStream([self.sc.parallelize(b, parts) for b in batches], **more)

    def run(self, *outputs, count, start=True, each=sorted):
        """Starts, and gives for each output [[batch number, elements], ...] of the first `count` batches."""
        results = [Result(stream, each) for stream in outputs]
        ticks = []
        self.tick(ticks)
        if start:
            self.ssc.start()
        self.turn(lambda: len(ticks) >= count, count)
        self.ssc.stop(stopSparkContext=False)
        zero = ticks[0] - self.batch(1)
        got = [[[round((t - zero) / self.batch(1)), v] for t, v in r.seen] for r in results]
        got = [[pair for pair in r if pair[0] <= count] for r in got]
        return got[0] if len(got) == 1 else got

    def batch(self, count):
        import datetime

        return datetime.timedelta(seconds=self.seconds * count)

    def tick(self, ticks):
        """An output after all others that notes the time of every batch."""
        empty = self.ssc.queueStream([self.sc.parallelize([], 1)])
        empty.foreachRDD(lambda t, rdd: ticks.append(t))

    def turn(self, done, count):
        """Lets time pass until done(): the clock is turned by batches, or PySpark is waited for."""
        if self.clock is None:
            return self.wait(done)
        for i in range(count + WAIT_SECONDS * 20):
            if done():
                return
            self.clock.advance(self.seconds)
            if i >= count:  # what comes from outside takes real time
                time.sleep(0.02)
        raise TimeoutError("the batches do not come")

    def wait(self, done):
        end = threading.Event()
        for _ in range(WAIT_SECONDS * 100):
            if done():
                return
            end.wait(0.01)
        raise TimeoutError("the batches do not come")

    def close(self):
        for ssc in (self.ssc, self.StreamingContext.getActive()):
            if ssc is not None:
                ssc.stop(stopSparkContext=False)
        if self.clock is not None:
            self.clock.close()


class Result:
    """What an output gave: (time, elements)."""

    def __init__(self, stream, each):
        self.seen = []
        stream.foreachRDD(lambda t, rdd: self.seen.append((t, each(rdd.collect()))))


def moved(folder, name, text, age=0):
    """Puts a file into a folder by rename, as a monitored folder needs it."""
    data = text if isinstance(text, bytes) else text.encode()
    made = folder.parent / f"{folder.name}-{name}.making"
    made.write_bytes(data)
    at = time.time() - age  # the file system's own time may be some milliseconds behind, before the stream was made
    os.utime(made, (at, at))
    made.rename(folder / name)
