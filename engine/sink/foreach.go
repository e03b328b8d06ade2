package sink

import "context"

// Foreach is the sink of a user's writer, which an operator of the pipeline runs row by row: what is given to this sink
// has been written. The epoch commits once it has taken all rows.
type Foreach struct {
	Noop
	// Command is the pickled writer.
	Command []byte
}

// Describe is PySpark's, without the names of its objects.
func (Foreach) Describe() string { return "ForeachWriterTable" }

// Idempotent is false: an epoch that is run again calls the writer again, with the same ids.
func (Foreach) Idempotent() bool { return false }

func openForeach(_ context.Context, e *Env) (Sink, error) { return Foreach{Command: e.Writer}, nil }
