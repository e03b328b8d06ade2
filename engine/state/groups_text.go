package state

import (
	"bytes"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/memory"
	"github.com/zeebo/xxh3"

	"pysparkcompat/engine/batch"
)

// texts is the table for keys of variable width: a string or binary key as it is, anything else as encoded rows.
type texts struct {
	slotList
	probes
	dts    []arrow.DataType
	plain  bool // one string or binary column
	spans  []span
	arena  []byte
	waste  int // bytes of deleted keys in the arena
	null   int32
	rows   []byte // encoded rows of a block
	ends   []int32
	hashes [block]uint64
	made   []int32
}

// span is where a slot's key lies in the arena.
type span struct {
	at   int
	size int32
}

func newTexts(dts []arrow.DataType) *texts {
	t := &texts{dts: dts, ends: make([]int32, block+1)}
	t.plain = len(dts) == 1 && (dts[0].ID() == arrow.STRING || dts[0].ID() == arrow.BINARY)
	t.probes.init()
	return t
}

func (t *texts) Reset() {
	t.slotList.reset()
	t.probes.reset()
	t.spans, t.arena, t.waste, t.null = t.spans[:0], t.arena[:0], 0, 0
}

func (t *texts) hashOf(slot int32) uint64 { return xxh3.Hash(t.key(slot)) }

func (t *texts) key(slot int32) []byte {
	s := t.spans[slot]
	return t.arena[s.at : s.at+int(s.size)]
}

// load gives the offsets and bytes of rows lo to hi and hashes them.
func (t *texts) load(keys []arrow.Array, encoders []encoder, lo, hi int) ([]int32, []byte) {
	var offsets []int32
	var data []byte
	if t.plain {
		offsets, data = batch.Text(keys[0])
		offsets = offsets[lo : hi+1]
	} else {
		t.rows = t.rows[:0]
		t.ends = append(t.ends[:0], 0)
		for i := lo; i < hi; i++ {
			for _, e := range encoders {
				t.rows = e(t.rows, i)
			}
			t.ends = append(t.ends, int32(len(t.rows)))
		}
		offsets, data = t.ends, t.rows
	}
	for i := 0; i < hi-lo; i++ {
		t.hashes[i] = xxh3.Hash(data[offsets[i]:offsets[i+1]])
	}
	return offsets, data
}

func (t *texts) encoders(keys []arrow.Array) []encoder {
	if t.plain {
		return nil
	}
	out := make([]encoder, len(keys))
	for i, k := range keys {
		out[i] = newEncoder(k)
	}
	return out
}

// nulls is the validity of a plain key; encoded rows carry their nulls.
func (t *texts) nulls(keys []arrow.Array) batch.Bitmap {
	if t.plain {
		return batch.Valid(keys[0])
	}
	return batch.Bitmap{}
}

func (t *texts) Slots(keys []arrow.Array, rows int, into []int32) []int32 {
	t.made = t.made[:0]
	encoders, valid := t.encoders(keys), t.nulls(keys)
	for lo := 0; lo < rows; lo += block {
		hi := min(rows, lo+block)
		offsets, data := t.load(keys, encoders, lo, hi)
		for i := 0; i < hi-lo; i++ {
			if !valid.Get(lo + i) {
				if t.null == 0 {
					t.null = t.make(nil, lo+i) + 1
				}
				into[lo+i] = t.null - 1
				continue
			}
			into[lo+i] = t.slot(t.hashes[i], data[offsets[i]:offsets[i+1]], lo+i)
		}
	}
	return t.made
}

func (t *texts) slot(h uint64, k []byte, row int) int32 {
	at := t.homeOf(h)
	for {
		e := t.entries[at]
		if e == 0 {
			break
		}
		if (e^h)>>32 == 0 {
			if s := int32(uint32(e)) - 1; bytes.Equal(t.key(s), k) {
				return s
			}
		}
		at = (at + 1) & t.mask
	}
	s := t.make(k, row)
	t.entries[at] = entryOf(h, s)
	t.added()
	return s
}

