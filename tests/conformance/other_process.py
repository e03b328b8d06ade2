"""Runs one batch on a checkpoint from a process of its own: python other_process.py IMPL FOLDER CHECKPOINT."""

import importlib
import sys


def cause(e):
    inner = e._cause if getattr(e, "_cause", None) is not None else e.__cause__
    return inner.getCondition() if hasattr(inner, "getCondition") else e.getCondition()


def main(impl, folder, checkpoint):
    sql = importlib.import_module(f"{impl}.sql")
    spark = sql.SparkSession.builder.master("local[1]").config("spark.ui.enabled", "false").getOrCreate()
    d = spark.readStream.schema("v int").option("maxFilesPerTrigger", 1).json(folder)
    try:
        d.writeStream.format("noop").option("checkpointLocation", checkpoint).trigger(availableNow=True).start().awaitTermination(60)
        print("ended: ok")
    except Exception as e:
        print(f"ended: {cause(e)}")
    spark.stop()


if __name__ == "__main__":
    main(*sys.argv[1:])
