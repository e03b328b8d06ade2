"""DStreams: batches of RDDs on a clock."""
from pyspark_compat.streaming.context import StreamingContext
from pyspark_compat.streaming.dstream import DStream
from pyspark_compat.streaming.listener import StreamingListener

__all__ = ["StreamingContext", "DStream", "StreamingListener"]
