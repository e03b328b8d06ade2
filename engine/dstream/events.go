package dstream

// Event is what listeners hear, in the fields that Spark's objects have. JSON is one of the structs below.
type Event struct {
	Name string
	JSON any
}

// The names of events.
const (
	StreamingStarted = "streamingStarted"
	ReceiverStarted  = "receiverStarted"
	ReceiverError    = "receiverError"
	ReceiverStopped  = "receiverStopped"
	BatchSubmitted   = "batchSubmitted"
	BatchStarted     = "batchStarted"
	BatchCompleted   = "batchCompleted"
	OutputStarted    = "outputOperationStarted"
	OutputCompleted  = "outputOperationCompleted"
)

// Started is the JSON of StreamingStarted.
type Started struct {
	Time int64 `json:"time"`
}

// ReceiverEvent is the JSON of the receivers' events.
type ReceiverEvent struct {
	Receiver ReceiverInfo `json:"receiverInfo"`
}

// ReceiverInfo is a receiver; LastErrorTime is -1 where nothing went wrong.
type ReceiverInfo struct {
	Stream           int    `json:"streamId"`
	Name             string `json:"name"`
	Active           bool   `json:"active"`
	Location         string `json:"location"`
	Executor         string `json:"executorId"`
	LastErrorMessage string `json:"lastErrorMessage"`
	LastError        string `json:"lastError"`
	LastErrorTime    int64  `json:"lastErrorTime"`
}

// BatchEvent is the JSON of the batches' events.
type BatchEvent struct {
	Batch BatchInfo `json:"batchInfo"`
}

// BatchInfo is a batch; what is not known yet is null.
type BatchInfo struct {
	Time        int64               `json:"batchTime"`
	Submitted   int64               `json:"submissionTime"`
	Started     *int64              `json:"processingStartTime"`
	Ended       *int64              `json:"processingEndTime"`
	Scheduling  *int64              `json:"schedulingDelay"`
	Processing  *int64              `json:"processingDelay"`
	Total       *int64              `json:"totalDelay"`
	NumRecords  int64               `json:"numRecords"`
	Inputs      map[int]InputReport `json:"streamIdToInputInfo"`
	OutputInfos map[int]OutputInfo  `json:"outputOperationInfos"`
}

// InputReport is what a batch took from an input stream.
type InputReport struct {
	Stream      int               `json:"inputStreamId"`
	NumRecords  int64             `json:"numRecords"`
	Metadata    map[string]string `json:"metadata"`
	Description *string           `json:"metadataDescription"`
}

// InputInfo is what an input stream tells of a batch.
type InputInfo struct {
	ID          int
	Records     int64
	Description string
	Files       bool
}

func (i InputInfo) report() InputReport {
	r := InputReport{Stream: i.ID, NumRecords: i.Records, Metadata: map[string]string{}}
	if i.Files {
		r.Metadata["Description"], r.Metadata["files"] = i.Description, i.Description
		r.Description = &i.Description
	}
	return r
}

// OutputEvent is the JSON of the output operations' events.
type OutputEvent struct {
	Output OutputInfo `json:"outputOperationInfo"`
}

// OutputInfo is an output operation of a batch.
type OutputInfo struct {
	Batch       int64   `json:"batchTime"`
	ID          int     `json:"id"`
	Name        string  `json:"name"`
	Description string  `json:"description"`
	Started     *int64  `json:"startTime"`
	Ended       *int64  `json:"endTime"`
	Duration    *int64  `json:"duration"`
	Failure     *string `json:"failureReason"`
}
