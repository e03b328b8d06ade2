"""StreamingContext: its states, queues, slices, waiting, stopping, and what it refuses."""

import datetime
import re
import time
import warnings

import pytest

from test_dstream_output import failure


def outcome(function):
    try:
        return function()
    except Exception as e:
        return e


def message(function):
    """The class of what a call raises; of Java's exceptions, theirs too."""
    try:
        function()
    except Exception as e:
        java = re.search(r"(java\.\S+Exception): ", str(e))
        return [type(e).__name__, java[1]] if java and type(e).__name__ == "Py4JJavaError" else [type(e).__name__]
    return ["no error"]


def test_making_one_warns(check, dstreams):
    with warnings.catch_warnings(record=True) as seen:
        warnings.simplefilter("always")
        dstreams.ssc = dstreams.StreamingContext(dstreams.sc, 1)
    check([[w.category.__name__, str(w.message)] for w in seen])


def test_sparkContext(check, dstreams):
    ssc = dstreams.context()
    check([ssc.sparkContext is dstreams.sc, dstreams.StreamingContext.getActive()])


@pytest.mark.parametrize("duration", [None, "1"])
def test_batch_durations(check, dstreams, duration):
    check.outcome(lambda: dstreams.StreamingContext(dstreams.sc, duration) and None)


@pytest.mark.only_ours("PySpark takes it, and never ends a batch")
@pytest.mark.parametrize("duration", [0, -1, 0.0001])
def test_batches_of_no_length_are_refused(dstreams, duration):
    with pytest.raises(dstreams.api.errors.PySparkException):
        dstreams.context(seconds=duration) if duration else dstreams.StreamingContext(dstreams.sc, 0)


def test_no_output_operation(check, dstreams):
    dstreams.queue([1])
    check(message(dstreams.ssc.start))


def test_no_stream(check, dstreams):
    check(message(dstreams.context().start))


def test_start_twice(check, dstreams):
    dstreams.queue([1]).pprint()
    dstreams.ssc.start()
    check.outcome(dstreams.ssc.start)
    check(dstreams.StreamingContext.getActive() is dstreams.ssc)


def test_start_after_stop(check, dstreams):
    dstreams.queue([1]).pprint()
    dstreams.ssc.start()
    dstreams.ssc.stop(stopSparkContext=False)
    check(message(dstreams.ssc.start))
    check(dstreams.StreamingContext.getActive())


def test_stop_before_start(check, dstreams):
    dstreams.queue([1]).pprint()
    dstreams.ssc.stop(stopSparkContext=False)
    check(message(dstreams.ssc.start))
    check.outcome(lambda: dstreams.ssc.stop(stopSparkContext=False))


def test_stop_twice(check, dstreams):
    dstreams.queue([1]).pprint()
    dstreams.ssc.start()
    check.outcome(lambda: dstreams.ssc.stop(stopSparkContext=False))
    check.outcome(lambda: dstreams.ssc.stop(False, True))


def test_a_second_context(check, dstreams):
    dstreams.queue([1]).pprint()
    dstreams.ssc.start()
    other = dstreams.StreamingContext(dstreams.sc, 1)
    other.queueStream([dstreams.sc.parallelize([1])]).pprint()
    check(message(other.start))
    dstreams.ssc.stop(stopSparkContext=False)
    check.outcome(other.start)
    other.stop(stopSparkContext=False)


def test_adding_after_start(check, dstreams):
    d = dstreams.queue([1])
    d.pprint()
    dstreams.ssc.start()
    check(message(lambda: d.map(lambda x: x).pprint()))
    check(message(lambda: dstreams.ssc.queueStream([dstreams.sc.parallelize([1])])))
    check(message(lambda: dstreams.ssc.textFileStream(str(dstreams.folder))))
    check(message(lambda: d.window(dstreams.seconds * 2)))
    check(message(lambda: dstreams.ssc.remember(10)))
    check(message(lambda: dstreams.ssc.checkpoint(str(dstreams.folder))))
    check(message(lambda: d.cache()))
    check(message(lambda: d.checkpoint(1)))
    check(message(lambda: d.updateStateByKey(lambda v, s: s)))
    check(message(lambda: d.foreachRDD(lambda rdd: None)))
    dstreams.ssc.stop(stopSparkContext=False)
    check(message(lambda: d.map(lambda x: x).pprint()))
    check(message(lambda: dstreams.ssc.queueStream([dstreams.sc.parallelize([1])])))