func (t *texts) make(k []byte, row int) int32 {
	s := t.take()
	where := span{len(t.arena), int32(len(k))}
	t.arena = append(t.arena, k...)
	if int(s) == len(t.spans) {
		t.spans = append(t.spans, where)
	} else {
		t.spans[s] = where
	}
	t.made = append(t.made, int32(row))
	return s
}

func (t *texts) Find(keys []arrow.Array, rows int, into []int32) {
	encoders, valid := t.encoders(keys), t.nulls(keys)
	for lo := 0; lo < rows; lo += block {
		hi := min(rows, lo+block)
		offsets, data := t.load(keys, encoders, lo, hi)
		for i := 0; i < hi-lo; i++ {
			if !valid.Get(lo + i) {
				into[lo+i] = t.null - 1
				continue
			}
			into[lo+i] = t.find(t.hashes[i], data[offsets[i]:offsets[i+1]])
		}
	}
}

func (t *texts) find(h uint64, k []byte) int32 {
	for at := t.homeOf(h); t.entries[at] != 0; at = (at + 1) & t.mask {
		if e := t.entries[at]; (e^h)>>32 == 0 {
			if s := int32(uint32(e)) - 1; bytes.Equal(t.key(s), k) {
				return s
			}
		}
	}
	return -1
}

func (t *texts) Reader() Groups {
	view := *t
	view.rows, view.ends = nil, make([]int32, block+1)
	return &view
}

func (t *texts) Delete(slots []int32) {
	for _, s := range slots {
		if s == t.null-1 {
			t.null = 0
		} else {
			t.remove(t.hashOf(s), s)
		}
		t.waste += int(t.spans[s].size)
		t.give(s)
	}
	if t.waste > 1<<16 && t.waste > len(t.arena)/2 {
		t.compact()
	}
}

// compact copies the live keys to a new arena.
func (t *texts) compact() {
	arena := make([]byte, 0, len(t.arena)-t.waste)
	for _, s := range t.Live(nil) {
		k := t.key(s)
		t.spans[s].at = len(arena)
		arena = append(arena, k...)
	}
	t.arena, t.waste = arena, 0
}

func (t *texts) Keys(mem memory.Allocator, slots []int32) []arrow.Array {
	if t.plain {
		return []arrow.Array{t.plainKeys(mem, slots)}
	}
	builders := make([]array.Builder, len(t.dts))
	decoders := make([]decoder, len(t.dts))
	for i, dt := range t.dts {
		builders[i] = array.NewBuilder(mem, dt)
		defer builders[i].Release()
		decoders[i] = newDecoder(builders[i])
	}
	for _, s := range slots {
		k := t.key(s)
		for _, d := range decoders {
			k = d(k)
		}
	}
	out := make([]arrow.Array, len(builders))
	for i, b := range builders {
		out[i] = b.NewArray()
	}
	return out
}

func (t *texts) plainKeys(mem memory.Allocator, slots []int32) arrow.Array {
	obuf := batch.Buffer(mem, (len(slots)+1)*4)
	offsets := arrow.GetData[int32](obuf.Bytes())
	offsets[0] = 0
	var valid *batch.Marks
	for i, s := range slots {
		offsets[i+1] = offsets[i] + t.spans[s].size
		if s == t.null-1 {
			if valid == nil {
				valid = batch.NewMarks(mem, len(slots), true)
			}
			valid.Clear(i)
		}
	}
	dbuf := batch.Buffer(mem, int(offsets[len(slots)]))
	for i, s := range slots {
		copy(dbuf.Bytes()[offsets[i]:], t.key(s))
	}
	vb, nulls := valid.Take()
	return batch.Assemble(t.dts[0], len(slots), nulls, []*memory.Buffer{vb, obuf, dbuf})
}

func (t *texts) Bytes() int64 {
	return t.bytes() + int64(cap(t.entries)*8+cap(t.spans)*16+cap(t.arena))
}
