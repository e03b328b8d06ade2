package engine

import (
	"context"
	"strings"

	"github.com/apache/arrow-go/v18/arrow"

	"pysparkcompat/engine/conf"
	"pysparkcompat/engine/errs"
	"pysparkcompat/engine/logical"
	"pysparkcompat/engine/source"
	"pysparkcompat/engine/types"
)

// catalog is a session as the analyzer sees it.
type catalog Session

// Open resolves a source: what it reads is found out here, and its schema.
func (c *catalog) Open(s *logical.Scan) (*logical.Scan, error) {
	session := (*Session)(c)
	out := *s
	if out.Source != nil { // the host's own
		return &out, nil
	}
	if out.Format == "" {
		out.Format = session.conf.String("spark.sql.sources.default")
	}
	env := session.sourceEnv(s.Options, s.Schema, session.absolute(s.Paths))
	env.Table, env.Partitions = s.Table != nil, s.Partitions
	if s.Stream {
		d, err := source.OpenStream(context.Background(), out.Format, env)
		if e := errs.As(err); e != nil && e.Name == "PATH_NOT_FOUND" && len(s.Paths) == 1 {
			return nil, errs.New(e.Name, "path", s.Paths[0]) // of a stream PySpark names it as it was given
		}
		if err != nil {
			return nil, err
		}
		out.Source, out.Full = d, nullable(d.Schema())
		return &out, nil
	}
	t, err := source.OpenTable(context.Background(), out.Format, env)
	if err != nil {
		return nil, err
	}
	out.Source, out.Full = t, nullable(t.Schema())
	return &out, nil
}

// nullable is a schema as sources have it: no reader can promise that a column has no null.
func nullable(s types.Struct) types.Struct {
	out := types.Struct{Fields: append([]types.Field(nil), s.Fields...)}
	for i := range out.Fields {
		out.Fields[i].Nullable = true
	}
	return out
}

// absolute puts relative paths under the session's folder.
func (s *Session) absolute(paths []string) []string {
	out := make([]string, len(paths))
	for i, p := range paths {
		out[i] = p
		if !strings.HasPrefix(p, "/") && !strings.Contains(p, ":/") && s.dir != "" {
			out[i] = s.dir + "/" + p
		}
	}
	return out
}

// Table finds a view, the table that a memory sink fills, or one of the session catalog.
func (c *catalog) Table(parts []string, options map[string]string, stream bool) (logical.Plan, error) {
	session := (*Session)(c)
	if len(parts) != 1 || !session.isView(parts[0]) {
		return session.stored(parts, options, stream)
	}
	key := strings.ToLower(parts[0])
	session.mu.Lock()
	f, table := session.views[key], session.tables[key]
	session.mu.Unlock()
	if stream && (f == nil || !f.Streaming()) {
		return nil, errs.New("_LEGACY_ERROR_TEMP_1008", "quoted", parts[0])
	}
	if f != nil {
		return f.plan, nil
	}
	if table == nil {
		return nil, nil // dropped meanwhile
	}
	rows := table.Snapshot()
	defer release(rows)
	frame, err := session.RowsFrame(table.Schema(), rows)
	if err != nil {
		return nil, err
	}
	return frame.plan, nil
}

// stored is a table of the session catalog; nil where there is none.
func (s *Session) stored(parts []string, options map[string]string, stream bool) (logical.Plan, error) {
	name, ok := s.local(parts)
	if !ok && len(parts) > 2 {
		return nil, errs.New("REQUIRES_SINGLE_PART_NAMESPACE", "sessionCatalog", ourCatalog, "identifier", quoted(parts))
	}
	if !ok {
		return direct(parts, options)
	}
	if f := s.CachedTable(name); f != nil && !stream {
		return f.plan, nil
	}
	t, err := s.findTable(name)
	if t == nil || err != nil {
		return nil, err
	}
	return s.tablePlan(t, options, stream)
}

// direct is format.`path`: files that are read without a table; nil where there is no such format. As
// in PySpark they are no stream for readStream.table either.
func direct(parts []string, options map[string]string) (logical.Plan, error) {
	if len(parts) != 2 {
		return nil, nil
	}
	c, err := source.Find(parts[0])
	switch e := errs.As(err); {
	case e != nil && e.Name == "DATA_SOURCE_NOT_FOUND":
		return nil, nil
	case err != nil:
		return nil, err
	case !c.Files:
		return nil, errs.New("UNSUPPORTED_DATASOURCE_FOR_DIRECT_QUERY", "dataSourceType", parts[0])
	case parts[1] == "":
		return nil, errs.New("INVALID_EMPTY_LOCATION", "location", parts[1])
	}
	return &logical.Scan{Format: c.Name, Paths: []string{parts[1]}, Options: options}, nil
}

// memoryTable is what a memory sink offers.
type memoryTable interface {
	Schema() types.Struct
	// Snapshot gives the rows, owned by the caller.
	Snapshot() []arrow.RecordBatch
}

// udfConf is what of the settings Python functions need.
func (s *Session) udfConf() map[string]string {
	out := map[string]string{}
	for _, key := range []string{conf.TimeZone, conf.ArrowBatch, "spark.sql.execution.pandas.convertToArrowArraySafely",
		"spark.sql.execution.pandas.structHandlingMode", "spark.sql.execution.pyspark.binaryAsBytes"} {
		out[key] = s.conf.String(key)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	for key, value := range s.properties {
		out[LocalProperty+key] = value
	}
	return out
}

// LocalProperty stands before the names of local properties in what Python functions are told of settings.
const LocalProperty = "pyspark_compat.local."

// SetProperties sets the local properties that Python functions of runs begun from now on can read.
func (s *Session) SetProperties(properties map[string]string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.properties = properties
}
