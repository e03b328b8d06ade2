package json

import (
	"bytes"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/memory"

	"pysparkcompat/engine/batch"
	"pysparkcompat/engine/errs"
	"pysparkcompat/engine/format"
	"pysparkcompat/engine/types"
)

// Values makes one value of each text, as from_json does. Order of calls: Add or Null for each row, then Finish or
// Close. One goroutine uses it.
type Values struct {
	o    *Options
	t    types.Type
	root column
	rows *record // root, where the type is a struct
	// corrupt is the struct's field of bad texts, or nil.
	corrupt   *texts
	corruptAt int
	// single says that one object may stand for an array of it.
	single bool
	cur    cursor
	mem    memory.Allocator
}

// NewValues makes a struct, array or map of each text. DROPMALFORMED counts as PERMISSIVE.
func NewValues(t types.Type, o *Options, mem memory.Allocator) (*Values, error) {
	v := &Values{o: o, t: t, corruptAt: -1, mem: mem}
	v.cur.o, v.cur.rewrites = o, true
	b := newBuilder(o, mem)
	wanted := t
	if s, ok := t.(types.Struct); ok {
		rest := types.Struct{}
		for i, f := range s.Fields {
			if f.Name == o.Corrupt && f.Type.Kind() == types.KString && v.corruptAt < 0 {
				v.corruptAt, v.corrupt = i, newTexts(mem, arrow.BinaryTypes.String, readText)
				continue
			}
			rest.Fields = append(rest.Fields, f)
		}
		wanted = rest
	}
	var err error
	if v.root, err = b.column(wanted); err != nil {
		return nil, err
	}
	v.rows, _ = v.root.(*record)
	if a, ok := t.(types.Array); ok {
		v.single = a.Elem.Kind() == types.KStruct
	}
	return v, nil
}

// Null adds a null.
func (v *Values) Null() {
	v.root.null()
	if v.corrupt != nil {
		v.corrupt.null()
	}
}

// Add adds the value of a text; an empty one is null.
func (v *Values) Add(text []byte) error {
	c := &v.cur
	c.reset(text)
	if !c.space() {
		v.Null()
		return nil
	}
	n := v.root.length()
	s := v.read(c)
	if s != good && v.o.Mode == format.FailFast {
		v.root.rewind(n)
		if v.rows != nil && bytes.HasPrefix(bytes.TrimLeft(text, " \t\r\n"), []byte("[")) {
			return errs.New("MALFORMED_RECORD_IN_PARSING.CANNOT_PARSE_JSON_ARRAYS_AS_STRUCTS", "badRecord", string(text), "failFastMode", "FAILFAST")
		}
		return Malformed("[null]")
	}
	if s == broken || v.rows != nil && v.root.length() == n {
		v.root.rewind(n)
		if v.rows != nil {
			v.rows.blank()
		} else {
			v.root.null()
		}
	}
	if v.corrupt != nil && s == good {
		v.corrupt.null()
	} else if v.corrupt != nil {
		v.corrupt.push(text)
	}
	return nil
}

func (v *Values) read(c *cursor) status {
	switch {
	case v.rows != nil:
		if c.b[c.i] != '{' {
			return broken
		}
		return v.rows.object(c)
	case v.single && c.b[c.i] == '{':
		l := v.root.(*list)
		start := l.child.length()
		s := l.child.value(c)
		if s == bad {
			l.child.rewind(start)
			l.null()
		} else if s == good {
			l.end()
		}
		return s
	}
	return read(v.root, c)
}

// Finish gives the values so far, owned by the caller, and starts anew.
func (v *Values) Finish() arrow.Array {
	if v.corrupt == nil {
		return v.root.finish()
	}
	n := v.rows.n
	var children []arrow.Array
	k := 0
	for i := range v.t.(types.Struct).Fields {
		if i == v.corruptAt {
			children = append(children, v.corrupt.finish())
			continue
		}
		children = append(children, v.rows.fields[k].finish())
		k++
	}
	bits, count := v.rows.ok.take(v.mem, n)
	v.rows.restart()
	return batch.Assemble(types.Arrow(v.t), n, count, []*memory.Buffer{bits}, children...)
}

// Close gives back what was not finished.
func (v *Values) Close() {
	v.root.drop()
	if v.corrupt != nil {
		v.corrupt.drop()
	}
}
