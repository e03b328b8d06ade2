package source

import (
	"cmp"
	"context"
	"errors"
	"io"
	"io/fs"
	"slices"
	"strings"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/decimal128"
	"github.com/apache/arrow-go/v18/arrow/memory"

	"pysparkcompat/engine/batch"
	"pysparkcompat/engine/errs"
	"pysparkcompat/engine/format"
	"pysparkcompat/engine/types"
	"pysparkcompat/engine/vfs"
)

// fileFormat is what the file sources know of a format.
type fileFormat interface {
	// label is its name in messages.
	label() string
	// infer gives the schema of files; ok is false where none of them tells.
	infer(ctx context.Context, e *Env, files []file) (s types.Struct, ok bool, err error)
	// check refuses a user's schema; data is without partition columns.
	check(data types.Struct) error
	// options reads the options that Open needs, so that mistakes show in analysis.
	options(e *Env) (any, error)
	// cut divides a file into parts of about size bytes.
	cut(e *Env, opts any, f file, size int64) ([]part, error)
	// open reads a part: the columns of data with these numbers, in this order. in is open and stays so.
	open(s *fileScan, in vfs.File, p part, columns []int, filters []format.Filter) (rows, error)
}

// rows is a format's reader.
type rows interface {
	Next(ctx context.Context) (arrow.RecordBatch, error)
	Close() error
}

// part is a file or a piece of it.
type part struct {
	file
	from, to int64 // bytes; to 0 is the whole file
	groups   []int // row groups; nil is all
	values   []any // of the partition columns, as valueOf gives them
}

// fileScan is what all splits of a file source share.
type fileScan struct {
	env    *Env
	format fileFormat
	opts   any
	schema types.Struct // what readers give
	data   types.Struct // what files hold
	parts  []types.Field
	// slots says for each field of schema where it comes from: a data column, or ^n for partition column n.
	slots         []int
	caseSensitive bool
	ignoreMissing bool
	ignoreCorrupt bool
}

const (
	// smallSplit is not worth cutting further; largeSplit is cut even where nobody waits for a part.
	smallSplit = 1 << 20
	largeSplit = 128 << 20
)

// splits cuts files so that every core has work. Larger files come first, as in PySpark, where rows so come in the same
// order; files of one size keep theirs.
func (s *fileScan) splits(files []file, values [][]any) ([]Split, error) {
	total := int64(0)
	for _, f := range files {
		total += f.size
	}
	cores := int64(max(s.env.Parallelism, 1))
	size := min(max((total+cores-1)/cores, smallSplit), largeSplit)
	if int64(len(files)) >= 2*cores {
		size = largeSplit
	}
	var out []*fileSplit
	opened := 0
	for _, i := range largestFirst(files) {
		f := files[i]
		if f.size == 0 {
			continue
		}
		opened++
		parts := []part{{file: f}}
		if f.size > size+size/4 {
			var err error
			if parts, err = s.format.cut(s.env, s.opts, f, size); err != nil {
				return nil, err
			}
		}
		for _, p := range parts {
			if values != nil {
				p.values = values[i]
			}
			out = append(out, &fileSplit{scan: s, part: p})
		}
	}
	return pack(out, total, opened, int(cores)), nil
}

// largestFirst gives the numbers of the files.
func largestFirst(files []file) []int {
	order := make([]int, len(files))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(files[b].size, files[a].size) })
	return order
}

// fileSplit is one part.
type fileSplit struct {
	scan *fileScan
	part part
}

func (s *fileSplit) Open(ctx context.Context, p Pushdown) (Reader, error) {
	r := &fileReader{scan: s.scan, part: s.part, columns: p.Columns}
	if r.columns == nil {
		r.columns = make([]int, len(s.scan.schema.Fields))
		for i := range r.columns {
			r.columns[i] = i
		}
	}
	out := types.Struct{}
	place := map[int]int{}
	for _, c := range r.columns {
		if c == len(s.scan.schema.Fields) {
			out.Fields = append(out.Fields, metadataField)
			continue
		}
		out.Fields = append(out.Fields, s.scan.schema.Fields[c])
		if slot := s.scan.slots[c]; slot >= 0 {
			if _, ok := place[slot]; !ok {
				place[slot] = len(r.data)
				r.data = append(r.data, slot)
			}
		}
	}
	r.place, r.schema = place, types.ArrowSchema(out)
	for _, f := range p.Filters {
		if f.Column >= len(s.scan.slots) {
			continue // _metadata
		}
		if slot := s.scan.slots[f.Column]; slot >= 0 {
			r.filters = append(r.filters, format.Filter{Column: slot, Op: f.Op, Value: f.Value})
		}
	}
	return r, nil
}

// fileReader reads one part and adds its partition columns. The file is opened at the first Next.
type fileReader struct {
	scan    *fileScan
	part    part
	columns []int
	data    []int       // data columns that are read
	place   map[int]int // of a data column among those
	filters []format.Filter
	schema  *arrow.Schema
	in      vfs.File
	rows    rows
	done    bool
	// fixed are the partition columns and _metadata, as long as the longest batch so far.
	fixed map[int]arrow.Array
}

