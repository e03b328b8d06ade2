"""Delays of New York's flights, as they take off: a streaming job as one writes it for PySpark.

    python flights_job.py IN AIRLINES OUT CHECKPOINT PROGRESS DONE

Reads JSON lines that arrive in the folder IN, joins the airlines, and writes one row a day, origin and airline as
Parquet under OUT. Shows the busiest airlines of the moment as a table. Every progress goes to the file PROGRESS as a
line. Ends when the file DONE exists and all that has arrived is processed.
"""

import os
import sys

from pyspark_compat.sql import SparkSession, functions as F
from pyspark_compat.sql.streaming import StreamingQueryListener

FLIGHT = "time_hour TIMESTAMP, origin STRING, carrier STRING, flight INT, dest STRING, dep_delay DOUBLE, distance DOUBLE"


@F.udf("string")
def punctuality(delay):
    if delay is None:
        return "cancelled"
    return "early" if delay < 0 else "on time" if delay < 15 else "late"


class ProgressFile(StreamingQueryListener):
    """Writes the progress of the query named `flights`, a line each."""

    def __init__(self, path):
        self.file = open(path, "a", buffering=1)

    def onQueryStarted(self, event):
        pass

    def onQueryProgress(self, event):
        if event.progress.name == "flights":
            self.file.write(event.progress.json.replace("\n", " ") + "\n")

    def onQueryTerminated(self, event):
        pass


def delays(flights, airlines):
    """Flights, cancelled and late ones and the mean delay per day, origin and airline."""
    return (flights.withWatermark("time_hour", "2 hours")
            .withColumn("punctuality", punctuality("dep_delay"))
            .groupBy(F.window("time_hour", "1 day"), "origin", "carrier")
            .agg(F.count("*").alias("flights"), F.sum((F.col("punctuality") == "cancelled").cast("int")).alias("cancelled"),
                 F.sum((F.col("punctuality") == "late").cast("int")).alias("late"), F.round(F.avg("dep_delay"), 2).alias("delay"))
            .join(airlines, "carrier")
            .select(F.col("window.start").alias("day"), "origin", "name", "flights", "cancelled", "late", "delay"))


def main(arrivals, airlines_file, out, checkpoint, progress, done):
    spark = (SparkSession.builder.master("local[2]").appName("flights").config("spark.sql.session.timeZone", "UTC")
             .config("spark.sql.shuffle.partitions", "4").getOrCreate())
    spark.streams.addListener(ProgressFile(progress))
    flights = spark.readStream.schema(FLIGHT).option("maxFilesPerTrigger", 2).json(arrivals)
    airlines = spark.read.schema("carrier STRING, name STRING").json(airlines_file)
    busiest = (spark.readStream.schema(FLIGHT).json(arrivals).groupBy("carrier").count()
               .join(airlines, "carrier").select("name", "count"))
    show = (busiest.writeStream.outputMode("complete").queryName("busiest").trigger(processingTime="1 second")
            .foreachBatch(lambda frame, _: frame.orderBy(F.desc("count")).limit(5).show(truncate=False)).start())
    query = (delays(flights, airlines).writeStream.queryName("flights").format("parquet").outputMode("append")
             .option("checkpointLocation", checkpoint).start(out))
    while not os.path.exists(done):
        query.awaitTermination(0.1)
    query.processAllAvailable()
    query.stop()
    show.processAllAvailable()
    show.stop()
    spark.stop()


if __name__ == "__main__":
    main(*sys.argv[1:])
