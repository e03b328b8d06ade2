// Package parquet reads and writes Parquet files as Spark does.
//
// It finds no files (source) and commits none (sink). source and sink call it. Invariants: what it gives has the one
// Arrow form of its Spark type; a column that the file lacks is null; what Spark refuses to convert it refuses by
// Spark's condition; no panic of the library below leaves it.
package parquet

import (
	"context"
	"fmt"
	"io"
	"strings"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/memory"
	pq "github.com/apache/arrow-go/v18/parquet"
	"github.com/apache/arrow-go/v18/parquet/file"
	"github.com/apache/arrow-go/v18/parquet/schema"

	"pysparkcompat/engine/batch"
	"pysparkcompat/engine/errs"
	"pysparkcompat/engine/format"
	"pysparkcompat/engine/types"
)

// Input is an open file.
type Input interface {
	io.ReaderAt
	io.Seeker
}

// Options says what a Reader gives.
type Options struct {
	// Schema is the columns wanted, in this order; their names are looked for in the file.
	Schema        types.Struct
	CaseSensitive bool
	// Filters let whole row groups be passed over; rows that fail them may still come.
	Filters []format.Filter
	// Groups are the row groups to read; nil is all.
	Groups []int
	Mem    memory.Allocator
	// Name is the file's URI, for messages.
	Name string
}

// Reader gives a file's rows. One goroutine uses it.
type Reader struct {
	o       Options
	file    *file.Reader
	schema  *arrow.Schema
	fields  []field
	groups  []int
	columns []column // of the row group at hand
	left    int64    // rows left in it
}

// field is one column wanted and where it is in the file; node is nil where the file lacks it.
type field struct {
	node  schema.Node
	index int
	want  types.Field
}

// Group is a row group, the unit that files are split by.
type Group struct{ Rows, Bytes int64 }

// Stat reads a file's footer: its Spark schema and its row groups.
func Stat(in Input, name string) (s types.Struct, groups []Group, err error) {
	defer recovered(name, &err)
	f, err := open(in)
	if err != nil {
		return types.Struct{}, nil, errs.New("FAILED_READ_FILE.CANNOT_READ_FILE_FOOTER", "path", name).WithCause(err)
	}
	for i := range f.NumRowGroups() {
		g := f.RowGroup(i)
		groups = append(groups, Group{Rows: g.NumRows(), Bytes: g.ByteSize()})
	}
	s, err = schemaOf(f.MetaData())
	return s, groups, err
}

// scratch is where all readers get their page buffers, which live no longer than a column is read.
var scratch batch.Recycler

// streamSize is what is read ahead of a page; pages themselves are read in one piece.
const streamSize = 64 << 10

func open(in Input) (*file.Reader, error) {
	props := pq.NewReaderProperties(&scratch)
	props.BufferedStreamEnabled, props.BufferSize = true, streamSize
	return file.NewParquetReader(readerAtSeeker{in}, file.WithReadProps(props))
}

// readerAtSeeker hides that a file can be closed: whoever opened it closes it.
type readerAtSeeker struct{ Input }

// unreadable is a file that ends or lies; the cause says how.
func unreadable(name string, cause error) error {
	if e := errs.As(cause); e != nil {
		return e
	}
	e := errs.New("FAILED_READ_FILE.NO_HINT", "path", name).WithCause(cause)
	e.Detail = cause.Error()
	return e
}

func recovered(name string, err *error) {
	if p := recover(); p != nil {
		*err = unreadable(name, fmt.Errorf("%v", p))
	}
}

// Open starts reading.
func Open(in Input, o Options) (r *Reader, err error) {
	defer recovered(o.Name, &err)
	f, err := open(in)
	if err != nil {
		return nil, unreadable(o.Name, err)
	}
	r = &Reader{o: o, file: f, schema: types.ArrowSchema(o.Schema), groups: o.Groups}
	if r.groups == nil {
		for i := range f.NumRowGroups() {
			r.groups = append(r.groups, i)
		}
	}
	root := f.MetaData().Schema.Root()
	for _, want := range o.Schema.Fields {
		fl, err := r.find(root, want)
		if err != nil {
			return nil, err
		}
		r.fields = append(r.fields, fl)
	}
	return r, nil
}

func (r *Reader) find(root *schema.GroupNode, want types.Field) (field, error) {
	fl := field{want: want}
	for i := range root.NumFields() {
		name := root.Field(i).Name()
		if name != want.Name && (r.o.CaseSensitive || !strings.EqualFold(name, want.Name)) {
			continue
		}
		if fl.node != nil {
			return fl, unreadable(r.o.Name, errs.New("_LEGACY_ERROR_TEMP_2093", "requiredFieldName", want.Name,
				"matchedOrcFields", "["+fl.node.Name()+", "+name+"]"))
		}
		fl.node, fl.index = root.Field(i), i
	}
	if fl.node == nil {
		return fl, nil
	}
	return fl, r.check(fl.node, want.Type, nil)
}

