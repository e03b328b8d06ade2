package engine

import (
	"bytes"
	"encoding/json"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/ipc"

	"pysparkcompat/engine/errs"
	encoded "pysparkcompat/engine/format/json"
	"pysparkcompat/engine/logical"
	"pysparkcompat/engine/planner"
	"pysparkcompat/engine/query"
	"pysparkcompat/engine/types"
)

// tellers gives what tells the Observations of a batch plan once it has run; nil where there are none. Of a run that
// failed they hear what the instances that came to their end had counted, as PySpark tells it too.
func (s *Session) tellers(plan *planner.Plan) func(error) error {
	if len(plan.Observed) == 0 {
		return nil
	}
	return func(failed error) error {
		for _, o := range plan.Observed {
			row, err := o.Collected.Row(s.instance())
			o.Collected.Close()
			if err != nil && failed == nil {
				return err
			} else if err != nil {
				continue
			}
			if o.Node.Told != nil {
				o.Node.Told.Tell(row)
			}
			row.Release()
		}
		return failed
	}
}

// observed are the metrics of the last epoch. Of two of one name, which are the same, the last counts.
func (j *job) observed() ([]query.Observed, error) {
	if len(j.plan.Observed) == 0 {
		return nil, nil
	}
	// As Row's own JSON: no time zone, nulls shown.
	how, err := encoded.NewEncoder(map[string]string{"timestampFormat": "yyyy-MM-dd HH:mm:ss", "ignoreNullFields": "false"}, j.session.location())
	if err != nil {
		return nil, err
	}
	out := []query.Observed{}
	for _, o := range j.plan.Observed {
		row, err := o.Collected.Row(j.session.instance())
		if err != nil {
			return nil, err
		}
		schema := metricsSchema(o.Node)
		one := query.Observed{Name: o.Node.Name, Schema: json.RawMessage(types.JSON(schema)), JSON: bytes.TrimSuffix(how.Lines(nil, row, schema), []byte("\n"))}
		one.Row, err = Encoded(row)
		row.Release()
		if err != nil {
			return nil, err
		}
		out = append(out, one)
	}
	return out, nil
}

func metricsSchema(n *logical.CollectMetrics) types.Struct { return logical.SchemaOf(n.Metrics) }

// Encoded is a batch as an Arrow IPC stream.
func Encoded(b arrow.RecordBatch) ([]byte, error) {
	var out bytes.Buffer
	w := ipc.NewWriter(&out, ipc.WithSchema(b.Schema()))
	if err := w.Write(b); err != nil {
		return nil, errs.Internal("metrics: %v", err)
	}
	if err := w.Close(); err != nil {
		return nil, errs.Internal("metrics: %v", err)
	}
	return out.Bytes(), nil
}

// Observation is the node of an observe that a frame stands for, or nil.
func (f *Frame) Observation() *logical.CollectMetrics {
	n, _ := untagged(f.plan).(*logical.CollectMetrics)
	return n
}

// MetricsSchema is the schema of a frame's metrics.
func (f *Frame) MetricsSchema() types.Struct { return metricsSchema(f.Observation()) }
