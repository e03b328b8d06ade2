package errs

var parseRows = []Row{
	{"PARSE_SYNTAX_ERROR", "42601", Parse, "The text cannot be parsed at or near <error><hint>."},
}
