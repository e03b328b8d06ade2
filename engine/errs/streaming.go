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
	{"STREAMING_CHECKPOINT_MISSING_METADATA_FILE", "42K03", Spark, "The checkpoint <checkpointLocation> has log entries and no metadata file. Restore that file, or start the query on another folder."},
	{"STREAMING_CHECKPOINT_LOG_WRITE_FAILURE.OFFSET_LOG", "58030", Spark, "The offsets of epoch <batchId> cannot be written to <checkpointLocation>. Check that the folder can be written to and start the query again."},
	{"STREAMING_CHECKPOINT_LOG_WRITE_FAILURE.COMMIT_LOG", "58030", Spark, "The commit of epoch <batchId> cannot be written to <checkpointLocation>. Check that the folder can be written to and start the query again."},
	{"STREAMING_CHECKPOINT_METADATA_UNREADABLE", "42K03", Spark, "The file <path> should hold the query's id and holds: <text>"},
	{"STREAMING_CHECKPOINT_CONTRADICTORY", "42K03", Spark, "The checkpoint's logs contradict each other: the last commit is of epoch <commit>, the last offsets are of epoch <offsets>. Restore the folder or start on another one."},
	{"STREAMING_SOURCES_CHANGED", "42K03", IllegalArgument, "The checkpoint was written by a query with <logged> sources and this one has <now>. Start the changed query on another checkpoint."},
	{"_LEGACY_ERROR_UNNAMED_QUERY_NAME", "", IllegalArgument, "Cannot start query with name <name> as a query with that name is already active in this SparkSession"},
}
