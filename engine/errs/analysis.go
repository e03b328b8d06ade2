package errs

var analysisRows = []Row{
	{"UNRESOLVED_COLUMN.WITH_SUGGESTION", "42703", Analysis, "No column, variable or function parameter is named <objectName>. Did you mean one of: <proposal>?"},
	{"UNRESOLVED_COLUMN.WITHOUT_SUGGESTION", "42703", Analysis, "No column, variable or function parameter is named <objectName>."},
	{"AMBIGUOUS_REFERENCE", "42704", Analysis, "<name> could be any of: <referenceNames>. Qualify it or rename one."},
	{"DATATYPE_MISMATCH.UNEXPECTED_INPUT_TYPE", "42K09", Analysis, "Cannot resolve <sqlExpr>: its <paramIndex> argument must be <requiredType>, but <inputSql> is <inputType>."},
}
