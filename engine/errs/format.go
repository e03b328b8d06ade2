package errs

var formatRows = []Row{
	{"PATH_NOT_FOUND", "42K03", Analysis, "There is no path <path>."},
}
