package errs

var pythonRows = []Row{
	{"PYTHON_EXCEPTION", "38000", Python, "<msg>: <traceback>"},
	{"FOREACH_BATCH_USER_FUNCTION_ERROR", "39000", Unknown, "The function given to foreachBatch raised: <reason>"},
	{Unnamed + "JOB_ABORTED", "", Py4J, "An error occurred while a job ran.\n: org.apache.spark.SparkException: Job aborted due to stage failure: Task <task> in stage <stage> failed <times> times, most recent failure: Lost task <task>.<attempt> in stage <stage> (TID <id>) (localhost executor driver): org.apache.spark.api.python.PythonException: <reason>"},
	{"PYTHON_WORKER_DIED", "38000", Spark, "Python worker exited unexpectedly (crashed): <reason>. It may have run out of memory, called os._exit, or been killed."},
	{"PYTHON_WORKER_START_FAILED", "38000", Spark, "No Python worker could be started with <python>: <reason>"},
}
