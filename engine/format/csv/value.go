package csv

import (
	"bytes"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/memory"

	"pysparkcompat/engine/batch"
	"pysparkcompat/engine/errs"
	"pysparkcompat/engine/format"
	"pysparkcompat/engine/types"
)

// valueEnd is what ends a record of a text that is one record: a character that no text has.
const valueEnd = "\uFFFF"

// ValueOptions are the options for texts that are one record each, as from_csv has them.
func ValueOptions(given map[string]string, env Env) (*Options, error) {
	with := map[string]string{}
	for k, v := range given {
		if len(k) != 7 || !bytes.EqualFold([]byte(k), []byte("lineSep")) {
			with[k] = v
		}
	}
	with["lineSep"] = valueEnd
	return ParseOptions(with, env)
}

// CheckValue refuses structs that a text cannot be read as.
func CheckValue(t types.Struct, o *Options) error {
	for _, f := range t.Fields {
		if f.Name == o.Corrupt && f.Type.Kind() != types.KString {
			return errs.New("INVALID_CORRUPT_RECORD_TYPE", "columnName", "`"+f.Name+"`", "actualType", `"`+types.SQL(f.Type)+`"`)
		}
	}
	return nil
}

// Values makes a struct of each text, as from_csv does. Order of calls: Add or Null for each row, then Finish or
// Close. One goroutine uses it.
type Values struct {
	d    *Decoder
	t    types.Struct
	gone nulls
}

// NewValues makes structs of this type.
func NewValues(t types.Struct, o *Options, mem memory.Allocator) (*Values, error) {
	for _, f := range t.Fields {
		if !holds(f.Type) && f.Type.Kind() != types.KCalendarInterval {
			e := errs.New("UNSUPPORTED_DATATYPE", "typeName", `"`+types.SQL(f.Type)+`"`)
			e.Class = errs.Unsupported
			return nil, e
		}
	}
	columns := make([]int, len(t.Fields))
	for i := range columns {
		columns[i] = i
	}
	d, err := NewDecoder(t, columns, o, mem)
	if err != nil {
		return nil, err
	}
	d.all, d.escapes = true, true
	return &Values{d: d, t: t, gone: nulls{mem: mem}}, nil
}

// Null adds a null.
func (v *Values) Null() {
	v.blank()
	v.gone.clear(v.d.n - 1)
}

// blank adds a struct of nulls.
func (v *Values) blank() {
	for _, c := range v.d.cols {
		c.null(v.d.n)
	}
	v.d.n++
}

// Add adds the struct of a text.
func (v *Values) Add(text []byte) error {
	comment := v.d.o.comment
	switch {
	case len(text) == 0 && v.d.o.Mode != format.FailFast:
		v.blank()
		return nil
	case len(text) == 0, comment != 0 && bytes.HasPrefix(text, []byte(string(comment))):
		return v.d.settle(text, v.d.nothing())
	}
	return v.d.Line(text)
}

// Finish gives the values so far, owned by the caller, and starts anew.
func (v *Values) Finish() arrow.Array {
	n := v.d.n
	b := v.d.Batch()
	defer b.Release()
	children := make([]arrow.Array, b.NumCols())
	for i := range children {
		children[i] = b.Column(i)
		children[i].Retain()
	}
	bits, count := v.gone.take(n).Take()
	return batch.Assemble(types.Arrow(v.t), n, count, []*memory.Buffer{bits}, children...)
}

// Close gives back what was not finished.
func (v *Values) Close() {
	v.d.Close()
	v.gone.marks.Drop()
	v.gone.marks = nil
}

// TypeOf is the struct that a text is inferred to be; false where there is nothing in it.
func TypeOf(text string, o *Options) (types.Struct, bool) {
	i := NewInferrer(o)
	s := newSplitter(o, nil)
	s.reset([]byte(text))
	more, _, err := s.record()
	if err != nil || !more {
		return types.Struct{}, false
	}
	for range s.values {
		i.names = append(i.names, "")
		i.kinds = append(i.kinds, types.Null)
	}
	i.begun = true
	header := o.Header
	o.Header = false
	i.rename()
	o.Header = header
	i.observe(s)
	return i.Schema(), true
}

// Struct is the columns of a struct and how to write them.
func (e *Encoder) Struct(a *array.Struct, t types.Struct) func(dst []byte, i int) []byte {
	columns := make([]arrow.Array, a.NumField())
	for i := range columns {
		columns[i] = a.Field(i)
	}
	return e.Rows(columns, t)
}
