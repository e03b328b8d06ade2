package engine

import (
	"context"
	"fmt"
	"strconv"
	"strings"

	"github.com/apache/arrow-go/v18/arrow"

	"pysparkcompat/engine/errs"
	"pysparkcompat/engine/format"
	"pysparkcompat/engine/sink"
	"pysparkcompat/engine/sql"
)

// opened is a query's sink, and what is to be done once the query is certain to be made.
type opened struct {
	sink     sink.Sink
	register func()
}

// openSink makes the sink that writeStream names.
func (s *Session) openSink(f *Frame, spec StreamSpec, mode sink.Mode, calls Callbacks) (*opened, error) {
	schema := f.Schema()
	out := &opened{register: func() {}}
	switch name := spec.Format; strings.ToLower(name) {
	case "memory":
		if spec.Name == "" {
			return nil, errs.New("_LEGACY_ERROR_TEMP_1194")
		}
		table := sink.NewMemory(schema, mode)
		out.sink = table
		parts, err := sql.ParseName(spec.Name)
		if err != nil || len(parts) != 1 {
			return nil, errs.New("TEMP_VIEW_NAME_TOO_MANY_NAME_PARTS", "actualName", spec.Name)
		}
		out.register = func() {
			s.mu.Lock()
			s.tables[strings.ToLower(parts[0])] = table
			delete(s.views, strings.ToLower(parts[0]))
			s.mu.Unlock()
		}
	case "noop":
		out.sink = sink.Noop{}
	case "console":
		show, err := consoleOptions(spec.Options)
		if err != nil {
			return nil, err
		}
		out.sink = sink.NewCallback("ConsoleTable", true, s.consolePrinter(schema, show, calls.Print))
	case strings.ToLower(ForeachBatch):
		out.sink = sink.NewCallback("ForeachBatchSink", false, func(ctx context.Context, epoch int64, rows []arrow.RecordBatch) error {
			return calls.Batch(ctx, epoch, schema, rows)
		})
	default:
		var err error
		if out.sink, err = s.fileSink(schema, spec, mode); err != nil {
			return nil, err
		}
	}
	return out, nil
}

func consoleOptions(options map[string]string) (format.ShowOptions, error) {
	out := format.ShowOptions{Rows: 20, Truncate: 20}
	if text := option(options, "numRows"); text != "" {
		n, err := strconv.Atoi(text)
		if err != nil {
			return out, errs.New(errs.Unnamed+"OPTION_NUMBER", "value", text, "option", "numRows")
		}
		out.Rows = n
	}
	switch text := option(options, "truncate"); strings.ToLower(text) {
	case "", "true":
	case "false":
		out.Truncate = 0
	default:
		return out, errs.New(errs.Unnamed+"OPTION_BOOL", "value", text, "option", "truncate")
	}
	return out, nil
}

// consolePrinter shows an epoch as PySpark's console does.
func (s *Session) consolePrinter(schema Schema, show format.ShowOptions, print func(context.Context, string) error) func(context.Context, int64, []arrow.RecordBatch) error {
	return func(ctx context.Context, epoch int64, rows []arrow.RecordBatch) error {
		table, err := format.Show(schema, rows, s.location(), show)
		if err != nil {
			return err
		}
		const rule = "-------------------------------------------"
		return print(ctx, fmt.Sprintf("%s\nBatch: %d\n%s\n%s\n", rule, epoch, rule, table))
	}
}
