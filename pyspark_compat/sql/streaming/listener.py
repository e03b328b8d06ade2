"""Listeners of streaming queries, their events, and the progress of a query."""
import json
import uuid
from abc import ABC, abstractmethod

__all__ = ["StreamingQueryListener"]


class StreamingQueryListener(ABC):
    """Is told of the queries of a session: subclass it and give it to `spark.streams.addListener`."""

    _sparkSession = None

    @property
    def spark(self):
        return self._sparkSession

    @spark.setter
    def spark(self, session):
        self._sparkSession = session

    @abstractmethod
    def onQueryStarted(self, event):
        """Called inside start(), before it returns."""

    @abstractmethod
    def onQueryProgress(self, event):
        """Called after each batch."""

    def onQueryIdle(self, event):
        """Called when a query waits for data."""

    @abstractmethod
    def onQueryTerminated(self, event):
        """Called when a query has ended, for whatever reason."""

    @property
    def _jlistener(self):
        return self


class _Event:
    """Attributes that are given once."""

    def __init__(self, **values):
        for name, value in values.items():
            setattr(self, "_" + name, value)

    @classmethod
    def _ids(cls, j):
        return {"id": uuid.UUID(j["id"]), "runId": uuid.UUID(j["runId"])}


def _read(name):
    return property(lambda self: getattr(self, "_" + name))


class QueryStartedEvent(_Event):
    """A query was started."""

    def __init__(self, id, runId, name, timestamp, jobTags):
        super().__init__(id=id, runId=runId, name=name, timestamp=timestamp, jobTags=jobTags)

    @classmethod
    def fromJson(cls, j):
        return cls(**cls._ids(j), name=j["name"], timestamp=j["timestamp"], jobTags=set(j.get("jobTags", ())))

    id, runId, name, timestamp, jobTags = map(_read, ("id", "runId", "name", "timestamp", "jobTags"))


class QueryProgressEvent(_Event):
    """A batch is done."""

    def __init__(self, progress):
        super().__init__(progress=progress)

    @classmethod
    def fromJson(cls, j):
        return cls(StreamingQueryProgress.fromJson(j["progress"]))

    progress = _read("progress")


class QueryIdleEvent(_Event):
    """A query waits for data."""

    def __init__(self, id, runId, timestamp):
        super().__init__(id=id, runId=runId, timestamp=timestamp)

    @classmethod
    def fromJson(cls, j):
        return cls(**cls._ids(j), timestamp=j["timestamp"])

    id, runId, timestamp = map(_read, ("id", "runId", "timestamp"))


class QueryTerminatedEvent(_Event):
    """A query has ended; `exception` is the error's text, None after stop()."""

    def __init__(self, id, runId, exception, errorClassOnException):
        super().__init__(id=id, runId=runId, exception=exception, errorClassOnException=errorClassOnException)

    @classmethod
    def fromJson(cls, j):
        return cls(**cls._ids(j), exception=j["exception"], errorClassOnException=j["errorClassOnException"])

    id, runId, exception, errorClassOnException = map(_read, ("id", "runId", "exception", "errorClassOnException"))


EVENTS = {"progress": (QueryProgressEvent, "onQueryProgress"), "idle": (QueryIdleEvent, "onQueryIdle"),
          "terminated": (QueryTerminatedEvent, "onQueryTerminated")}


def _item(name):
    return property(lambda self: self[name])


class _Progress(dict):
    """A dict whose keys are attributes too, with the JSON that it came from."""

    def __init__(self, jdict, **values):
        super().__init__(values)
        self._jdict = jdict
        self._engine_text = False

    @property
    def json(self):
        if self._engine_text:
            return json.dumps(self._jdict, separators=(",", ":"), ensure_ascii=False)
        return json.dumps(self._jdict)

    @property
    def prettyJson(self):
        if self._engine_text:
            return _engine_pretty(self._jdict)
        return json.dumps(self._jdict, indent=4)

    def __str__(self):
        return self.prettyJson

    __repr__ = __str__

    def _parts(self):
        return []

    def _as_event(self, observed=None):
        """Marks it as part of an event, whose text is the engine's own form and whose metrics have Python's types."""
        self._engine_text = True
        if observed:
            from pyspark_compat.sql.observation import metrics_row

            self["observedMetrics"] = {m["name"]: metrics_row(m) for m in observed}
        for part in self._parts():
            part._as_event()
        return self


