package errs

var stateRows = []Row{
	{"CANNOT_LOAD_STATE_STORE.CANNOT_READ_DELTA_FILE_NOT_EXISTS", "58030", Spark, "Loading state failed: <clazz> cannot read <fileToRead>, which does not exist or lacks the entries needed."},
	{"CANNOT_LOAD_STATE_STORE.CANNOT_READ_MISSING_SNAPSHOT_FILE", "58030", Spark, "Loading state failed: <clazz> cannot read the snapshot <fileToRead>, which does not exist."},
	{"CANNOT_LOAD_STATE_STORE.CANNOT_READ_STREAMING_STATE_FILE", "58030", Spark, "Loading state failed: <fileToRead> does not exist. Use a new checkpoint location if the query's stateful operators changed."},
	{"CANNOT_LOAD_STATE_STORE.INVALID_CHANGE_LOG_READER_VERSION", "58030", Spark, "Loading state failed: its format version <version> is not known here; a newer release wrote it."},
	{"CANNOT_LOAD_STATE_STORE.UNCATEGORIZED", "58030", Spark, "Loading state failed."},
	{"CANNOT_WRITE_STATE_STORE.CANNOT_COMMIT", "58030", Spark, "Writing state files of <providerClass> failed; the epoch's state is not committed."},
	{"STATE_STORE_INVALID_CONFIG_AFTER_RESTART", "42K06", Unsupported, "<configName> was <oldConfig> when the checkpoint was made and cannot become <newConfig>: set it back or use a new checkpoint."},
	{"STATE_STORE_INVALID_PROVIDER", "42K06", Runtime, "The class <inputClass> keeps no state. Name PySpark's HDFSBackedStateStoreProvider or RocksDBStateStoreProvider."},
	{"STATE_STORE_KEY_SCHEMA_NOT_COMPATIBLE", "XXKST", Unsupported, "The state's key schema <storedKeySchema> does not match the query's <newKeySchema>: use a new checkpoint."},
	{"STATE_STORE_VALUE_SCHEMA_NOT_COMPATIBLE", "XXKST", Unsupported, "The state's value schema <storedValueSchema> does not match the query's <newValueSchema>: use a new checkpoint."},
	{"STREAMING_STATEFUL_OPERATOR_MISSING_STATE_DIRECTORY", "42K03", Analysis, "The query has stateful operators [<OpsInCurBatchSeq>], but its checkpoint holds no state: restore the state files or use a new checkpoint."},
	{"STREAMING_STATEFUL_OPERATOR_NOT_MATCH_IN_STATE_METADATA", "42K03", Analysis, "The stateful operators of the query, [<OpsInCurBatchSeq>], are not those of its checkpoint, [<OpsInMetadataSeq>]."},
	{"STDS_REQUIRED_OPTION_UNSPECIFIED", "42601", Runtime, "The option '<optionName>' must be given."},
	{"STDS_INVALID_OPTION_VALUE.IS_NEGATIVE", "42616", Runtime, "The option '<optionName>' cannot be negative."},
	{"STDS_INVALID_OPTION_VALUE.IS_EMPTY", "42616", Runtime, "The option '<optionName>' cannot be empty."},
	{"STDS_INVALID_OPTION_VALUE.WITH_MESSAGE", "42616", Runtime, "The option '<optionName>' has a value that does not go: <message>"},
	{"STDS_CONFLICT_OPTIONS", "42613", Runtime, "The options <options> exclude each other. Give one of them."},
	{"STDS_COMMITTED_BATCH_UNAVAILABLE", "KD006", Runtime, "The checkpoint <checkpointLocation> holds no such committed epoch. Let the query run and commit first."},
	{"STDS_FAILED_TO_READ_STATE_SCHEMA", "42K03", Runtime, "There is no such store in the state. Options: <sourceOptions>. spark.read.format('state-metadata') lists the stores."},
	{"_LEGACY_ERROR_TEMP_2049", "", Unsupported, "The data source <className> does not support streamed <operator>."},
}
