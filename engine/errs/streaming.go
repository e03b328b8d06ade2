package errs

var streamingRows = []Row{
	{"STREAM_FAILED", "XXKST", StreamingQuery, "Query [id = <id>, runId = <runId>] terminated with exception: <message>"},
	{"CONCURRENT_STREAM_LOG_UPDATE", "40000", Spark, "Epoch <batchId> is in the log already: another query runs on this checkpoint. Only one may."},
	{"MALFORMED_LOG_FILE", "KD002", Spark, "The log entry cannot be read: its first line should be a version such as v1, and is: <text>"},
	{"INVALID_LOG_VERSION.MAX_SUPPORTED_VERSION", "KD002", Spark, "The log entry has version v<version>; versions up to v<maxSupportedVersion> can be read."},
	{"_LEGACY_ERROR_UNNAMED_LOG_INCOMPLETE", "", Spark, "The log entry <path> is empty: Incomplete log file. Its writer was cut off; remove the file if nothing after it depends on it."},
	{"_LEGACY_ERROR_UNNAMED_LOG_UNREADABLE", "", Spark, "The log entry <path> cannot be read: <reason>"},
	{"_LEGACY_ERROR_UNNAMED_LOG_MISSING", "", Spark, "<path> doesn't exist (latestId: <latestId>, compactInterval: <compactInterval>)"},
	{"_LEGACY_ERROR_UNNAMED_COMPACT_INTERVAL", "", IllegalArgument, "The compaction interval must be positive, not <value>."},
}
