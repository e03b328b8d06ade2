"""The query that kill.py kills: stateful, file to file, with a Python function.

    python job.py IN OUT CHECKPOINT STARTED

Writes the file STARTED when the query has begun, and ends when everything in IN is processed.
"""

import sys
from pathlib import Path

from pyspark_compat.sql import SparkSession, functions as F


@F.udf("long")
def twice(value):
    return value * 2


def main(source, out, checkpoint, started):
    spark = (SparkSession.builder.master("local[2]").appName("soak").config("spark.sql.shuffle.partitions", "3")
             .config("spark.sql.session.timeZone", "UTC").getOrCreate())
    rows = spark.readStream.schema("k STRING, v LONG, ts TIMESTAMP").option("maxFilesPerTrigger", 1).json(source)
    counts = (rows.withWatermark("ts", "5 seconds").withColumn("w", twice("v")).groupBy(F.window("ts", "10 seconds"), "k")
              .agg(F.count("*").alias("n"), F.sum("w").alias("w")).select(F.col("window.start").alias("start"), "k", "n", "w"))
    query = (counts.writeStream.format("parquet").option("checkpointLocation", checkpoint).trigger(availableNow=True).start(out))
    Path(started).touch()
    query.awaitTermination()
    spark.stop()


if __name__ == "__main__":
    main(*sys.argv[1:])
