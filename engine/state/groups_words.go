package state

import (
	"math/bits"
	"unsafe"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/decimal128"
	"github.com/apache/arrow-go/v18/arrow/memory"

	"pysparkcompat/engine/batch"
)

// shape is how key columns of fixed width lie in words: their leaves in order, then one word with a bit for each
// node (struct or leaf) that is null.
type shape struct {
	dts   []arrow.DataType
	words int // with the null word
	nodes int
}

func newShape(dts []arrow.DataType) (*shape, bool) {
	s := &shape{dts: dts, words: 1}
	for _, dt := range dts {
		if !s.add(dt) {
			return nil, false
		}
	}
	return s, s.nodes <= 64
}

func (s *shape) add(dt arrow.DataType) bool {
	s.nodes++
	switch {
	case isWord(dt):
		s.words++
	case dt.ID() == arrow.DECIMAL128:
		s.words += 2
	case dt.ID() == arrow.STRUCT:
		for _, f := range dt.(*arrow.StructType).Fields() {
			if !s.add(f.Type) {
				return false
			}
		}
	default:
		return dt.ID() == arrow.NULL
	}
	return true
}

// words is the table for a few fixed-width keys, among them a window with a key.
type words[K [2]uint64 | [3]uint64 | [4]uint64 | [6]uint64 | [8]uint64] struct {
	slotList
	probes
	s       *shape
	width   int // words of K; the null word is the last that s uses
	keys    []K // by slot
	rows    []K
	hashes  []uint64
	scratch []int64
	made    []int32
}

func newWords[K [2]uint64 | [3]uint64 | [4]uint64 | [6]uint64 | [8]uint64](s *shape) *words[K] {
	var k K
	t := &words[K]{s: s, width: len(k), rows: make([]K, block), hashes: make([]uint64, block), scratch: make([]int64, block)}
	t.probes.init()
	return t
}

func (t *words[K]) Reset() {
	t.slotList.reset()
	t.probes.reset()
	t.keys = t.keys[:0]
}

func hashWords(w []uint64) uint64 {
	h := uint64(golden)
	for _, x := range w {
		hi, lo := bits.Mul64(h^x, 0xd6e8feb86659fd93)
		h = hi ^ lo
	}
	return h
}

func (t *words[K]) hashOf(slot int32) uint64 { return hashWords(flat(&t.keys[slot], t.width)) }

func flat[K any](k *K, n int) []uint64 { return unsafe.Slice((*uint64)(unsafe.Pointer(k)), n) }

// load gathers rows lo to hi of the keys into rows and hashes.
func (t *words[K]) load(keys []arrow.Array, lo, hi int) {
	n := hi - lo
	w := flat(&t.rows[0], n*t.width)
	f := fill{w: w, width: t.width, nulls: t.s.words - 1, lo: lo, hi: hi, scratch: t.scratch}
	for i := 0; i < n; i++ {
		w[i*t.width+f.nulls] = 0
	}
	for pad := t.s.words; pad < t.width; pad++ {
		for i := 0; i < n; i++ {
			w[i*t.width+pad] = 0
		}
	}
	for _, k := range keys {
		f.column(k)
	}
	switch t.width {
	case 3:
		for i := range t.hashes[:n] {
			t.hashes[i] = hashWords(w[i*3 : i*3+3 : i*3+3])
		}
	case 4:
		for i := range t.hashes[:n] {
			t.hashes[i] = hashWords(w[i*4 : i*4+4 : i*4+4])
		}
	default:
		for i := range t.hashes[:n] {
			t.hashes[i] = hashWords(w[i*t.width : (i+1)*t.width])
		}
	}
}

func (t *words[K]) Slots(keys []arrow.Array, rows int, into []int32) []int32 {
	t.made = t.made[:0]
	for lo := 0; lo < rows; lo += block {
		hi := min(rows, lo+block)
		t.load(keys, lo, hi)
		out := into[lo:hi]
		for i := range out {
			out[i] = t.slot(t.hashes[i], &t.rows[i], lo+i)
		}
	}
	return t.made
}

func (t *words[K]) slot(h uint64, k *K, row int) int32 {
	at := t.homeOf(h)
	for {
		e := t.entries[at]
		if e == 0 {
			break
		}
		if (e^h)>>32 == 0 {
			if s := int32(uint32(e)) - 1; t.keys[s] == *k {
				return s
			}
		}
		at = (at + 1) & t.mask
	}
	s := t.take()
	if int(s) == len(t.keys) {
		t.keys = append(t.keys, *k)
	} else {
		t.keys[s] = *k
	}
	t.made = append(t.made, int32(row))
	t.entries[at] = entryOf(h, s)
	t.added()
	return s
}