def _engine_pretty(value, indent=0):
    """JSON indented by two, with lists of objects opened on one line, as events show it."""
    pad, inner = "  " * indent, "  " * (indent + 1)
    if isinstance(value, dict):
        if not value:
            return "{ }"
        lines = ",\n".join(f"{inner}{json.dumps(k)} : {_engine_pretty(v, indent + 1)}" for k, v in value.items())
        return "{\n" + lines + "\n" + pad + "}"
    if isinstance(value, list):
        if not value:
            return "[ ]"
        return "[ " + ", ".join(_engine_pretty(v, indent) for v in value) + " ]"
    return json.dumps(value, ensure_ascii=False)


class StreamingQueryProgress(_Progress):
    """What a batch did. `p["id"]` is text, `p.id` a UUID; calling it gives itself."""

    def __init__(self, id, runId, name, timestamp, batchId, batchDuration, durationMs, eventTime, stateOperators,
                 sources, sink, numInputRows, inputRowsPerSecond, processedRowsPerSecond, observedMetrics,
                 jprogress=None, jdict=None):
        super().__init__(
            jdict, id=id, runId=runId, name=name, timestamp=timestamp, batchId=batchId, batchDuration=batchDuration,
            durationMs=durationMs, eventTime=eventTime, stateOperators=stateOperators, sources=sources, sink=sink,
            numInputRows=numInputRows, inputRowsPerSecond=inputRowsPerSecond,
            processedRowsPerSecond=processedRowsPerSecond, observedMetrics=observedMetrics)

    @classmethod
    def fromJson(cls, j):
        return cls(
            jdict=j, id=uuid.UUID(j["id"]), runId=uuid.UUID(j["runId"]), name=j["name"], timestamp=j["timestamp"],
            batchId=j["batchId"], batchDuration=j["batchDuration"], durationMs=dict(j.get("durationMs", {})),
            eventTime=dict(j.get("eventTime", {})),
            stateOperators=[StateOperatorProgress.fromJson(s) for s in j["stateOperators"]],
            sources=[SourceProgress.fromJson(s) for s in j["sources"]], sink=SinkProgress.fromJson(j["sink"]),
            numInputRows=j.get("numInputRows"), inputRowsPerSecond=j.get("inputRowsPerSecond"),
            processedRowsPerSecond=j.get("processedRowsPerSecond"),
            observedMetrics={k: _row(v) for k, v in j.get("observedMetrics", {}).items()})

    def _parts(self):
        return [*self.stateOperators, *self.sources, self.sink]

    def _sum(self, name):
        return self[name] if self[name] is not None else sum(s[name] for s in self.sources)

    id = property(lambda self: super().__getitem__("id"))
    runId = property(lambda self: super().__getitem__("runId"))
    name, timestamp, batchId, batchDuration, durationMs, eventTime = map(
        _item, ("name", "timestamp", "batchId", "batchDuration", "durationMs", "eventTime"))
    stateOperators, sources, sink, observedMetrics = map(
        _item, ("stateOperators", "sources", "sink", "observedMetrics"))
    numInputRows = property(lambda self: self._sum("numInputRows"))
    inputRowsPerSecond = property(lambda self: self._sum("inputRowsPerSecond"))
    processedRowsPerSecond = property(lambda self: self._sum("processedRowsPerSecond"))

    def __getitem__(self, key):
        value = super().__getitem__(key)
        return str(value) if key in ("id", "runId") else value

    def __call__(self):
        """Itself: `query.lastProgress()` gives what `query.lastProgress` gives."""
        return self


def _row(values):
    from pyspark_compat_worker.row import Row

    return Row(*values)(*values.values())


