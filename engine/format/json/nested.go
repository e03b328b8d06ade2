package json

import (
	"bytes"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/memory"

	"pysparkcompat/engine/batch"
	"pysparkcompat/engine/format"
	"pysparkcompat/engine/types"
)

// record is a struct column, and a decoder's rows. Fields are found by the order in which the last record had them.
type record struct {
	mem    memory.Allocator
	dt     arrow.DataType
	n      int
	ok     nulls
	fields []column
	index  map[string]int
	// seen holds, for each field, one more than the row that it was last read for.
	seen []int
	// order is the names met last time, in their order.
	order []place
	// tests refuse records, by field; nil where nothing is pushed down.
	tests []format.Test
}

// place is a name as the text spells it, quotes and colon included, and its field or -1.
type place struct {
	text  []byte
	field int
}

// maxOrder bounds what is remembered of records without a fixed shape.
const maxOrder = 512

func (b *builder) record(t types.Struct) (*record, error) {
	r := &record{mem: b.mem, dt: types.Arrow(t), index: make(map[string]int, len(t.Fields)), seen: make([]int, len(t.Fields))}
	for i, f := range t.Fields {
		c, err := b.column(f.Type)
		if err != nil {
			return nil, err
		}
		r.fields = append(r.fields, c)
		r.index[f.Name] = i
	}
	return r, nil
}

func (r *record) null() {
	r.ok.clear(r.mem, r.n)
	r.blank()
}

// blank adds a row of nulls, which is itself no null.
func (r *record) blank() {
	for _, f := range r.fields {
		f.null()
	}
	r.n++
}

func (r *record) length() int { return r.n }

func (r *record) rewind(n int) {
	r.ok.rewind(n, r.n)
	for i, f := range r.fields {
		if f.length() > n {
			f.rewind(n)
		}
		if r.seen[i] > n {
			r.seen[i] = 0
		}
	}
	r.n = n
}

func (r *record) finish() arrow.Array {
	children := make([]arrow.Array, len(r.fields))
	for i, f := range r.fields {
		children[i] = f.finish()
	}
	bits, count := r.ok.take(r.mem, r.n)
	n := r.n
	r.restart()
	return batch.Assemble(r.dt, n, count, []*memory.Buffer{bits}, children...)
}

func (r *record) restart() {
	r.n = 0
	clear(r.seen)
}

func (r *record) drop() {
	for _, f := range r.fields {
		f.drop()
	}
	r.ok.drop()
	r.restart()
}

func (r *record) value(c *cursor) status {
	if c.b[c.i] != '{' {
		s := c.misfit()
		if s == bad {
			r.null()
		}
		return s
	}
	if c.depth++; c.depth > maxDepth {
		return broken
	}
	s := r.object(c)
	c.depth--
	return s
}

// object reads the object at the cursor as a row.
func (r *record) object(c *cursor) status {
	result := good
	found, row, mark := 0, r.n, r.n+1
	c.i++
	if !c.space() {
		return broken
	}
	more := c.b[c.i] != '}'
	if !more {
		c.i++
	}
	for at := 0; more; at++ {
		field, ok := r.field(c, at)
		if !ok || c.i >= len(c.b) || (c.b[c.i] <= ' ' || c.b[c.i] == '/') && !c.space() {
			return broken
		}
		if field < 0 {
			if !c.skip() {
				return broken
			}
		} else {
			f := r.fields[field]
			if r.seen[field] == mark {
				f.rewind(row)
			} else {
				r.seen[field] = mark
				found++
			}
			if s := read(f, c); s == broken {
				return broken
			} else if s == bad {
				result = bad
			}
			if r.tests != nil && r.tests[field] != nil && !r.tests[field](row) && c.sealed(r.order[at].text) {
				return dropped
			}
		}
		if more, ok = c.next('}'); !ok {
			return broken
		}
	}
	if found < len(r.fields) {
		for i, f := range r.fields {
			if r.seen[i] != mark {
				f.null()
			}
		}
	}
	r.n++
	if r.tests != nil && !r.passes(row) {
		r.rewind(row)
		return dropped
	}
	return result
}

