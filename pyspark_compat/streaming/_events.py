"""The objects that a StreamingListener's methods are given: their values come by calls, as those of Java objects do."""

NO_TIME = -1  # what has not come yet


class _Info:
    """Values by name; a subclass lists the names and which of them are objects themselves."""

    _names = ()
    _objects = {}
    _missing = NO_TIME

    def __init__(self, values):
        self._values = values

    def __init_subclass__(cls):
        for name in cls._names:
            setattr(cls, name, _getter(name, cls._objects.get(name), cls._missing))

    def __repr__(self):
        return f"{type(self).__name__}({', '.join(f'{n}={getattr(self, n)()}' for n in self._names)})"


def _getter(name, made, missing):
    def get(self):
        value = self._values.get(name)
        if made is not None:
            return made(value)
        return missing if value is None else value

    get.__name__ = name
    return get


class Time:
    """A moment, in milliseconds since the epoch."""

    def __init__(self, milliseconds):
        self._milliseconds = milliseconds

    def milliseconds(self):
        return self._milliseconds

    def toString(self):
        return f"{self._milliseconds} ms"

    __str__ = __repr__ = toString

    def __eq__(self, other):
        return isinstance(other, Time) and other._milliseconds == self._milliseconds

    def __lt__(self, other):
        return self._milliseconds < other._milliseconds

    def __hash__(self):
        return hash(self._milliseconds)


class StreamInputInfo(_Info):
    _names = ("inputStreamId", "numRecords", "metadata", "metadataDescription")
    _missing = None


class OutputOperationInfo(_Info):
    _names = ("batchTime", "id", "name", "description", "startTime", "endTime", "failureReason")
    _objects = {"batchTime": Time, "failureReason": lambda text: text}


def _by_number(made):
    return lambda infos: {int(number): made(info) for number, info in (infos or {}).items()}


class BatchInfo(_Info):
    _names = ("batchTime", "streamIdToInputInfo", "submissionTime", "processingStartTime", "processingEndTime", "schedulingDelay",
              "processingDelay", "totalDelay", "numRecords", "outputOperationInfos")
    _objects = {"batchTime": Time, "streamIdToInputInfo": _by_number(StreamInputInfo),
                "outputOperationInfos": _by_number(OutputOperationInfo)}


class ReceiverInfo(_Info):
    _names = ("streamId", "name", "active", "location", "executorId", "lastErrorMessage", "lastError", "lastErrorTime")


class StreamingStarted(_Info):
    _names = ("time",)


class ReceiverEvent(_Info):
    _names = ("receiverInfo",)
    _objects = {"receiverInfo": ReceiverInfo}


class BatchEvent(_Info):
    _names = ("batchInfo",)
    _objects = {"batchInfo": BatchInfo}


class OutputOperationEvent(_Info):
    _names = ("outputOperationInfo",)
    _objects = {"outputOperationInfo": OutputOperationInfo}


# the engine's name of an event: the listener's method and the class of its argument
EVENTS = {
    "streamingStarted": ("onStreamingStarted", StreamingStarted),
    "receiverStarted": ("onReceiverStarted", ReceiverEvent),
    "receiverError": ("onReceiverError", ReceiverEvent),
    "receiverStopped": ("onReceiverStopped", ReceiverEvent),
    "batchSubmitted": ("onBatchSubmitted", BatchEvent),
    "batchStarted": ("onBatchStarted", BatchEvent),
    "batchCompleted": ("onBatchCompleted", BatchEvent),
    "outputOperationStarted": ("onOutputOperationStarted", OutputOperationEvent),
    "outputOperationCompleted": ("onOutputOperationCompleted", OutputOperationEvent),
}
