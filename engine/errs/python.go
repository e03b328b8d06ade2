package errs

var pythonRows = []Row{
	{"PYTHON_EXCEPTION", "38000", Python, "A Python function raised: <message>"},
}
