package errs

var pythonRows = []Row{
	{"PYTHON_EXCEPTION", "38000", Python, "<msg>: <traceback>"},
	{"FOREACH_BATCH_USER_FUNCTION_ERROR", "39000", Unknown, "The function given to foreachBatch raised: <reason>"},
	{Unnamed + "JOB_RAISED", "", Py4J, "An error occurred while calling z:org.apache.spark.api.python.PythonRDD.collectAndServe.\n: org.apache.spark.api.python.PythonException: [PYTHON_EXCEPTION] An exception was thrown from the Python worker: <traceback> SQLSTATE: 38000\nTask <task> in stage <stage> failed <times> times."},
	{Unnamed + "JOB_ABORTED", "", Py4J, "An error occurred while calling z:org.apache.spark.api.python.PythonRDD.collectAndServe.\n: org.apache.spark.SparkException: Job aborted due to stage failure: Task <task> in stage <stage> failed <times> times, most recent failure: Lost task <task>.<attempt> in stage <stage> (TID <id>) (localhost executor driver): org.apache.spark.SparkException: <reason>"},
	{Unnamed + "JOB_PARTITION", "", Py4J, "An error occurred while calling z:org.apache.spark.api.python.PythonRDD.runJob.\n: java.lang.IllegalArgumentException: Attempting to access a non-existent partition: <partition>. Total number of partitions: <partitions>"},
	{Unnamed + "JOB_CANCELLED", "", Py4J, "An error occurred while calling z:org.apache.spark.api.python.PythonRDD.collectAndServe.\n: org.apache.spark.SparkException: [SPARK_JOB_CANCELLED] Job <id> cancelled <reason> SQLSTATE: XXKDA"},
	{Unnamed + "BARRIER_SLOTS", "", Py4J, "An error occurred while calling z:org.apache.spark.api.python.PythonRDD.collectAndServe.\n: org.apache.spark.scheduler.BarrierJobSlotsNumberCheckFailed: [SPARK-24819]: All tasks of a barrier stage run at once: this one has <tasks>, and the master gives <slots> slots. Give the master more cores or the RDD fewer partitions."},
	{Unnamed + "BARRIER_CHAIN", "", Py4J, "An error occurred while calling z:org.apache.spark.api.python.PythonRDD.collectAndServe.\n: org.apache.spark.scheduler.BarrierJobUnsupportedRDDChainException: [SPARK-24820][SPARK-24821]: In a barrier stage every RDD must have as many partitions as the stage has tasks (so no union, coalesce, first or take: collect()[0] is the way), and none may depend on two barrier RDDs."},
	{Unnamed + "BARRIER_MIXED", "", Spark, "Tasks of one barrier stage meet for different things: <first> and <other>. All must call the same."},
	{Unnamed + "BARRIER_LEFT", "", Spark, "A task of the barrier stage has ended: those that wait for it would wait for ever. All must meet equally often."},
	{"PYTHON_WORKER_DIED", "38000", Spark, "Python worker exited unexpectedly (crashed): <reason>. It may have run out of memory, called os._exit, or been killed."},
	{"PYTHON_WORKER_START_FAILED", "38000", Spark, "No Python worker could be started with <python>: <reason>"},
}