func (r *fileReader) Next(ctx context.Context) (arrow.RecordBatch, error) {
	for !r.done {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		b, err := r.next(ctx)
		if err == nil {
			if b.NumRows() == 0 {
				b.Release()
				continue
			}
			return r.widen(b)
		}
		r.done = true
		if err == io.EOF || r.forgiven(err) {
			break
		}
		return nil, r.said(err)
	}
	return nil, io.EOF
}

func (r *fileReader) next(ctx context.Context) (arrow.RecordBatch, error) {
	if r.rows == nil {
		in, err := r.scan.env.FS.Open(r.part.path)
		if err != nil {
			return nil, err
		}
		r.in = in
		if r.rows, err = r.scan.format.open(r.scan, in, r.part, r.data, r.filters); err != nil {
			return nil, err
		}
	}
	return r.rows.Next(ctx)
}

// forgiven says that the user asked to go on without the file.
func (r *fileReader) forgiven(err error) bool {
	if errors.Is(err, fs.ErrNotExist) {
		return r.scan.ignoreMissing
	}
	if !r.scan.ignoreCorrupt || errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
		return false
	}
	e := errs.As(err)
	return e == nil || e.Name == "FAILED_READ_FILE.NO_HINT"
}

// said turns an error of the file into PySpark's condition.
func (r *fileReader) said(err error) error {
	if errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
		return err
	}
	if errors.Is(err, fs.ErrNotExist) {
		return errs.New("FAILED_READ_FILE.FILE_NOT_EXIST", "path", uri(r.part.path)).WithCause(err)
	}
	if e := errs.As(err); e != nil && !inFile(e.Name) {
		return err
	}
	e := errs.New("FAILED_READ_FILE.NO_HINT", "path", uri(r.part.path)).WithCause(err)
	e.Detail = err.Error()
	return e
}

// inFile says that a condition is about what is in a file, which PySpark wraps.
func inFile(condition string) bool {
	return strings.HasPrefix(condition, "MALFORMED_") || strings.HasPrefix(condition, "INVALID_DELIMITER_VALUE") || condition == "_LEGACY_ERROR_TEMP_3241"
}

// widen puts data and partition columns in the order asked for; it takes b over.
func (r *fileReader) widen(b arrow.RecordBatch) (arrow.RecordBatch, error) {
	n := int(b.NumRows())
	defer b.Release()
	out := make([]arrow.Array, len(r.columns))
	for i, c := range r.columns {
		if c == len(r.scan.slots) {
			out[i] = r.about(n)
			continue
		}
		slot := r.scan.slots[c]
		if slot >= 0 {
			out[i] = b.Column(r.place[slot])
			out[i].Retain()
			continue
		}
		out[i] = r.constant(^slot, n)
	}
	return batch.Make(r.schema, out, n), nil
}

func (r *fileReader) constant(column, n int) arrow.Array {
	return r.kept(column, n, func(n int) arrow.Array {
		return repeat(r.scan.env.Mem, r.scan.parts[column].Type, r.part.values[column], n)
	})
}

// kept is n rows of a column that make gives, which is made anew only where it is too short.
func (r *fileReader) kept(column, n int, make func(n int) arrow.Array) arrow.Array {
	a := r.fixed[column]
	if a == nil || a.Len() < n {
		if a != nil {
			a.Release()
		}
		if r.fixed == nil {
			r.fixed = map[int]arrow.Array{}
		}
		a = make(n)
		r.fixed[column] = a
	}
	return array.NewSlice(a, 0, int64(n))
}

// repeat is a column of n times one value.
func repeat(mem memory.Allocator, t types.Type, v any, n int) arrow.Array {
	dt := types.Arrow(t)
	switch v := v.(type) {
	case string:
		s := batch.NewStrings(mem, n, n*len(v))
		for range n {
			s.AppendString(v)
		}
		return s.Done(dt, nil)
	case bool:
		return batch.NewMarks(mem, n, v).Done(nil)
	case float64:
		if t.Kind() == types.KFloat {
			return fill(mem, dt, float32(v), n)
		}
		return fill(mem, dt, v, n)
	case decimal128.Num:
		return fill(mem, dt, v, n)
	case int64:
		switch t.Kind() {
		case types.KByte:
			return fill(mem, dt, int8(v), n)
		case types.KShort:
			return fill(mem, dt, int16(v), n)
		case types.KInt, types.KDate:
			return fill(mem, dt, int32(v), n)
		}
		return fill(mem, dt, v, n)
	}
	return array.MakeArrayOfNull(mem, dt, n)
}

func fill[T arrow.FixedWidthType](mem memory.Allocator, dt arrow.DataType, v T, n int) arrow.Array {
	f := batch.NewFixed[T](mem, n)
	for i := range f.Values {
		f.Values[i] = v
	}
	return f.Done(dt, nil)
}

func (r *fileReader) Close() error {
	r.done = true
	var err error
	if r.rows != nil {
		err = r.rows.Close()
		r.rows = nil
	}
	if r.in != nil {
		if closeErr := r.in.Close(); err == nil {
			err = closeErr
		}
		r.in = nil
	}
	for _, a := range r.fixed {
		a.Release()
	}
	r.fixed = nil
	return err
}
