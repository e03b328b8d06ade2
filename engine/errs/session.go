package errs

// sessionRows are what sessions, frames and the bridge raise.
var sessionRows = []Row{
	{"CALL_ON_STREAMING_DATASET_UNSUPPORTED", "42KDE", Analysis, "The method <methodName> cannot be called on a streaming frame."},
	{"CONNECT_INVALID_PLAN.RELATION_NOT_SET", "56K00", Spark, "The plan names no relation."},
	{Unnamed + "RANGE_STEP", "", IllegalArgument, "The step of a range must not be 0."},
	{Unnamed + "FRAME", "", Spark, "The frame <handle> is gone: its session was stopped, or it was given to another one."},
	{"INVALID_ATTRIBUTE_NAME_SYNTAX", "42601", Analysis, "The column name <name> cannot be read: check its backticks and points."},
	{"INVALID_SCHEMA.NON_STRUCT_TYPE", "42K07", Analysis, "The schema <inputSchema> must be a struct, and is <dataType>."},
	{Unnamed + "NO_ROWS", "", IllegalArgument, "Local rows have neither data nor a schema."},
	{Unnamed + "MASTER", "", Spark, "The master <master> cannot be used here: this runs in one process. Use local, local[N] or local[*]."},
	{Unnamed + "SESSION_STOPPED", "", Spark, "The session was stopped. Make another with SparkSession.builder.getOrCreate()."},
	{"STREAMING_OUTPUT_MODE.INVALID", "42KDE", IllegalArgument, "The output mode <outputMode> does not exist. Use 'Append', 'Complete' or 'Update'."},
	{"TASK_WRITE_FAILED", "58030", Spark, "Writing to <path> failed, and what was written could not be removed."},
	{"TEMP_TABLE_OR_VIEW_ALREADY_EXISTS", "42P07", Analysis, "The temporary view <relationName> exists already. Choose another name, or use createOrReplaceTempView."},
	{"_LEGACY_ERROR_TEMP_1321", "", Analysis, "<viewName> cannot be the name of a view."},
	{"TEMP_VIEW_NAME_TOO_MANY_NAME_PARTS", "428EK", Analysis, "The name <actualName> of a temporary view must be a single word."},
	{Unnamed + "INTERVAL_MONTHS", "", IllegalArgument, "The interval <interval> has months, whose length differs. Use days or less."},
	{Unnamed + "INTERVAL_NEGATIVE", "", IllegalArgument, "The interval <interval> is negative."},
	{Unnamed + "LOCAL_ROWS", "", IllegalArgument, "The column <column> does not fit its type: <reason>"},
}
