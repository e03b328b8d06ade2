package errs

var formatRows = []Row{
	{"PATH_NOT_FOUND", "42K03", Analysis, "There is no path <path>."},
	{"FAILED_READ_FILE.NO_HINT", "KD001", Spark, "The file <path> cannot be read."},
	{"FAILED_READ_FILE.FILE_NOT_EXIST", "KD001", Spark, "The file <path> is gone: it was removed or replaced while the query used it."},
	{"FAILED_READ_FILE.CANNOT_READ_FILE_FOOTER", "KD001", Spark, "The file <path> has no readable footer: it is no Parquet file, or was cut off."},
	{"FAILED_READ_FILE.PARQUET_COLUMN_DATA_TYPE_MISMATCH", "KD001", Spark, "In the file <path> the column <column> is <actualType>, which cannot be read as <expectedType>."},
	{"PARQUET_TYPE_ILLEGAL", "42846", Analysis, "Parquet's <parquetType> has no Spark type. Write the file without it, or give a schema that leaves the column out."},
	{"_LEGACY_ERROR_TEMP_2093", "", Spark, "Found duplicate field(s) \"<requiredFieldName>\": <matchedOrcFields> in case-insensitive mode."},
}
