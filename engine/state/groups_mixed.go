package state

import (
	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/memory"

	"pysparkcompat/engine/batch"
)

// mixed is the table for several keys, some of variable width: each of those has a dictionary that numbers its values,
// and the numbers stand for them in a table of words. A dictionary's value goes with the last group that has it.
type mixed struct {
	Groups // over words and numbers
	dicts  []*texts
	refs   [][]int32 // by column and number: groups that have the value
	ids    [][]int32
}

// newMixed is nil where the keys do not fit.
func newMixed(dts []arrow.DataType) Groups {
	m := &mixed{dicts: make([]*texts, len(dts)), refs: make([][]int32, len(dts)), ids: make([][]int32, len(dts))}
	inner := make([]arrow.DataType, len(dts))
	for i, dt := range dts {
		inner[i] = dt
		if _, ok := newShape([]arrow.DataType{dt}); !ok {
			m.dicts[i] = newTexts([]arrow.DataType{dt})
			inner[i] = arrow.PrimitiveTypes.Int32
		}
	}
	s, ok := newShape(inner)
	if !ok || s.words > maxWords {
		return nil
	}
	m.Groups = newFixed(s)
	return m
}

// numbers replaces the keys of variable width by their numbers.
func (m *mixed) numbers(keys []arrow.Array, rows int, number func(d *texts, key []arrow.Array, into []int32)) []arrow.Array {
	out := append([]arrow.Array(nil), keys...)
	for c, d := range m.dicts {
		if d == nil {
			continue
		}
		if len(m.ids[c]) < rows {
			m.ids[c] = make([]int32, rows)
		}
		number(d, keys[c:c+1], m.ids[c])
		f := batch.NewFixed[int32](memory.DefaultAllocator, rows)
		copy(f.Values, m.ids[c])
		out[c] = f.Done(arrow.PrimitiveTypes.Int32, nil)
	}
	return out
}

func (m *mixed) Slots(keys []arrow.Array, rows int, into []int32) []int32 {
	inner := m.numbers(keys, rows, func(d *texts, key []arrow.Array, ids []int32) { d.Slots(key, rows, ids) })
	made := m.Groups.Slots(inner, rows, into)
	for c, d := range m.dicts {
		if d == nil {
			continue
		}
		inner[c].Release()
		for len(m.refs[c]) < d.Size() {
			m.refs[c] = append(m.refs[c], 0)
		}
		for _, row := range made {
			m.refs[c][m.ids[c][row]]++
		}
	}
	return made
}

func (m *mixed) Find(keys []arrow.Array, rows int, into []int32) {
	inner := m.numbers(keys, rows, func(d *texts, key []arrow.Array, ids []int32) { d.Find(key, rows, ids) })
	m.Groups.Find(inner, rows, into)
	for c, d := range m.dicts {
		if d != nil {
			inner[c].Release()
		}
	}
}

func (m *mixed) Reader() Groups {
	view := &mixed{Groups: m.Groups.Reader(), dicts: make([]*texts, len(m.dicts)), ids: make([][]int32, len(m.dicts))}
	for c, d := range m.dicts {
		if d != nil {
			view.dicts[c] = d.Reader().(*texts)
		}
	}
	return view
}

func (m *mixed) Delete(slots []int32) {
	keys := m.Groups.Keys(memory.DefaultAllocator, slots)
	defer batch.Release(keys...)
	for c, d := range m.dicts {
		if d == nil {
			continue
		}
		var gone []int32
		for _, id := range batch.Values[int32](keys[c]) {
			if m.refs[c][id]--; m.refs[c][id] == 0 {
				gone = append(gone, id)
			}
		}
		d.Delete(gone)
	}
	m.Groups.Delete(slots)
}

func (m *mixed) Keys(mem memory.Allocator, slots []int32) []arrow.Array {
	keys := m.Groups.Keys(mem, slots)
	for c, d := range m.dicts {
		if d == nil {
			continue
		}
		ids := keys[c]
		keys[c] = d.Keys(mem, batch.Values[int32](ids))[0]
		ids.Release()
	}
	return keys
}

func (m *mixed) Reset() {
	m.Groups.Reset()
	for c, d := range m.dicts {
		if d != nil {
			d.Reset()
			m.refs[c] = m.refs[c][:0]
		}
	}
}

func (m *mixed) Bytes() int64 {
	n := m.Groups.Bytes()
	for c, d := range m.dicts {
		if d != nil {
			n += d.Bytes() + int64(cap(m.refs[c])*4)
		}
	}
	return n
}
