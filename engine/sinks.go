package engine

import (
	"context"
	"os"
	"path/filepath"
	"strings"

	"pysparkcompat/engine/errs"
	"pysparkcompat/engine/logical"
	"pysparkcompat/engine/sink"
	"pysparkcompat/engine/source"
	"pysparkcompat/engine/sql"
)

// opened is a query's sink, and what is to be done once the query is certain to be made.
type opened struct {
	sink     sink.Sink
	register func()
	// broken is what is wrong with the options where the query, not start(), is to raise it.
	broken error
}

// spillAbove is how many bytes of an epoch's rows a foreachBatch keeps in memory.
const spillAbove = 256 << 20

func (s *Session) sinkEnv(schema Schema, options map[string]string) *sink.Env {
	return &sink.Env{FS: s.engine.fs, Clock: s.Clock(), Mem: s.engine.mem, Conf: s.conf, Zone: s.location(), Options: options, Schema: schema}
}

// openSink makes the sink that writeStream names.
func (s *Session) openSink(f *Frame, spec StreamSpec, mode sink.Mode, calls Callbacks) (*opened, error) {
	options := spec.Options
	if spec.Path != "" {
		options = with(options, "path", s.absolute([]string{spec.Path})[0])
	} else if p := option(options, "path"); p != "" {
		options = with(options, "path", s.absolute([]string{p})[0])
	}
	env := s.sinkEnv(f.Schema(), options)
	format := spec.Format
	if format == "" {
		format = s.conf.String("spark.sql.sources.default")
	}
	var err error
	if env.PartitionBy, err = partitionColumns(env, format, spec.PartitionBy); err != nil {
		return nil, err
	}
	env.Mode, env.Name, env.SpillAbove = mode, spec.Name, spillAbove
	env.Spill = filepath.ToSlash(filepath.Join(os.TempDir(), "pyspark-compat-spill-"+newID()))
	env.Print = func(ctx context.Context, _ int64, text string) error { return calls.Print(ctx, text) }
	env.Call, env.Writer = calls.Batch, spec.Writer
	to, err := sink.Open(context.Background(), format, env)
	if e := errs.As(err); err != nil && runsInto(err) && (format == "console" || e != nil && strings.HasPrefix(e.Name, "CODEC_NOT_AVAILABLE")) {
		return &opened{sink: sink.Noop{}, register: func() {}, broken: err}, nil
	}
	if err != nil {
		return nil, err
	}
	out := &opened{sink: to, register: func() {}}
	if table, ok := to.(memoryTable); ok {
		parts, err := sql.ParseName(spec.Name)
		if err != nil {
			return nil, errs.New("_LEGACY_ERROR_TEMP_1321", "viewName", spec.Name)
		}
		if len(parts) != 1 {
			return nil, errs.New("TEMP_VIEW_NAME_TOO_MANY_NAME_PARTS", "actualName", spec.Name)
		}
		key := strings.ToLower(parts[0])
		out.register = func() {
			s.mu.Lock()
			defer s.mu.Unlock()
			s.tables[key] = table
			delete(s.views, key)
		}
	}
	return out, nil
}

// partitionColumns are the columns of writeStream.partitionBy, under their names in the frame.
func partitionColumns(e *sink.Env, format string, given []string) ([]string, error) {
	if len(given) == 0 {
		return nil, nil
	}
	if format == "memory" || format == ForeachBatch || format == "foreach" {
		return nil, errs.New("_LEGACY_ERROR_TEMP_1197", "operation", format)
	}
	names := make([]string, len(e.Schema.Fields))
	for i, f := range e.Schema.Fields {
		names[i] = f.Name
	}
	out := make([]string, len(given))
	for i, name := range given {
		at := e.Column(name)
		if at < 0 {
			return nil, errs.New("_LEGACY_ERROR_TEMP_1196", "columnType", "Partition", "columnName", name, "validColumnNames", strings.Join(names, ", "))
		}
		out[i] = names[at]
	}
	return out, nil
}

// EpochRows are the rows of one epoch, good until the user's function has returned.
type EpochRows = sink.Rows

// EpochFrame is the frame that foreachBatch gives to the user.
func (s *Session) EpochFrame(rows *EpochRows) (*Frame, error) {
	return s.Analyze(&logical.Data{Schema: rows.Schema(), Rows: rows})
}

// epochPart is one part of an epoch's rows as a split.
type epochPart struct {
	rows *EpochRows
	part int
}

func (p epochPart) Open(_ context.Context, push source.Pushdown) (source.Reader, error) {
	return p.rows.Open(p.part, push.Columns)
}

// dataSplits are the splits of rows at hand: in memory, or an epoch's, perhaps in a spill file.
func (s *Session) dataSplits(rows logical.Rows) ([]source.Split, error) {
	switch r := rows.(type) {
	case held:
		return portions(r.batches, s.cores), nil
	case *EpochRows:
		out := make([]source.Split, r.Parts())
		for i := range out {
			out[i] = epochPart{r, i}
		}
		return out, nil
	}
	return nil, errs.Internal("rows of type %T cannot be read", rows)
}