@pytest.mark.parametrize("name", ["once", "all", "default", "all default", "lists", "default list", "empty default"])
def test_queue(check, dstreams, name):
    sc, ssc = dstreams.sc, dstreams.context()
    rdds = [sc.parallelize([i], 1) for i in range(3)]
    made = {
        "once": lambda: ssc.queueStream(rdds),
        "all": lambda: ssc.queueStream(rdds, False),
        "default": lambda: ssc.queueStream(rdds, default=sc.parallelize(["d"], 1)),
        "all default": lambda: ssc.queueStream(rdds, oneAtATime=False, default=sc.parallelize(["d"], 1)),
        "lists": lambda: ssc.queueStream([[1, 2], [3]]),
        "default list": lambda: ssc.queueStream(rdds, default=["d"]),
        "empty default": lambda: ssc.queueStream(rdds, default=[]),
    }[name]()
    check(dstreams.run(made, count=5))


def test_queue_of_nothing(check, dstreams):
    ssc = dstreams.context()
    check.error(lambda: ssc.queueStream([]))
    check.outcome(lambda: ssc.queueStream([], default=dstreams.sc.parallelize([1])) and None)


def test_queue_changed_later(check, dstreams):
    rdds = [dstreams.sc.parallelize([1], 1)]
    d = dstreams.context().queueStream(rdds)
    rdds.append(dstreams.sc.parallelize([2], 1))
    check(dstreams.run(d, count=3))


def test_queue_of_nested_serializers(check, dstreams):
    sc = dstreams.sc
    a = sc.parallelize([("a", 1)], 1)
    check(dstreams.run(dstreams.context().queueStream([a, a.map(lambda x: x), a.zip(a), a.cartesian(a)]), count=4))


def test_slice(check, dstreams):
    d = dstreams.queue([1], [2], [3], [4])
    m = d.map(lambda x: x * 10)
    dstreams.ssc.remember(30)
    times, held = [], []
    m.foreachRDD(lambda t, rdd: times.append(t))
    dstreams.ssc.start()
    dstreams.turn(lambda: len(times) >= 4, 4)
    b = dstreams.seconds
    stamp = lambda i: times[i].timestamp()
    rows = lambda rdds: [r.collect() for r in rdds]
    check(rows(m.slice(stamp(0), stamp(3))))
    check(rows(m.slice(stamp(1), stamp(2))))
    check(rows(m.slice(stamp(1) + b / 2, stamp(2) + b / 2)))
    check(rows(m.slice(stamp(0) - 5 * b, stamp(0))))
    check(rows(m.slice(stamp(2), stamp(1))))
    check(rows(d.slice(stamp(0), stamp(1))))
    whole = times[0].replace(microsecond=0) - datetime.timedelta(seconds=1)
    check([type(r).__name__ for r in m.slice(whole, whole)])
    dstreams.ssc.stop(stopSparkContext=False)


def test_slice_before_start(check, dstreams):
    d = dstreams.queue([1])
    d.pprint()
    check(message(lambda: d.slice(0, 1)))


def test_waiting(check, dstreams):
    dstreams.queue([1]).pprint()
    dstreams.ssc.start()
    check([dstreams.ssc.awaitTerminationOrTimeout(0.05), dstreams.ssc.awaitTermination(0.05)])
    dstreams.ssc.stop(stopSparkContext=False)
    check([dstreams.ssc.awaitTerminationOrTimeout(5), dstreams.ssc.awaitTermination(5), dstreams.ssc.awaitTermination()])


