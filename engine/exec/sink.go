package exec

import (
	"context"

	"github.com/apache/arrow-go/v18/arrow"

	"pysparkcompat/engine/sink"
)

// Output is the sink of a pipeline, shared by the query and the operators. The query calls Sink.Begin, sets Skip by
// its answer, runs the epoch, and calls Commit or Abort.
type Output struct {
	Sink sink.Sink
	// Skip computes the rows and writes none: the sink holds the epoch already.
	Skip bool
}

// write is the root of a stream's pipeline.
type write struct {
	out *Output
	i   Instance
	w   sink.Writer
	// placed is w where it keeps the sources' order of rows.
	placed sink.Placed
	text   string
}

// NewWrite makes the operator that writes to the sink.
func NewWrite(i Instance, out *Output) Operator {
	return &write{out: out, i: i, text: out.Sink.Describe()}
}

func (w *write) Process(ctx context.Context, _ int, b arrow.RecordBatch, _ Emit) error {
	if w.w == nil {
		return nil
	}
	return w.w.Write(ctx, b)
}

func (w *write) Mark(ctx context.Context, _ int, m Mark, _ Emit) error {
	switch m.Kind {
	case Begin:
		if w.out.Skip {
			return nil
		}
		var err error
		w.w, err = w.out.Sink.Writer(ctx, m.Epoch.ID, w.i.Index)
		w.placed, _ = w.w.(sink.Placed)
		return err
	case Split:
		if w.placed != nil {
			w.placed.Place(m.Split)
		}
	case End:
		return w.end(true)
	}
	return nil
}

func (w *write) end(ok bool) error {
	if w.w == nil {
		return nil
	}
	x := w.w
	w.w, w.placed = nil, nil
	return x.Close(ok)
}

func (w *write) Explain() string { return "WriteToDataSource " + w.text }
func (w *write) Close() error    { return w.end(false) }
