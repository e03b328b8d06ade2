package errs

var streamingRows = []Row{
	{"STREAM_FAILED", "XXKST", StreamingQuery, "Query [id = <id>, runId = <runId>] terminated with exception: <message>"},
}