def test_waiting_before_start(check, dstreams):
    dstreams.queue([1]).pprint()
    check.outcome(lambda: dstreams.ssc.awaitTerminationOrTimeout(0.1))


def test_getActiveOrCreate(check, dstreams):
    made = []
    create = lambda: made.append(1) or dstreams.context()
    SC = dstreams.StreamingContext
    one = SC.getActiveOrCreate(None, create)
    one.queueStream([dstreams.sc.parallelize([1])]).pprint()
    two = SC.getActiveOrCreate(None, create)
    check([len(made), one is two, SC.getActive()])
    two.queueStream([dstreams.sc.parallelize([1])]).pprint()
    two.start()
    check([SC.getActiveOrCreate(None, create) is two, SC.getActiveOrCreate(str(dstreams.folder / "none"), create) is two, len(made), SC.getActive() is two])
    two.stop(stopSparkContext=False)
    check(SC.getActive())
    check.error(lambda: SC.getActiveOrCreate(None, "no function"))
    check.error(lambda: SC.getOrCreate(str(dstreams.folder / "none"), lambda: None))


def test_getOrCreate_sets_the_folder(check, dstreams):
    folder = dstreams.folder / "kept"

    def create():
        ssc = dstreams.context()
        dstreams.ssc = ssc
        dstreams.queue([("a", 1)]).updateStateByKey(lambda v, s: 1).pprint()
        return ssc

    ssc = dstreams.StreamingContext.getOrCreate(str(folder), create)
    check([ssc is dstreams.ssc, folder.exists()])


