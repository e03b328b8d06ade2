package errs

// dstreamRows are what StreamingContext and DStream raise. PySpark raises them as Java exceptions, which the text names.
var dstreamRows = []Row{
	{Unnamed + "DSTREAM_ARGUMENT", "", Py4J, "java.lang.IllegalArgumentException: <reason>"},
	{Unnamed + "DSTREAM_STATE", "", Py4J, "java.lang.IllegalStateException: <reason>"},
	{Unnamed + "DSTREAM_WINDOW", "", Py4J, "java.lang.Exception: The <what> duration of windowed DStream (<duration>) must be a multiple of the slide duration of parent DStream (<slide>)."},
	{Unnamed + "DSTREAM_FIXED", "", Py4J, "java.lang.UnsupportedOperationException: Cannot change <what> of a DStream after streaming context has started. Set it before start()."},
	{Unnamed + "DSTREAM_UNINITIALIZED", "", Py4J, "org.apache.spark.SparkException: <stream> has not been initialized: start the StreamingContext first."},
	{Unnamed + "DSTREAM_NO_RDD", "", Py4J, "org.apache.spark.SparkException: Couldn't generate RDD from parent at time <time>."},
	{Unnamed + "DSTREAM_BLOCK", "", Py4J, "org.apache.spark.SparkException: Could not compute split, block <block> of received data is gone. Keep it longer with StreamingContext.remember()."},
	{Unnamed + "DSTREAM_LOG_PLACE", "", Py4J, "org.apache.spark.SparkException: Cannot enable receiver write-ahead log (<config>) without checkpoint directory set. Set it with StreamingContext.checkpoint()."},
	{Unnamed + "DSTREAM_CHECKPOINT_BROKEN", "", Py4J, "The file <path> is cut off or is no checkpoint of this engine."},
	{Unnamed + "DSTREAM_CHECKPOINT_UNREADABLE", "", Py4J, "org.apache.spark.SparkException: Failed to read checkpoint from directory <directory>: none of its files can be read. Restore one, or start on another directory."},
	{Unnamed + "DSTREAM_QUEUE_RECOVERY", "", Py4J, "org.apache.spark.SparkException: Failed to read checkpoint from directory <directory>: queueStream doesn't support checkpointing. Please don't use queueStream when checkpointing is enabled."},
	{Unnamed + "DSTREAM_HIDDEN_FILE", "", Py4J, "org.apache.hadoop.mapreduce.lib.input.InvalidInputException: Input path does not exist: <path>. A name that begins with _ is hidden: write under a name with a dot and rename when done."},
	{Unnamed + "DSTREAM_SLICE_INSIDE", "", Py4J, "org.apache.spark.SparkException: DStream.slice cannot be called inside a function of transform: the batch that is being made would wait for itself. Call it in foreachRDD or outside."},
}
