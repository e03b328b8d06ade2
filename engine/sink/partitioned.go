package sink

import (
	"context"
	"encoding/binary"
	"strings"
	"unicode/utf8"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/memory"

	"pysparkcompat/engine/batch"
	"pysparkcompat/engine/errs"
	"pysparkcompat/engine/expr"
	"pysparkcompat/engine/types"
	"pysparkcompat/engine/zone"
)

// partitioning is what partitionBy says: the columns whose values name folders, and those that go into the files.
type partitioning struct {
	names   []string // as the user wrote them: so the folders are called
	columns []int    // their numbers in the schema
	kept    []int    // the numbers of the others
	data    types.Struct
	types   []types.Type
	clock   *zone.Clock
}

// nullFolder is the value that stands for null, and for the empty string.
const nullFolder = "__HIVE_DEFAULT_PARTITION__"

// newPartitioning reads Env.PartitionBy; nil where it names no column.
func newPartitioning(e *Env) (*partitioning, error) {
	if len(e.PartitionBy) == 0 {
		return nil, nil
	}
	p := &partitioning{names: e.PartitionBy, clock: zone.NewClock(e.Zone)}
	taken := map[int]bool{}
	for _, name := range e.PartitionBy {
		i := e.Column(name)
		if i < 0 {
			return nil, errs.New("_LEGACY_ERROR_TEMP_1155", "col", name, "schemaCatalog", e.Schema.String())
		}
		if taken[i] {
			return nil, errs.New("COLUMN_ALREADY_EXISTS", "columnName", "`"+strings.ToLower(name)+"`")
		}
		taken[i] = true
		p.columns, p.types = append(p.columns, i), append(p.types, e.Schema.Fields[i].Type)
	}
	for _, t := range p.types {
		switch t.Kind() {
		case types.KArray, types.KMap, types.KStruct, types.KNull, types.KCalendarInterval:
			return nil, errs.New("INVALID_PARTITION_COLUMN_DATA_TYPE", "type", `"`+types.SQL(t)+`"`)
		}
	}
	for i, f := range e.Schema.Fields {
		if !taken[i] {
			p.kept, p.data.Fields = append(p.kept, i), append(p.data.Fields, f)
		}
	}
	if len(p.kept) == 0 {
		return nil, errs.New("ALL_PARTITION_COLUMNS_NOT_ALLOWED")
	}
	return p, nil
}

// Column is the number of a column of the schema by its name, -1 where there is none.
func (e *Env) Column(name string) int {
	for i, f := range e.Schema.Fields {
		if f.Name == name || !e.Conf.Bool("spark.sql.caseSensitive") && strings.EqualFold(f.Name, name) {
			return i
		}
	}
	return -1
}

// mostOpen is how many folders' files one writer keeps open.
const mostOpen = 64

// folderWriter divides the rows of one instance by their folders. It owns the partWriters.
type folderWriter struct {
	parts *partitioning
	mem   memory.Allocator
	base  *partWriter // what the folders' writers are copies of
	known map[string]*folder
	open  []*folder // those with a file at hand, the longest unused first
	key   []byte
}

// folder is one combination of values.
type folder struct {
	*partWriter
	rows []int32 // of the batch at hand
}

func (w *folderWriter) Write(_ context.Context, b arrow.RecordBatch) error {
	touched := w.divide(b)
	for _, f := range touched {
		if err := w.write(b, f); err != nil {
			return err
		}
		f.rows = f.rows[:0]
	}
	return nil
}

// divide finds each row's folder and gives those that have rows, in the order of their first.
func (w *folderWriter) divide(b arrow.RecordBatch) (touched []*folder) {
	printers := make([]expr.Printer, len(w.parts.columns))
	valid := make([]batch.Bitmap, len(printers))
	for i, c := range w.parts.columns {
		printers[i] = expr.NewPrinter(b.Column(c), w.parts.types[i], w.parts.clock, expr.Style{Null: "null", PlainDecimals: true})
		valid[i] = batch.Valid(b.Column(c))
	}
	for row := range int(b.NumRows()) {
		key := w.key[:0]
		for i, print := range printers {
			key = append(key, 0, 0, 0, 0)
			from := len(key)
			if valid[i].Get(row) {
				key = print(key, row)
			}
			if string(key[from:]) == nullFolder { // one folder has one writer
				key = key[:from]
			}
			binary.LittleEndian.PutUint32(key[from-4:], uint32(len(key)-from))
		}
		w.key = key
		f := w.known[string(key)]
		if f == nil {
			writer := *w.base
			writer.dir = w.parts.folder(key)
			f = &folder{partWriter: &writer}
			w.known[string(key)] = f
		}
		if len(f.rows) == 0 {
			touched = append(touched, f)
		}
		f.rows = append(f.rows, int32(row))
	}
	return touched
}

// folder is the path that a key names: k=a/v=1.
func (p *partitioning) folder(key []byte) string {
	var b strings.Builder
	for i, name := range p.names {
		n := binary.LittleEndian.Uint32(key)
		value := key[4 : 4+n]
		key = key[4+n:]
		if i > 0 {
			b.WriteByte('/')
		}
		escapeName(&b, name)
		b.WriteByte('=')
		if len(value) == 0 {
			b.WriteString(nullFolder)
		} else {
			escapeName(&b, string(value))
		}
	}
	return b.String()
}

// escaped are the characters that a folder's name cannot hold as they are, by Hive's rule; so are those below a space.
const escaped = "\"#%'*/:=?\\\x7f{[]^"

func escapeName(b *strings.Builder, s string) {
	const digits = "0123456789ABCDEF"
	for _, r := range s {
		if r < utf8.RuneSelf && (r < ' ' || strings.IndexByte(escaped, byte(r)) >= 0) {
			b.WriteByte('%')
			b.WriteByte(digits[r>>4])
			b.WriteByte(digits[r&15])
			continue
		}
		b.WriteRune(r)
	}
}

// write gives a folder its rows of a batch.
func (w *folderWriter) write(b arrow.RecordBatch, f *folder) error {
	if err := w.use(f); err != nil {
		return err
	}
	columns := make([]arrow.Array, len(w.parts.kept))
	fields := make([]arrow.Field, len(columns))
	whole := len(f.rows) == int(b.NumRows())
	for i, c := range w.parts.kept {
		fields[i] = b.Schema().Field(c)
		if columns[i] = b.Column(c); whole {
			columns[i].Retain()
		} else {
			columns[i] = batch.Take(w.mem, columns[i], f.rows)
		}
	}
	piece := array.NewRecordBatch(arrow.NewSchema(fields, nil), columns, int64(len(f.rows)))
	defer piece.Release()
	for _, c := range columns {
		c.Release()
	}
	return f.partWriter.write(piece)
}

// use notes that a folder is written to, and ends the file of the longest unused one where too many are open.
func (w *folderWriter) use(f *folder) error {
	for i, o := range w.open {
		if o == f {
			copy(w.open[i:], w.open[i+1:])
			w.open[len(w.open)-1] = f
			return nil
		}
	}
	if len(w.open) == mostOpen {
		oldest := w.open[0]
		w.open = w.open[:copy(w.open, w.open[1:])]
		if err := oldest.end(); err != nil {
			return err
		}
	}
	w.open = append(w.open, f)
	return nil
}

func (w *folderWriter) Close(ok bool) error {
	var first error
	for _, f := range w.known {
		if ok && first == nil {
			first = f.end()
		}
		f.drop()
	}
	return first
}
