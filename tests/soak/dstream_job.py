"""The job that dstream.py kills: words counted by updateStateByKey, and over a window, from files.

    python dstream_job.py IN OUT CHECKPOINT TOTAL

Goes on from its checkpoint. OUT/counts holds the counts of the newest batch, OUT/created a line for each set-up. Ends
when the counts add up to TOTAL or more.
"""

import json
import os
import sys
import warnings
from pathlib import Path

from pyspark_compat import SparkContext
from pyspark_compat.streaming import StreamingContext

BATCH = 0.2


def add(values, state):
    return sum(values) + (state or 0)


def create(source, out, total):
    with open(Path(out) / "created", "a") as file:
        file.write("created\n")
    sc = SparkContext("local[2]", "dstream soak")
    ssc = StreamingContext(sc, BATCH)
    words = ssc.textFileStream(source).flatMap(lambda line: line.split(" ")).map(lambda word: (word, 1))
    words.updateStateByKey(add).foreachRDD(saver(out, "counts", total))
    words.reduceByKeyAndWindow(lambda a, b: a + b, lambda a, b: a - b, 3600 * BATCH * 5, BATCH, 2).foreachRDD(saver(out, "window", None))
    return ssc


def saver(out, name, total):
    def save(time, rdd):
        counts = dict(rdd.collect())
        part = Path(out) / f".{name}"
        part.write_text(json.dumps(counts, sort_keys=True))
        part.rename(Path(out) / name)
        if total is not None and sum(counts.values()) >= total:
            (Path(out) / "over").touch()

    return save


def main(source, out, checkpoint, total):
    warnings.simplefilter("ignore")
    ssc = StreamingContext.getOrCreate(checkpoint, lambda: create(source, out, int(total)))
    ssc.start()
    (Path(out) / "started").touch()
    while not ssc.awaitTerminationOrTimeout(0.1):
        if (Path(out) / "over").exists():
            ssc.stop(stopSparkContext=True, stopGraceFully=True)
            return


if __name__ == "__main__":
    os.environ["TZ"] = "UTC"
    main(*sys.argv[1:])
