"""StreamingListener: which calls come, in what order, and what their objects say (Java-style methods)."""

import re
import socket
import threading

import pytest

from dstreams import moved

CALLS = ["onStreamingStarted", "onReceiverStarted", "onReceiverError", "onReceiverStopped", "onBatchSubmitted", "onBatchStarted",
         "onBatchCompleted", "onOutputOperationStarted", "onOutputOperationCompleted"]


def recorder(api, calls):
    """A listener that notes (call, what its object says), read inside the call."""

    def noted(name):
        def method(self, event):
            try:
                calls.append((name, READ[name](event)))
            except Exception as e:
                calls.append((name, f"{type(e).__name__}: {e}"))
        return method

    kind = type("Recorder", (api.load("streaming").StreamingListener,), {name: noted(name) for name in CALLS})
    return kind()


def batch(info):
    started, ended = info.processingStartTime(), info.processingEndTime()
    return {
        "time": info.batchTime().milliseconds(), "text": info.batchTime().toString(), "str": str(info.batchTime()),
        "submitted": info.submissionTime(), "started": started, "ended": ended,
        "delays": [info.schedulingDelay(), info.processingDelay(), info.totalDelay()],
        "records": info.numRecords(),
        "inputs": sorted([k, i.inputStreamId(), i.numRecords(), sorted(i.metadata().keys()), i.metadataDescription()] for k, i in dict(info.streamIdToInputInfo()).items()),
        "outputs": sorted(output(o) for o in dict(info.outputOperationInfos()).values()),
    }


PLACE = re.compile(r"(callForeachRDD at \S+|(foreachRDD|pprint|saveAsTextFiles) at test_dstream_listener.py:\d+)$")


def output(info):
    return [info.id(), bool(PLACE.match(info.name())), len(info.description()) > 10, info.startTime() >= 0, info.endTime() >= 0, bool(info.failureReason()), info.batchTime().milliseconds() > 0]


def receiver(info):
    return {"stream": info.streamId(), "name": info.name(), "active": info.active(), "location": info.location() != "", "executor": info.executorId(),
            "message": info.lastErrorMessage(), "error": info.lastError().split(":")[0], "at": info.lastErrorTime() > 0}


READ = {
    "onStreamingStarted": lambda e: e.time() > 0,
    "onReceiverStarted": lambda e: receiver(e.receiverInfo()),
    "onReceiverError": lambda e: receiver(e.receiverInfo()),
    "onReceiverStopped": lambda e: receiver(e.receiverInfo()),
    "onBatchSubmitted": lambda e: batch(e.batchInfo()),
    "onBatchStarted": lambda e: batch(e.batchInfo()),
    "onBatchCompleted": lambda e: batch(e.batchInfo()),
    "onOutputOperationStarted": lambda e: output(e.outputOperationInfo()),
    "onOutputOperationCompleted": lambda e: output(e.outputOperationInfo()),
}


def after(dstreams, calls, name, count=1):
    dstreams.turn(lambda: sum(c == name for c, _ in calls) >= count, count + 2)


def test_order(check, dstreams, api):
    calls = []
    ssc = dstreams.context()
    ssc.addStreamingListener(recorder(api, calls))
    d = dstreams.queue([1, 2], [3])
    d.foreachRDD(lambda rdd: rdd.count() and None)
    d.pprint()
    ssc.start()
    after(dstreams, calls, "onBatchCompleted", 2)
    ssc.stop(stopSparkContext=False)
    names = [name for name, _ in calls]
    check(names[:4])
    of_batch = [n for n in names if "Output" in n or n in ("onBatchStarted", "onBatchCompleted")]
    check(of_batch[:6])


@pytest.mark.parametrize("call", ["onBatchSubmitted", "onBatchStarted", "onBatchCompleted"])
def test_batches(check, dstreams, api, call):
    calls = []
    ssc = dstreams.context()
    ssc.addStreamingListener(recorder(api, calls))
    dstreams.queue([1, 2], [3]).foreachRDD(lambda rdd: rdd.count() and None)
    ssc.start()
    after(dstreams, calls, "onBatchCompleted", 2)
    ssc.stop(stopSparkContext=False)
    got = [info for name, info in calls if name == call][:2]
    check([i["records"] for i in got])
    check([i["outputs"] if call != "onBatchStarted" else len(i["outputs"]) for i in got])
    check([i["inputs"] for i in got])
    check([[i["text"] == f"{i['time']} ms", i["str"] == i["text"], i["time"] % 250] for i in got])
    check([[i["started"] > 0, i["ended"] > 0] for i in got])
    check([[d >= 0 for d in i["delays"]] for i in got])
    check([[i["submitted"] >= i["time"], got[1]["time"] - got[0]["time"]] for i in got])


def test_output_operations(check, dstreams, api):
    calls = []
    ssc = dstreams.context()
    ssc.addStreamingListener(recorder(api, calls))
    d = dstreams.queue([1, 2])
    d.foreachRDD(lambda rdd: rdd.count() and None)
    d.pprint()
    d.map(lambda x: x).saveAsTextFiles(str(dstreams.folder / "t"))
    ssc.start()
    after(dstreams, calls, "onBatchCompleted")
    ssc.stop(stopSparkContext=False)
    check([info[:2] + info[3:] for name, info in calls if name == "onOutputOperationStarted"][:3])
    check([info[:2] + info[3:] for name, info in calls if name == "onOutputOperationCompleted"][:3])