func (t *words[K]) Find(keys []arrow.Array, rows int, into []int32) {
	for lo := 0; lo < rows; lo += block {
		hi := min(rows, lo+block)
		t.load(keys, lo, hi)
		for i := range into[lo:hi] {
			into[lo+i] = t.find(t.hashes[i], &t.rows[i])
		}
	}
}

func (t *words[K]) find(h uint64, k *K) int32 {
	for at := t.homeOf(h); t.entries[at] != 0; at = (at + 1) & t.mask {
		if e := t.entries[at]; (e^h)>>32 == 0 {
			if s := int32(uint32(e)) - 1; t.keys[s] == *k {
				return s
			}
		}
	}
	return -1
}

func (t *words[K]) Reader() Groups {
	view := *t
	view.rows, view.hashes, view.scratch = make([]K, block), make([]uint64, block), make([]int64, block)
	return &view
}

func (t *words[K]) Delete(slots []int32) {
	for _, s := range slots {
		t.remove(t.hashOf(s), s)
		t.give(s)
	}
}

func (t *words[K]) Keys(mem memory.Allocator, slots []int32) []arrow.Array {
	var w []uint64
	if len(t.keys) > 0 {
		w = flat(&t.keys[0], len(t.keys)*t.width)
	}
	r := unfill{mem: mem, w: w, width: t.width, nulls: t.s.words - 1, slots: slots}
	out := make([]arrow.Array, len(t.s.dts))
	for i, dt := range t.s.dts {
		out[i] = r.column(dt)
	}
	return out
}

func (t *words[K]) Bytes() int64 {
	return t.bytes() + int64(cap(t.entries)*8+cap(t.keys)*t.width*8)
}

// fill writes columns into words, node after node.
type fill struct {
	w            []uint64
	width, nulls int
	lo, hi       int
	word, node   int
	scratch      []int64
}

func (f *fill) column(a arrow.Array) {
	word, node := f.word, f.node
	f.node++
	dt := a.DataType()
	switch {
	case isWord(dt):
		f.word++
		for i, v := range wordsOf(a, f.lo, f.hi, f.scratch) {
			f.w[i*f.width+word] = uint64(v)
		}
	case dt.ID() == arrow.DECIMAL128:
		f.word += 2
		for i, v := range batch.Values[decimal128.Num](a)[f.lo:f.hi] {
			f.w[i*f.width+word], f.w[i*f.width+word+1] = v.LowBits(), uint64(v.HighBits())
		}
	case dt.ID() == arrow.STRUCT:
		s := a.(*array.Struct)
		for c := 0; c < s.NumField(); c++ {
			f.column(s.Field(c))
		}
	}
	valid := batch.Valid(a)
	if valid.All() {
		return
	}
	// A null node has neither words nor null bits below it, whatever its children hold.
	below := uint64(1)<<uint(f.node) - 1
	if f.node >= 64 {
		below = ^uint64(0)
	}
	below &^= uint64(1)<<uint(node) - 1
	for i := 0; i < f.hi-f.lo; i++ {
		if !valid.Get(f.lo + i) {
			row := f.w[i*f.width : (i+1)*f.width]
			clear(row[word:f.word])
			row[f.nulls] = row[f.nulls]&^below | 1<<uint(node)
		}
	}
}

// unfill is the reverse of fill for some slots.
type unfill struct {
	mem          memory.Allocator
	w            []uint64
	width, nulls int
	word, node   int
	slots        []int32
}

func (r *unfill) column(dt arrow.DataType) arrow.Array {
	valid := r.valid()
	word := r.word
	switch {
	case isWord(dt):
		r.word++
		return columnOf(r.mem, dt, r.slots, valid, func(s int32) uint64 { return r.w[int(s)*r.width+word] })
	case dt.ID() == arrow.DECIMAL128:
		r.word += 2
		out := batch.NewFixed[decimal128.Num](r.mem, len(r.slots))
		for i, s := range r.slots {
			at := int(s)*r.width + word
			out.Values[i] = decimal128.New(int64(r.w[at+1]), r.w[at])
		}
		return out.Done(dt, valid)
	case dt.ID() == arrow.STRUCT:
		fields := dt.(*arrow.StructType).Fields()
		children := make([]arrow.Array, len(fields))
		for i, f := range fields {
			children[i] = r.column(f.Type)
		}
		vb, nulls := valid.Take()
		return batch.Assemble(dt, len(r.slots), nulls, []*memory.Buffer{vb}, children...)
	}
	valid.Drop()
	return array.NewNull(len(r.slots))
}

// valid is the next node's validity, nil where none is null.
func (r *unfill) valid() *batch.Marks {
	bit := uint64(1) << uint(r.node)
	r.node++
	var m *batch.Marks
	for i, s := range r.slots {
		if r.w[int(s)*r.width+r.nulls]&bit != 0 {
			if m == nil {
				m = batch.NewMarks(r.mem, len(r.slots), true)
			}
			m.Clear(i)
		}
	}
	return m
}
