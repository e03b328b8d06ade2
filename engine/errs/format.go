package errs

var formatRows = []Row{
	{"PATH_NOT_FOUND", "42K03", Analysis, "There is no path <path>."},
	{"FAILED_READ_FILE.NO_HINT", "KD001", Spark, "The file <path> cannot be read."},
	{"FAILED_READ_FILE.FILE_NOT_EXIST", "KD001", Spark, "The file <path> is gone: it was there when the files were listed."},
	{"FAILED_READ_FILE.CANNOT_READ_FILE_FOOTER", "KD001", Spark, "The file <path> has no readable footer. Is it Parquet, and complete?"},
	{"FAILED_READ_FILE.PARQUET_COLUMN_DATA_TYPE_MISMATCH", "KD001", Spark, "In the Parquet file <path> the column <column> has the type <actualType>, not <expectedType>."},
	{"MALFORMED_RECORD_IN_PARSING.WITHOUT_SUGGESTION", "22023", Spark, "The record <badRecord> is malformed and the mode is <failFastMode>. Set the option mode to PERMISSIVE to get nulls instead."},
	{"MALFORMED_RECORD_IN_PARSING.CANNOT_PARSE_JSON_ARRAYS_AS_STRUCTS", "22023", Runtime, "The record <badRecord> is a JSON array where a struct is wanted and the mode is <failFastMode>. Set the option mode to PERMISSIVE to get nulls instead."},
	{"INVALID_CORRUPT_RECORD_TYPE", "42804", Analysis, "The column <columnName> for corrupt records must be a nullable STRING, not <actualType>."},
	{"INVALID_JSON_SCHEMA_MAP_TYPE", "22032", Analysis, "JSON maps have STRING keys only; the schema is <jsonSchema>."},
	{"INVALID_PARAMETER_VALUE.CHARSET", "22023", IllegalArgument, "The parameter <parameter> of <functionName> must be one of <charsets>, not <charset>."},
	{"UNABLE_TO_INFER_SCHEMA", "42KD9", Analysis, "No schema can be inferred for <format>. Give one."},
	{"UNSUPPORTED_DATA_TYPE_FOR_DATASOURCE", "0A000", Analysis, "<format> cannot hold the column <columnName> of type <columnType>."},
	{"COLUMN_ALREADY_EXISTS", "42711", Analysis, "The column <columnName> is there twice. Rename one."},
	{"UNSUPPORTED_FEATURE.QUERY_ONLY_CORRUPT_RECORD_COLUMN", "0A000", Analysis, "A query of raw JSON or CSV files cannot use the corrupt-record column alone. Cache the frame first."},
	{"CODEC_NOT_AVAILABLE.WITH_AVAILABLE_CODECS_SUGGESTION", "56038", IllegalArgument, "There is no codec <codecName>. Available: <availableCodecs>."},
	{"_LEGACY_ERROR_TEMP_2034", "", Spark, "<paramName> flag can be true or false, not <value>"},
	{"_LEGACY_ERROR_UNNAMED_REQUIREMENT", "", IllegalArgument, "<message>"},
}
