#!/usr/bin/env python3
"""State by key at a fixed pace: does the scheduler keep up?

    python benchmarks/dstream_state.py [--impl pyspark_compat|pyspark] [--what state|window] [--keys N] [--events N] [--batch S] [--batches N]

Every batch brings EVENTS pairs over KEYS keys, all of which are known from the first batch on, and its result is counted.
Prints the scheduling and processing delays of the last 20 batches, in milliseconds, and whether the former stay below
one batch.
"""
import argparse
import importlib
import json
import operator
import tempfile
import threading
import warnings

LAST = 20


def arguments():
    parser = argparse.ArgumentParser()
    parser.add_argument("--impl", default="pyspark_compat")
    parser.add_argument("--what", choices=["state", "window"], default="state")
    parser.add_argument("--keys", type=int, default=100_000)
    parser.add_argument("--events", type=int, default=50_000)
    parser.add_argument("--batch", type=float, default=0.5)
    parser.add_argument("--batches", type=int, default=120)
    parser.add_argument("--window", type=int, default=10, help="batches in the window")
    return parser.parse_args()


def main(given):
    core, streaming = importlib.import_module(given.impl), importlib.import_module(f"{given.impl}.streaming")
    conf = core.SparkConf().set("spark.ui.enabled", "false")
    sc = core.SparkContext("local[2]", "dstream_state", conf=conf)
    sc.setLogLevel("OFF")
    done, delays = threading.Event(), []

    class Listener(streaming.StreamingListener):
        def onBatchCompleted(self, batchCompleted):
            info = batchCompleted.batchInfo()
            delays.append((info.schedulingDelay(), info.processingDelay()))
            if len(delays) >= given.batches:
                done.set()

    warnings.simplefilter("ignore")
    ssc = streaming.StreamingContext(sc, given.batch)
    ssc.addStreamingListener(Listener())
    counts = []
    with tempfile.TemporaryDirectory() as folder:
        ssc.checkpoint(folder)
        result(ssc, sc, given).foreachRDD(lambda rdd: counts.append(rdd.count()))
        ssc.start()
        if not done.wait(given.batches * given.batch * 4 + 60):
            print(f"only {len(delays)} batches were done", flush=True)
        ssc.stop(stopSparkContext=False)
    sc.stop()
    scheduling, processing = zip(*delays[given.batches - LAST:given.batches])
    print(json.dumps({
        "impl": given.impl, "what": given.what, "keys": counts[-1] if counts else 0, "events": given.events, "batches": len(delays),
        "scheduling_ms": [min(scheduling), max(scheduling)], "processing_ms": [min(processing), max(processing)],
        "keeps_up": max(scheduling) < given.batch * 1000}), flush=True)


def result(ssc, sc, given):
    keys, half = given.keys, given.events // 2

    def all_keys(part):
        return ((key, 1) for key in range(part, keys, 2))

    def some_keys(part):
        return (((part * 7919 + i * 104729) % keys, 1) for i in range(half))

    first = sc.parallelize([0, 1], 2).flatMap(all_keys)
    rest = [sc.parallelize([2 * i, 2 * i + 1], 2).flatMap(some_keys) for i in range(given.batches * 2)]
    stream = ssc.queueStream([first, *rest])
    if given.what == "state":
        return stream.updateStateByKey(lambda values, state: sum(values) + (state or 0))
    return stream.reduceByKeyAndWindow(operator.add, operator.sub, given.window * given.batch)


if __name__ == "__main__":
    main(arguments())
