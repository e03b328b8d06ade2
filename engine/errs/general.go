package errs

var generalRows = []Row{
	{"INTERNAL_ERROR", "XX000", Spark, "An internal check failed: <message>. Please report it with the query that caused it."},
	{"NOT_IMPLEMENTED", "", NotImplemented, "<feature> is not implemented."},
	{"UNSUPPORTED_FEATURE", "0A000", Unsupported, "<feature> is not supported here."},
}