class StateOperatorProgress(_Progress):
    """What a batch did to an operator's state."""

    _FIELDS = ("operatorName", "numRowsTotal", "numRowsUpdated", "numRowsRemoved", "allUpdatesTimeMs",
               "allRemovalsTimeMs", "commitTimeMs", "memoryUsedBytes", "numRowsDroppedByWatermark",
               "numShufflePartitions", "numStateStoreInstances")

    def __init__(self, operatorName, numRowsTotal, numRowsUpdated, numRowsRemoved, allUpdatesTimeMs,
                 allRemovalsTimeMs, commitTimeMs, memoryUsedBytes, numRowsDroppedByWatermark, numShufflePartitions,
                 numStateStoreInstances, customMetrics, jprogress=None, jdict=None):
        super().__init__(
            jdict, operatorName=operatorName, numRowsTotal=numRowsTotal, numRowsUpdated=numRowsUpdated,
            numRowsRemoved=numRowsRemoved, allUpdatesTimeMs=allUpdatesTimeMs, allRemovalsTimeMs=allRemovalsTimeMs,
            commitTimeMs=commitTimeMs, memoryUsedBytes=memoryUsedBytes,
            numRowsDroppedByWatermark=numRowsDroppedByWatermark, numShufflePartitions=numShufflePartitions,
            numStateStoreInstances=numStateStoreInstances, customMetrics=customMetrics)

    @classmethod
    def fromJson(cls, j):
        return cls(*(j[f] for f in cls._FIELDS), customMetrics=dict(j.get("customMetrics", {})), jdict=j)

    (operatorName, numRowsTotal, numRowsUpdated, numRowsRemoved, allUpdatesTimeMs, allRemovalsTimeMs, commitTimeMs,
     memoryUsedBytes, numRowsDroppedByWatermark, numShufflePartitions, numStateStoreInstances) = map(_item, _FIELDS)
    customMetrics = _item("customMetrics")


class SourceProgress(_Progress):
    """What a batch read from a source; offsets are JSON text."""

    def __init__(self, description, startOffset, endOffset, latestOffset, numInputRows, inputRowsPerSecond,
                 processedRowsPerSecond, metrics, jprogress=None, jdict=None):
        super().__init__(
            jdict, description=description, startOffset=startOffset, endOffset=endOffset, latestOffset=latestOffset,
            numInputRows=numInputRows, inputRowsPerSecond=inputRowsPerSecond,
            processedRowsPerSecond=processedRowsPerSecond, metrics=metrics)

    @classmethod
    def fromJson(cls, j):
        return cls(
            jdict=j, description=j["description"], numInputRows=j["numInputRows"],
            inputRowsPerSecond=j["inputRowsPerSecond"], processedRowsPerSecond=j["processedRowsPerSecond"],
            metrics=dict(j.get("metrics", {})),
            **{k: _offset(j[k]) for k in ("startOffset", "endOffset", "latestOffset")})

    def _as_event(self):
        for key in ("startOffset", "endOffset", "latestOffset"):
            given = self._jdict[key]
            text = given if isinstance(given, str) else json.dumps(given, separators=(",", ":"))
            self[key] = "None" if given is None else text
        return super()._as_event()

    description, startOffset, endOffset, latestOffset, numInputRows, inputRowsPerSecond, processedRowsPerSecond = map(
        _item, ("description", "startOffset", "endOffset", "latestOffset", "numInputRows", "inputRowsPerSecond",
                "processedRowsPerSecond"))
    metrics = _item("metrics")


def _offset(value):
    return value if isinstance(value, str) else json.dumps(value)


class SinkProgress(_Progress):
    """What a batch wrote; numOutputRows is -1 where the sink does not say."""

    def __init__(self, description, numOutputRows, metrics, jprogress=None, jdict=None):
        super().__init__(jdict, description=description, numOutputRows=numOutputRows, metrics=metrics)

    @classmethod
    def fromJson(cls, j):
        return cls(j["description"], j["numOutputRows"], dict(j.get("metrics", {})), jdict=j)

    description, numOutputRows, metrics = map(_item, ("description", "numOutputRows", "metrics"))
