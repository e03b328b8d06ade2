package errs

var expressionRows = []Row{
	{"DIVIDE_BY_ZERO", "22012", Arithmetic, "Division by zero. Use try_divide to get NULL instead, or set <config> to \"false\"."},
}