// check refuses what Spark does not convert.
func (r *Reader) check(n schema.Node, to types.Type, path []string) error {
	path = append(path, n.Name())
	p, leaf := n.(*schema.PrimitiveNode)
	if leaf && n.RepetitionType() != pq.Repetitions.Repeated {
		if decoder(p, to, nil) == nil {
			return r.mismatch(p, to, path)
		}
		return nil
	}
	switch t := to.(type) {
	case types.Array:
		if leaf {
			if decoder(p, t.Elem, nil) == nil {
				return r.mismatch(p, t.Elem, path)
			}
			return nil
		}
		g := n.(*schema.GroupNode)
		if isList(g) {
			rep, inner := g.Field(0), g.Field(0)
			if w, ok := rep.(*schema.GroupNode); ok && w.NumFields() == 1 && w.Name() != "array" && w.Name() != g.Name()+"_tuple" {
				inner = w.Field(0)
				path = append(path, rep.Name())
			} else if l, ok := rep.(*schema.PrimitiveNode); ok {
				if decoder(l, t.Elem, nil) == nil {
					return r.mismatch(l, t.Elem, append(path, rep.Name()))
				}
				return nil
			}
			return r.check(inner, t.Elem, path)
		}
	case types.Map:
		if g, ok := n.(*schema.GroupNode); ok && isMap(g) {
			entry := g.Field(0).(*schema.GroupNode)
			if err := r.check(entry.Field(0), t.Key, append(path, entry.Name())); err != nil {
				return err
			}
			return r.check(entry.Field(1), t.Value, append(path, entry.Name()))
		}
	case types.Struct:
		if g, ok := n.(*schema.GroupNode); ok && !isList(g) && !isMap(g) {
			return r.checkFields(g, t, path)
		}
	}
	return unreadable(r.o.Name, fmt.Errorf("column %v is a group in the file and %s in the schema", path, to))
}

func (r *Reader) checkFields(g *schema.GroupNode, t types.Struct, path []string) error {
	for _, f := range t.Fields {
		for i := range g.NumFields() {
			if matches(g.Field(i).Name(), f.Name, r.o.CaseSensitive) {
				if err := r.check(g.Field(i), f.Type, path); err != nil {
					return err
				}
			}
		}
	}
	return nil
}

func matches(a, b string, caseSensitive bool) bool {
	return a == b || !caseSensitive && strings.EqualFold(a, b)
}

func (r *Reader) mismatch(p *schema.PrimitiveNode, to types.Type, path []string) error {
	actual := strings.ToUpper(p.PhysicalType().String())
	if p.PhysicalType() == pq.Types.ByteArray {
		actual = "BINARY"
	}
	return errs.New("FAILED_READ_FILE.PARQUET_COLUMN_DATA_TYPE_MISMATCH", "path", r.o.Name,
		"column", "["+strings.Join(path, ", ")+"]", "expectedType", to.String(), "actualType", actual)
}

// Next gives a batch that the caller owns, io.EOF after the last.
func (r *Reader) Next(ctx context.Context) (b arrow.RecordBatch, err error) {
	var arrays []arrow.Array
	defer func() {
		if err != nil {
			batch.Release(arrays...)
		}
	}()
	defer recovered(r.o.Name, &err)
	for r.left == 0 {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		r.closeColumns()
		if len(r.groups) == 0 {
			return nil, io.EOF
		}
		g := r.groups[0]
		r.groups = r.groups[1:]
		if prunes(r.file.MetaData().RowGroup(g), r.o.Filters, r.fields) {
			continue
		}
		if err := r.start(ctx, g); err != nil {
			return nil, unreadable(r.o.Name, err)
		}
	}
	n := int(min(r.left, batch.Rows))
	arrays = make([]arrow.Array, len(r.columns))
	for i, c := range r.columns {
		if arrays[i], err = c.read(n); err != nil {
			return nil, unreadable(r.o.Name, fmt.Errorf("column %s: %w", r.fields[i].want.Name, err))
		}
	}
	r.left -= int64(n)
	return batch.Make(r.schema, arrays, n), nil
}

func (r *Reader) start(ctx context.Context, g int) error {
	group := r.file.RowGroup(g)
	r.columns = make([]column, 0, len(r.fields))
	for _, f := range r.fields {
		c, err := r.column(ctx, group, g, f)
		if err != nil {
			return err
		}
		r.columns = append(r.columns, c)
	}
	r.left = group.NumRows()
	return nil
}

func (r *Reader) column(ctx context.Context, group *file.RowGroupReader, g int, f field) (column, error) {
	if f.node == nil {
		return &absent{types.Arrow(f.want.Type), r.o.Mem}, nil
	}
	p, leaf := f.node.(*schema.PrimitiveNode)
	if !leaf || p.RepetitionType() == pq.Repetitions.Repeated {
		return r.nested(ctx, g, f)
	}
	leafIndex := r.file.MetaData().Schema.ColumnIndexByNode(p)
	chunk, err := group.MetaData().ColumnChunk(leafIndex)
	if err != nil {
		return nil, err
	}
	for _, e := range chunk.Encodings() {
		switch e {
		case pq.Encodings.Plain, pq.Encodings.PlainDict, pq.Encodings.RLEDict, pq.Encodings.RLE, pq.Encodings.BitPacked:
		default:
			return r.nested(ctx, g, f)
		}
	}
	if p.PhysicalType() == pq.Types.Boolean && p.LogicalType() != nil && len(chunk.EncodingStats()) > 0 {
		for _, s := range chunk.EncodingStats() {
			if s.Encoding == pq.Encodings.RLE {
				return r.nested(ctx, g, f)
			}
		}
	}
	pages, err := group.GetColumnPageReader(leafIndex)
	if err != nil {
		return nil, err
	}
	return &flat{pages: pages, optional: p.RepetitionType() == pq.Repetitions.Optional,
		v: decoder(p, f.want.Type, r.o.Mem), mem: r.o.Mem}, nil
}

func (r *Reader) closeColumns() {
	for _, c := range r.columns {
		c.close()
	}
	r.columns = nil
}

// Close gives up what is open; the file stays open.
func (r *Reader) Close() error {
	r.closeColumns()
	r.left, r.groups = 0, nil
	return nil
}

// absent is a column that the file lacks.
type absent struct {
	dt  arrow.DataType
	mem memory.Allocator
}

func (a *absent) read(n int) (arrow.Array, error) { return array.MakeArrayOfNull(a.mem, a.dt, n), nil }
func (a *absent) skip(int) error                  { return nil }
func (a *absent) close()                          {}
