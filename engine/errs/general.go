package errs

var generalRows = []Row{
	{"INTERNAL_ERROR", "XX000", Spark, "An internal check failed: <message>. Please report it with the query that caused it."},
	{"NOT_IMPLEMENTED", "", NotImplemented, "<feature> is not implemented."},
	{"INVALID_PANDAS_UDF_PLACEMENT", "0A000", Analysis, "The aggregates in Python <functionList> cannot stand beside other aggregates: aggregate in two steps and join."},
	{"_LEGACY_ERROR_TEMP_3067", "", Analysis, "Aggregates in Python do not run over streams; aggregate in foreachBatch."},
	{"_LEGACY_ERROR_TEMP_3176", "", Unsupported, "applyInPandasWithState runs in streaming queries only; use applyInPandas."},
	{Unnamed + "FUNCTION_MODE", "", IllegalArgument, "The output mode of the function must be append or update."},
	{Unnamed + "COGROUP_KEYS", "", IllegalArgument, "Both sides of a cogroup must have as many keys: <left> and <right> differ."},
	{"UNSUPPORTED_FEATURE", "0A000", Unsupported, "<feature> is not supported here."},
	{"UNSUPPORTED_DATASOURCE_FOR_DIRECT_QUERY", "0A000", Analysis, "SQL cannot name a path of <dataSourceType>: it reads no files."},
	{"INVALID_EMPTY_LOCATION", "42K05", Analysis, "The location '<location>' is empty."},
	{"CANNOT_MODIFY_CONFIG", "46110", Analysis, "The setting <key> is one of the process: give it before the first session is made."},
	{"CANNOT_MODIFY_STATIC_CONFIG", "46110", Analysis, "The setting <key> is fixed once the session exists. Give it to SparkSession.builder.config before getOrCreate()."},
	{"SQL_CONF_NOT_FOUND", "42K0I", NoSuchElement, "There is no setting <sqlConf>."},
	{"INVALID_CONF_VALUE.TYPE_MISMATCH", "22022", IllegalArgument, "The setting <confName> cannot be '<confValue>': it must be of type <confType>."},
	{"INVALID_CONF_VALUE.OUT_OF_RANGE_OF_OPTIONS", "22022", IllegalArgument, "The setting <confName> cannot be '<confValue>': it must be one of <confOptions>."},
	{"INVALID_CONF_VALUE.REQUIREMENT", "22022", IllegalArgument, "The setting <confName> cannot be '<confValue>': <confRequirement>."},
	{"INVALID_CONF_VALUE.TIME_ZONE", "22022", IllegalArgument, "The setting <confName> cannot be '<confValue>': no such time zone."},
	{"INVALID_TIMEZONE", "22009", DateTime, "There is no time zone <timeZone>. Use a region such as Europe/Paris or an offset such as +02:00."},
}