// read adds the value at the cursor, or a null where it is one.
func read(f column, c *cursor) status {
	if c.b[c.i] == 'n' && c.word("null") {
		f.null()
		return good
	}
	return f.value(c)
}

// passes says that the row fits all tests.
func (r *record) passes(row int) bool {
	for _, t := range r.tests {
		if t != nil && !t(row) {
			return false
		}
	}
	return true
}

// sealed says that the rest of the record cannot name the field again.
func (c *cursor) sealed(name []byte) bool {
	rest := c.b[c.i:]
	name = bytes.Trim(name, "\": \t")
	return bytes.IndexByte(rest, '\\') < 0 && !bytes.Contains(rest, name)
}

// field reads the name of the at-th member and gives its field, or -1.
func (r *record) field(c *cursor, at int) (int, bool) {
	if at < len(r.order) {
		p := &r.order[at]
		if end := c.i + len(p.text); end < len(c.b) && string(c.b[c.i:end]) == string(p.text) {
			c.i = end
			return p.field, true
		}
	}
	start := c.i
	name, ok := c.name()
	if !ok {
		return 0, false
	}
	field, known := r.index[string(name)]
	if !known {
		field = -1
	}
	if at <= len(r.order) && at < maxOrder {
		if at == len(r.order) {
			r.order = append(r.order, place{})
		}
		r.order[at] = place{append(r.order[at].text[:0], c.b[start:c.i]...), field}
	}
	return field, true
}

// list is an array column. One bad element makes the whole array null.
type list struct {
	mem     memory.Allocator
	dt      arrow.DataType
	child   column
	offsets []int32
	obuf    *memory.Buffer
	ok      nulls
}

func (l *list) null() {
	l.ok.clear(l.mem, l.length())
	l.end()
}

func (l *list) end() {
	n := len(l.offsets)
	if l.obuf == nil {
		l.obuf = memory.NewResizableBuffer(l.mem)
		l.obuf.Resize(4 * (batch.Rows + 1))
		l.offsets = append(arrow.GetData[int32](l.obuf.Bytes())[:0], 0)
	} else if n == cap(l.offsets) {
		l.obuf.Resize(8 * n)
		l.offsets = arrow.GetData[int32](l.obuf.Bytes())[:n]
	}
	l.offsets = append(l.offsets, int32(l.child.length()))
}

func (l *list) length() int { return max(len(l.offsets)-1, 0) }

func (l *list) rewind(n int) {
	if l.obuf == nil {
		return
	}
	l.ok.rewind(n, l.length())
	l.offsets = l.offsets[:n+1]
	if to := int(l.offsets[n]); l.child.length() > to {
		l.child.rewind(to)
	}
}

func (l *list) value(c *cursor) status {
	if c.b[c.i] != '[' {
		s := c.misfit()
		if s == bad {
			l.null()
		}
		return s
	}
	start := l.child.length()
	s := c.elements(func() status { return read(l.child, c) })
	switch s {
	case bad:
		l.child.rewind(start)
		l.null()
	case good:
		l.end()
	}
	return s
}

// elements reads the array at the cursor, each element by one.
func (c *cursor) elements(one func() status) status {
	if c.depth++; c.depth > maxDepth {
		return broken
	}
	result := good
	c.i++
	if !c.space() {
		return broken
	}
	more, ok := c.b[c.i] != ']', true
	if !more {
		c.i++
	}
	for more {
		switch one() {
		case broken:
			return broken
		case bad:
			result = bad
		}
		if more, ok = c.next(']'); !ok {
			return broken
		}
	}
	c.depth--
	return result
}

func (l *list) finish() arrow.Array {
	return l.assemble(l.child.finish())
}

