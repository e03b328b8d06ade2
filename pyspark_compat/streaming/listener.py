"""StreamingListener: what a program overrides to be told of batches, output operations and receivers.

Methods run in the user's process, one after the other. Their events have Java-style methods, as PySpark's have:
`batchCompleted.batchInfo().numRecords()`.
"""

__all__ = ["StreamingListener"]


class StreamingListener:
    """Is told what a StreamingContext does: subclass it and give it to `StreamingContext.addStreamingListener`."""

    def __init__(self):
        pass

    def onStreamingStarted(self, streamingStarted):
        """The context runs: `streamingStarted.time()` in milliseconds."""

    def onReceiverStarted(self, receiverStarted):
        """A receiver runs: `receiverStarted.receiverInfo()`."""

    def onReceiverError(self, receiverError):
        """A receiver had an error and tries again: `receiverError.receiverInfo().lastErrorMessage()`."""

    def onReceiverStopped(self, receiverStopped):
        """A receiver has ended."""

    def onBatchSubmitted(self, batchSubmitted):
        """A batch is queued: `batchSubmitted.batchInfo()`."""

    def onBatchStarted(self, batchSubmitted):
        """The first output operation of a batch begins."""

    def onBatchCompleted(self, batchCompleted):
        """All output operations of a batch are done, well or badly."""

    def onOutputOperationStarted(self, outputOperationStarted):
        """An output operation begins: `outputOperationStarted.outputOperationInfo()`."""

    def onOutputOperationCompleted(self, outputOperationCompleted):
        """An output operation is done; `failureReason()` says why it failed, or is None."""

    class Java:
        implements = ["org.apache.spark.streaming.api.java.PythonStreamingListener"]
