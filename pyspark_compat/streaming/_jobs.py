"""The local properties of the thread that runs a batch's output operation."""
import contextlib

BATCH_TIME = "spark.streaming.internal.batchTime"
OUTPUT = "spark.streaming.internal.outputOpId"
DESCRIPTION = "spark.job.description"


@contextlib.contextmanager
def properties(sc, call):
    """Jobs inside belong to the batch and the output operation of a call."""
    from pyspark_compat.streaming._operations import time_of

    said = {BATCH_TIME: str(call["time"]), OUTPUT: str(call["output"]),
            DESCRIPTION: f"Streaming job from [output operation {call['output']}, batch time {time_of(call):%H:%M:%S}]"}
    for key, value in said.items():
        sc.setLocalProperty(key, value)
    try:
        yield
    finally:
        for key in said:
            if not sc._stopped:
                sc.setLocalProperty(key, None)
