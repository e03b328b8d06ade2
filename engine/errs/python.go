package errs

var pythonRows = []Row{
	{"PYTHON_EXCEPTION", "38000", Python, "<msg>: <traceback>"},
	{"FOREACH_BATCH_USER_FUNCTION_ERROR", "39000", Unknown, "The function given to foreachBatch raised: <reason>"},
	{"PYTHON_WORKER_DIED", "38000", Spark, "Python worker exited unexpectedly (crashed): <reason>. It may have run out of memory, called os._exit, or been killed."},
	{"PYTHON_WORKER_START_FAILED", "38000", Spark, "No Python worker could be started with <python>: <reason>"},
}