def test_a_failing_batch(check, dstreams):
    seen = []
    d = dstreams.queue([1], [2], [0], [4], [5])
    d.map(lambda x: 10 // x).foreachRDD(lambda rdd: seen.append(rdd.collect()))
    try:
        dstreams.run(count=6)
        raised = "nothing"
    except Exception as e:
        raised = type(e).__name__
    check([raised, [s for s in seen if s]])
    try:
        dstreams.ssc.awaitTermination(5)
        check("ended")
    except Exception as e:
        check(["ZeroDivisionError" in str(e), "Traceback" in str(e), "10 // x" in str(e)])
    check(isinstance(outcome(lambda: dstreams.ssc.awaitTerminationOrTimeout(1)), Exception))


@pytest.mark.parametrize("name", ["map", "transform", "foreachRDD", "pairs", "window", "state", "exit", "pprint"])
def test_functions_that_raise(check, dstreams, name):
    def fail(*_):
        raise KeyError("of the user")

    d = dstreams.queue([1, 2], checkpoint=name in ("state", "window"))
    {
        "map": lambda: d.map(fail).foreachRDD(lambda rdd: rdd.count()),
        "transform": lambda: d.transform(lambda rdd: fail()).pprint(),
        "foreachRDD": lambda: d.foreachRDD(lambda rdd: fail()),
        "pairs": lambda: d.reduceByKey(lambda a, b: a).pprint(),
        "window": lambda: d.map(lambda x: (x % 1, x)).reduceByKeyAndWindow(fail, fail, dstreams.seconds * 2).pprint(),
        "state": lambda: d.map(lambda x: (x, x)).updateStateByKey(fail).pprint(),
        "exit": lambda: d.foreachRDD(lambda rdd: (_ for _ in ()).throw(SystemExit(3))),
        "pprint": lambda: d.map(lambda x: Unprintable()).pprint(),
    }[name]()
    text = failure(dstreams)
    kinds = ["KeyError: 'of the user'", "TypeError", "RuntimeError: no text", "SystemExit", "PicklingError", "AttributeError", "Traceback", "in fail"]
    check([kind for kind in kinds if kind in text])
    check(text.split(":")[0])


class Unprintable:
    def __repr__(self):
        raise RuntimeError("no text")


def test_closures_that_cannot_be_pickled(check, dstreams):
    import threading

    lock = threading.Lock()
    d = dstreams.queue([1])
    d.map(lambda x: (lock, x)).foreachRDD(lambda rdd: rdd.collect())
    text = failure(dstreams)
    check(["pickle" in text, "lock" in text])


def test_a_context_in_a_closure(check, dstreams):
    sc, ssc = dstreams.sc, dstreams.context()
    d = dstreams.queue([1])
    d.map(lambda x: sc.version).foreachRDD(lambda rdd: rdd.collect())
    text = failure(dstreams)
    check(["CONTEXT_ONLY_VALID_ON_DRIVER" in text or "SparkContext can only be used on the driver" in text])


def test_a_streaming_context_in_a_closure(check, dstreams):
    ssc = dstreams.context()
    d = dstreams.queue([1])
    d.map(lambda x: str(ssc)).foreachRDD(lambda rdd: rdd.collect())
    check(failure(dstreams).split(":")[0])


@pytest.mark.parametrize("part", ["lock", "sc", "rdd", "ssc", "generator"])
def test_a_checkpointed_graph_must_be_picklable(check, dstreams, part):
    import threading

    ssc = dstreams.context(checkpoint=True)
    held = {"lock": threading.Lock(), "sc": dstreams.sc, "rdd": dstreams.sc.parallelize([1]), "ssc": ssc, "generator": (x for x in ())}[part]
    (dstreams.folder / "in").mkdir()
    d = ssc.textFileStream(str(dstreams.folder / "in"))
    d.foreachRDD(lambda rdd: print(held))
    said = outcome(ssc.start)
    check(isinstance(said, Exception))
    word = {"lock": "lock", "generator": "generator", "rdd": "RDD"}.get(part, "CONTEXT_ONLY_VALID_ON_DRIVER")
    check(word in str(said))


def test_queues_are_not_checkpointed(check, dstreams):
    d = dstreams.queue([1], [2], checkpoint=True)
    check(dstreams.run(d, count=2))
    check.error(lambda: dstreams.StreamingContext.getOrCreate(str(dstreams.folder / "checkpoint"), lambda: None))


def test_remember_and_checkpoint_give_nothing(check, dstreams):
    ssc = dstreams.context()
    check([ssc.remember(5), ssc.checkpoint(str(dstreams.folder / "c"))])
    check.outcome(lambda: ssc.checkpoint(None))
    check(message(lambda: ssc.remember(0)))
    check(message(lambda: ssc.remember(None)))
    check.outcome(lambda: ssc.addStreamingListener(None))


def test_intervals_of_checkpoints(check, dstreams):
    d = dstreams.queue([1], checkpoint=True)
    m = d.map(lambda x: x)
    m.checkpoint(dstreams.seconds * 1.5)
    m.pprint()
    check(message(dstreams.ssc.start))


def test_stopping_gracefully(check, dstreams):
    seen = []
    d = dstreams.queue([1], [2], [3])
    d.foreachRDD(lambda rdd: (time.sleep(0.3), seen.append(rdd.collect())) and None)
    dstreams.ssc.start()
    dstreams.turn(lambda: len(seen) >= 1, 2)
    dstreams.ssc.stop(False, True)
    check(seen[:1])
    after = len(seen)
    check([after == len(seen), dstreams.StreamingContext.getActive()])


@pytest.mark.only_ours("PySpark needs a jar for it")
def test_kinesis_is_refused_by_name(dstreams, api):
    kinesis = api.load("streaming.kinesis")
    with pytest.raises(api.errors.PySparkNotImplementedError) as raised:
        kinesis.KinesisUtils.createStream(dstreams.context(), "app", "stream", "url", "region", kinesis.InitialPositionInStream.LATEST, 10)
    assert "KinesisUtils.createStream" in str(raised.value)
    assert kinesis.utf8_decoder(None) is None and kinesis.utf8_decoder(b"\xc3\xa9") == "é"


@pytest.mark.only_ours("PySpark says that it has no attribute _jrdd")
def test_a_transform_that_gives_no_rdd(dstreams):
    dstreams.queue([1]).transform(lambda rdd: rdd.collect()).pprint()
    text = failure(dstreams)
    assert "gives an RDD" in text and "[1]" in text
