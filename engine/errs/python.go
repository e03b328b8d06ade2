package errs

var pythonRows = []Row{
	{"PYTHON_EXCEPTION", "38000", Python, "<msg>: <traceback>"},
	{"FOREACH_BATCH_USER_FUNCTION_ERROR", "39000", Unknown, "The function given to foreachBatch raised: <reason>"},
	{Unnamed + "JOB_RAISED", "", Py4J, "An error occurred while calling z:org.apache.spark.api.python.PythonRDD.collectAndServe.\n: org.apache.spark.api.python.PythonException: [PYTHON_EXCEPTION] An exception was thrown from the Python worker: <traceback> SQLSTATE: 38000\nTask <task> in stage <stage> failed <times> times."},
	{Unnamed + "JOB_ABORTED", "", Py4J, "An error occurred while calling z:org.apache.spark.api.python.PythonRDD.collectAndServe.\n: org.apache.spark.SparkException: Job aborted due to stage failure: Task <task> in stage <stage> failed <times> times, most recent failure: Lost task <task>.<attempt> in stage <stage> (TID <id>) (localhost executor driver): org.apache.spark.SparkException: <reason>"},
	{Unnamed + "JOB_PARTITION", "", IllegalArgument, "Attempting to access a non-existent partition: <partition>. Total number of partitions: <partitions>"},
	{Unnamed + "JOB_CANCELLED", "", Py4J, "An error occurred while a job ran.\n: org.apache.spark.SparkException: [SPARK_JOB_CANCELLED] Job <id> cancelled: <reason> SQLSTATE: XXKDA"},
	{Unnamed + "BARRIER_SLOTS", "", Py4J, "Barrier execution mode needs a slot for each of its tasks at once: the stage has <tasks> tasks, the master <slots> cores."},
	{Unnamed + "BARRIER_MIXED", "", Spark, "Tasks of one barrier stage meet for different things: <first> and <other>. All must call the same."},
	{Unnamed + "BARRIER_LEFT", "", Spark, "A task of the barrier stage has ended: those that wait for it would wait for ever. All must meet equally often."},
	{"PYTHON_WORKER_DIED", "38000", Spark, "Python worker exited unexpectedly (crashed): <reason>. It may have run out of memory, called os._exit, or been killed."},
	{"PYTHON_WORKER_START_FAILED", "38000", Spark, "No Python worker could be started with <python>: <reason>"},
}