func (l *list) assemble(child arrow.Array) arrow.Array {
	if l.obuf == nil {
		l.end()
		l.offsets = l.offsets[:1]
	}
	n := l.length()
	bits, count := l.ok.take(l.mem, n)
	l.obuf.ResizeNoShrink(4 * (n + 1))
	out := batch.Assemble(l.dt, n, count, []*memory.Buffer{bits, l.obuf}, child)
	l.obuf, l.offsets = nil, nil
	return out
}

func (l *list) drop() {
	l.child.drop()
	l.ok.drop()
	if l.obuf != nil {
		l.obuf.Release()
	}
	l.obuf, l.offsets = nil, nil
}

// mapping is a map column. A name that comes twice keeps its first place and its last value.
type mapping struct {
	list
	keys *texts
}

func (m *mapping) rewind(n int) {
	m.list.rewind(n)
	if to := m.child.length(); m.keys.length() > to {
		m.keys.rewind(to)
	}
}

func (m *mapping) drop() {
	m.list.drop()
	m.keys.drop()
}

func (m *mapping) value(c *cursor) status {
	if c.b[c.i] != '{' {
		s := c.misfit()
		if s == bad {
			m.null()
		}
		return s
	}
	if c.depth++; c.depth > maxDepth {
		return broken
	}
	begin, start := c.i, m.child.length()
	s, double := m.entries(c, start, nil)
	if double && s != broken {
		m.take(start)
		c.i = begin
		s, _ = m.entries(c, start, c.lastValues(begin))
	}
	c.depth--
	switch s {
	case bad:
		m.take(start)
		m.null()
	case good:
		m.end()
	}
	return s
}

func (m *mapping) take(start int) {
	m.child.rewind(start)
	if m.keys.length() > start {
		m.keys.rewind(start)
	}
}

// entries reads the members. With last, which says where each name's last value stands, a name that was met before
// is passed over and its value read from there.
func (m *mapping) entries(c *cursor, start int, last map[string]int) (result status, double bool) {
	c.i++
	if !c.space() {
		return broken, false
	}
	more := c.b[c.i] != '}'
	if !more {
		c.i++
	}
	for more {
		name, ok := c.name()
		if !ok || !c.space() {
			return broken, double
		}
		met := m.met(start, name)
		double = double || met
		if last != nil && met {
			if !c.skip() {
				return broken, double
			}
		} else {
			m.keys.push(name)
			behind := c.i
			if last != nil {
				c.i = last[string(m.keys.at(m.keys.length()-1))]
			}
			switch read(m.child, c) {
			case broken:
				return broken, double
			case bad:
				result = bad
			}
			if last != nil {
				if c.i = behind; !c.skip() {
					return broken, double
				}
			}
		}
		if more, ok = c.next('}'); !ok {
			return broken, double
		}
	}
	return result, double
}

// met says that the map at hand, whose entries begin at start, has the name.
func (m *mapping) met(start int, name []byte) bool {
	for i := start; i < m.keys.length(); i++ {
		if string(m.keys.at(i)) == string(name) {
			return true
		}
	}
	return false
}

// lastValues says where each name's last value stands in the object at begin, which is known to be sound.
func (c *cursor) lastValues(begin int) map[string]int {
	at := map[string]int{}
	saved := c.i
	c.i = begin + 1
	c.space()
	for more := true; more; {
		name, ok := c.name()
		if !ok || !c.space() {
			break
		}
		at[string(name)] = c.i
		if !c.skip() {
			break
		}
		if more, ok = c.next('}'); !ok {
			break
		}
	}
	c.i = saved
	return at
}

func (m *mapping) finish() arrow.Array {
	keys, values := m.keys.finish(), m.child.finish()
	n := keys.Len()
	entries := batch.Assemble(m.dt.(*arrow.MapType).Elem(), n, 0, []*memory.Buffer{nil}, keys, values)
	return m.assemble(entries)
}
