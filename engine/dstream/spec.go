package dstream

import (
	"encoding/json"

	"pysparkcompat/engine/errs"
)

// Kind is what a node does.
type Kind string

const (
	Files    Kind = "files"
	Socket   Kind = "socket"
	Queue    Kind = "queue"
	Mapped   Kind = "mapped"
	Windowed Kind = "windowed"
	Stateful Kind = "state"
	Reduced  Kind = "reduced"
)

// What a mapped node does where a parent has no RDD.
const (
	Skip = "skip" // it has none either
	Null = "null" // the driver is asked, with None for the parent
	Fail = "fail" // the batch fails
)

// Spec is a node as it was made. It is written to checkpoints as it is.
type Spec struct {
	Kind    Kind   `json:"kind"`
	Parents []int  `json:"parents,omitempty"`
	Missing string `json:"missing,omitempty"`
	// Slides "first" lets parents differ in their slides; the first one's counts.
	Slides  string `json:"slides,omitempty"`
	Window  int64  `json:"windowMs,omitempty"`
	Slide   int64  `json:"slideMs,omitempty"`
	Inverse bool   `json:"inverse,omitempty"`

	Directory string `json:"directory,omitempty"`
	// All takes files that were there before the stream was made, too.
	All  bool   `json:"allFiles,omitempty"`
	Host string `json:"host,omitempty"`
	Port int    `json:"port,omitempty"`

	Name  string          `json:"name,omitempty"`
	Extra json.RawMessage `json:"extra,omitempty"` // what only the driver knows of the node; kept in the image
	// Interval is between the saved RDDs, 0 where none was asked for.
	Interval int64 `json:"intervalMs,omitempty"`
	// Since is when a stream of files was made: older files do not count.
	Since int64 `json:"since,omitempty"`
}

// OutputSpec is an output operation as it was made; Name and Description are where in the user's program.
type OutputSpec struct {
	Node        int    `json:"node"`
	Name        string `json:"name"`
	Description string `json:"description"`
}

// class is the name that messages call a node by.
var class = map[Kind]string{Files: "FileInputDStream", Socket: "SocketInputDStream", Queue: "QueueInputDStream", Mapped: "PythonTransformedDStream",
	Windowed: "WindowedDStream", Stateful: "PythonStateDStream", Reduced: "PythonReducedWindowedDStream"}

func (s *Spec) input() bool { return s.Kind == Files || s.Kind == Socket || s.Kind == Queue }

// mustSave says that the node's RDDs need the one before and so have to be saved now and then.
func (s *Spec) mustSave() bool { return s.Kind == Stateful || s.Kind == Reduced }

// illegal is an argument that Spark refuses with an IllegalArgumentException.
func illegal(reason string) error { return errs.New(errs.Unnamed+"DSTREAM_ARGUMENT", "reason", reason) }

// illegalState is a call at the wrong time.
func illegalState(reason string) error {
	return errs.New(errs.Unnamed+"DSTREAM_STATE", "reason", reason)
}

// checkWindow refuses windows that are no whole number of the parent's slides.
func checkWindow(s *Spec, slide int64) error {
	if s.Window <= 0 || s.Window%slide != 0 {
		return errs.New(errs.Unnamed+"DSTREAM_WINDOW", "what", "window", "duration", millis(s.Window), "slide", millis(slide))
	}
	if s.Slide <= 0 || s.Slide%slide != 0 {
		return errs.New(errs.Unnamed+"DSTREAM_WINDOW", "what", "slide", "duration", millis(s.Slide), "slide", millis(slide))
	}
	return nil
}