def test_failures(check, dstreams, api):
    calls = []
    ssc = dstreams.context()
    ssc.addStreamingListener(recorder(api, calls))
    dstreams.queue([0], [1]).map(lambda x: 1 // x).foreachRDD(lambda rdd: rdd.collect() and None)
    ssc.start()
    after(dstreams, calls, "onBatchCompleted", 2)
    ssc.stop(stopSparkContext=False)
    check([info[5] for name, info in calls if name == "onOutputOperationCompleted"][:2])


def test_files(check, dstreams, api):
    calls = []
    ssc = dstreams.context()
    ssc.addStreamingListener(recorder(api, calls))
    folder = dstreams.folder / "in"
    folder.mkdir()
    ssc.textFileStream(str(folder)).foreachRDD(lambda rdd: rdd.count() and None)
    ssc.start()
    moved(folder, "a.txt", "x\ny\n")
    after(dstreams, calls, "onBatchCompleted", 3)
    ssc.stop(stopSparkContext=False)
    got = [info["inputs"] for name, info in calls if name == "onBatchCompleted"]
    check([[i[:4] for i in inputs] for inputs in got][:1])
    check(["a.txt" in str(got)])


class Server:
    """A socket that gives lines to whoever connects."""

    def __init__(self, *lines):
        self.lines, self.socket = lines, socket.create_server(("127.0.0.1", 0))
        self.port = self.socket.getsockname()[1]
        self.held = []
        threading.Thread(target=self.serve, daemon=True).start()

    def serve(self):
        while True:
            try:
                taken, _ = self.socket.accept()
            except OSError:
                return
            self.held.append(taken)
            for line in self.lines:
                taken.sendall(line)

    def drop(self):
        for taken in self.held:
            taken.close()

    def close(self):
        self.socket.close()
        self.drop()


def test_receivers(check, dstreams, api):
    calls, server = [], Server(b"a\nb\nc\n")
    ssc = dstreams.context()
    ssc.addStreamingListener(recorder(api, calls))
    ssc.socketTextStream("127.0.0.1", server.port).foreachRDD(lambda rdd: rdd.count() and None)
    ssc.start()
    dstreams.turn(lambda: any(n == "onBatchCompleted" and i["records"] for n, i in calls), 40)
    ssc.stop(stopSparkContext=False)
    server.close()
    check([i for n, i in calls if n == "onReceiverStarted"])
    got = [i for n, i in calls if n == "onBatchCompleted" and i["records"]]
    check(sum(i["records"] for i in got))
    check(got[0]["inputs"])


@pytest.mark.only_ours("PySpark tells onReceiverStopped of it, and onReceiverError of nothing")
def test_a_host_that_refuses(dstreams, api):
    calls = []
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    ssc = dstreams.context()
    ssc.addStreamingListener(recorder(api, calls))
    ssc.socketTextStream("127.0.0.1", port).pprint()
    ssc.start()
    dstreams.turn(lambda: any(n == "onReceiverError" for n, i in calls), 40)
    said = next(i for n, i in calls if n == "onReceiverError")
    assert said["stream"] == 0 and said["name"] == "SocketReceiver-0" and said["at"]
    assert str(port) in said["message"] + said["error"]
    with socket.create_server(("127.0.0.1", port)) as server:
        server.setblocking(False)
        taken = []
        dstreams.turn(lambda: accepted(server, taken), 40)
    taken[0].close()
    ssc.stop(stopSparkContext=False)
    assert calls[-1][0] == "onReceiverStopped" and not calls[-1][1]["active"]


def accepted(server, taken):
    try:
        taken.append(server.accept()[0])
    except BlockingIOError:
        return False
    return True


def test_a_listener_that_raises(check, dstreams, api):
    calls = []

    class Bad(api.load("streaming").StreamingListener):
        def onBatchCompleted(self, batchCompleted):
            raise ValueError("of the listener")

    ssc = dstreams.context()
    ssc.addStreamingListener(Bad())
    ssc.addStreamingListener(recorder(api, calls))
    dstreams.queue([1]).foreachRDD(lambda rdd: rdd.count() and None)
    ssc.start()
    after(dstreams, calls, "onBatchCompleted", 2)
    check(ssc.awaitTerminationOrTimeout(0.1))
    ssc.stop(stopSparkContext=False)


def test_a_plain_listener(check, api):
    made = api.load("streaming").StreamingListener()
    check([getattr(made, name)(None) for name in CALLS])
    check(hasattr(made, "Java"))


@pytest.mark.only_ours("PySpark refuses it too, in words of its JVM")
def test_a_listener_cannot_stop_its_context(dstreams, api):
    said = []
    ssc = dstreams.context()

    class Stopper(api.load("streaming").StreamingListener):
        def onBatchCompleted(self, batchCompleted):
            try:
                ssc.stop(stopSparkContext=False)
            except api.errors.PySparkException as e:
                said.append(str(e))

    ssc.addStreamingListener(Stopper())
    dstreams.queue([1]).foreachRDD(lambda rdd: None)
    ssc.start()
    dstreams.turn(lambda: said, 2)
    ssc.stop(stopSparkContext=False)
    assert "threading.Event" in said[0]
