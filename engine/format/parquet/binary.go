package parquet

import (
	"encoding/binary"
	"errors"
	"math/bits"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/memory"

	"pysparkcompat/engine/batch"
)

var errTooLong = errors.New("a column of one batch is longer than two gigabytes")

// wide is how many bytes a short value is copied at once; buffers have that much room behind the last value.
const wide = 16

// binaries decodes byte arrays into strings or binaries. With length above 0 the values are all that long and have no prefix.
type binaries struct {
	out    arrow.DataType
	length int
	mem    memory.Allocator

	dict     []byte  // values one behind the other, with room behind
	ends     []int32 // dict value i lies in [ends[i], ends[i+1])
	numbers  numbers
	numbered bool
	data     []byte

	offsets *memory.Buffer
	made    []int32 // the values of offsets
	text    *memory.Buffer
	used    int
	open    bool
	// average guesses the size of the next array.
	average int
}

func (b *binaries) dictionary(data []byte, n int) error {
	b.ends = make([]int32, n+1)
	b.dict = make([]byte, 0, len(data)+wide)
	for i := range n {
		size, rest, err := b.prefix(data)
		if err != nil {
			return err
		}
		b.dict = append(b.dict, rest[:size]...)
		data = rest[size:]
		b.ends[i+1] = int32(len(b.dict))
	}
	return nil
}

// prefix gives a value's length and what follows the length.
func (b *binaries) prefix(data []byte) (int, []byte, error) {
	size := b.length
	if size == 0 {
		if len(data) < 4 {
			return 0, nil, errShort
		}
		size = int(binary.LittleEndian.Uint32(data))
		data = data[4:]
	}
	if size < 0 || size > len(data) {
		return 0, nil, errShort
	}
	return size, data, nil
}

func (b *binaries) page(data []byte, _ int, numbered bool) error {
	b.numbered, b.data = numbered, data
	if numbered {
		return b.numbers.start(data)
	}
	return nil
}

func (b *binaries) begin(n int) {
	b.drop()
	b.offsets = batch.Buffer(b.mem, (n+1)*4)
	b.made = arrow.GetData[int32](b.offsets.Bytes())
	b.made[0] = 0
	b.text = memory.NewResizableBuffer(b.mem)
	b.used, b.open = 0, true
	b.room(n * b.average)
}

// room makes space for size more bytes and for the wide copy behind them.
func (b *binaries) room(size int) []byte {
	if want := b.used + size + wide; want > b.text.Len() {
		b.text.Resize(1 << bits.Len(uint(want|255)))
	}
	return b.text.Bytes()
}

func (b *binaries) read(at, rows, set int, valid *batch.Marks) error {
	if b.numbered {
		return b.lookUp(at, rows, set, valid)
	}
	ends := b.made[at+1 : at+rows+1]
	text := b.text.Bytes()
	data := b.data
	used := b.used
	for i := range ends {
		if valid != nil && !valid.Get(at+i) {
			ends[i] = int32(used)
			continue
		}
		size, rest, err := b.prefix(data)
		if err != nil {
			return err
		}
		if used+size+wide > len(text) {
			b.used = used
			text = b.room(max(size, used))
		}
		if size <= wide && len(rest) >= wide {
			*(*[wide]byte)(text[used:]) = *(*[wide]byte)(rest)
		} else {
			copy(text[used:], rest[:size])
		}
		data = rest[size:]
		used += size
		ends[i] = int32(used)
	}
	b.data, b.used = data, used
	return b.fits(used)
}

// fits refuses a column of more than two gigabytes.
func (b *binaries) fits(used int) error {
	if used > 1<<31-1-wide {
		return errTooLong
	}
	return nil
}

func (b *binaries) lookUp(at, rows, set int, valid *batch.Marks) error {
	index, err := b.numbers.next(set, len(b.ends)-1)
	if err != nil {
		return err
	}
	ends, total := b.ends, 0
	for _, v := range index {
		total += int(ends[v+1] - ends[v])
	}
	if err := b.fits(b.used + total); err != nil {
		return err
	}
	text, used, dict := b.room(total), b.used, b.dict[:cap(b.dict)]
	out := b.made[at+1 : at+rows+1]
	k := 0
	for i := range out {
		if valid != nil && !valid.Get(at+i) {
			out[i] = int32(used)
			continue
		}
		from, to := ends[index[k]], ends[index[k]+1]
		k++
		size := int(to - from)
		if size <= wide {
			*(*[wide]byte)(text[used:]) = *(*[wide]byte)(dict[from:])
		} else {
			copy(text[used:], dict[from:to])
		}
		used += size
		out[i] = int32(used)
	}
	b.used = used
	return nil
}

func (b *binaries) skip(set int) error {
	if b.numbered {
		return b.numbers.skip(set)
	}
	for range set {
		size, rest, err := b.prefix(b.data)
		if err != nil {
			return err
		}
		b.data = rest[size:]
	}
	return nil
}

func (b *binaries) finish(valid *batch.Marks) arrow.Array {
	n := len(b.made) - 1
	b.open = false
	if n > 0 {
		b.average = b.used/n + 1
	}
	b.text.ResizeNoShrink(b.used)
	var marks *memory.Buffer
	nulls := 0
	if valid != nil {
		marks, nulls = valid.Take()
	}
	return batch.Assemble(b.out, n, nulls, []*memory.Buffer{marks, b.offsets, b.text})
}

func (b *binaries) drop() {
	if b.open {
		b.offsets.Release()
		b.text.Release()
		b.open = false
	}
}
