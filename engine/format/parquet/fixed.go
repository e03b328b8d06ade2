package parquet

import (
	"errors"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/bitutil"
	"github.com/apache/arrow-go/v18/arrow/memory"

	"pysparkcompat/engine/batch"
)

// fixed decodes values of size bytes into Arrow values of type T, converting as it goes.
type fixed[T arrow.FixedWidthType] struct {
	out  arrow.DataType
	size int
	// plain decodes len(dst) values from src.
	plain func(dst []T, src []byte) error
	mem   memory.Allocator

	dict     []T
	numbers  numbers
	numbered bool
	data     []byte
	made     batch.Fixed[T]
	open     bool
}

func (f *fixed[T]) dictionary(data []byte, n int) error {
	if len(data) < n*f.size {
		return errShort
	}
	f.dict = make([]T, n)
	return f.plain(f.dict, data[:n*f.size])
}

func (f *fixed[T]) page(data []byte, _ int, numbered bool) error {
	f.numbered, f.data = numbered, data
	if numbered {
		return f.numbers.start(data)
	}
	return nil
}

func (f *fixed[T]) begin(n int) {
	f.drop()
	f.made, f.open = batch.NewFixed[T](f.mem, n), true
}

func (f *fixed[T]) read(at, rows, set int, valid *batch.Marks) error {
	dst := f.made.Values[at : at+set]
	if f.numbered {
		if err := f.lookUp(dst); err != nil {
			return err
		}
	} else {
		if len(f.data) < set*f.size {
			return errShort
		}
		if err := f.plain(dst, f.data[:set*f.size]); err != nil {
			return err
		}
		f.data = f.data[set*f.size:]
	}
	if set < rows {
		spread(f.made.Values[at:at+rows], set, at, valid)
	}
	return nil
}

func (f *fixed[T]) lookUp(dst []T) error {
	for len(dst) > 0 {
		n := min(len(dst), batch.Rows)
		index, err := f.numbers.next(n, len(f.dict))
		if err != nil {
			return err
		}
		dict := f.dict
		for i, v := range index {
			dst[i] = dict[v]
		}
		dst = dst[n:]
	}
	return nil
}

// spread moves set values, packed at the front, to the rows that are valid; null rows become zero.
func spread[T any](out []T, set, at int, valid *batch.Marks) {
	var zero T
	for i := len(out) - 1; i >= 0; i-- {
		if valid.Get(at + i) {
			set--
			out[i] = out[set]
		} else {
			out[i] = zero
		}
	}
}

func (f *fixed[T]) skip(set int) error {
	if f.numbered {
		return f.numbers.skip(set)
	}
	if len(f.data) < set*f.size {
		return errShort
	}
	f.data = f.data[set*f.size:]
	return nil
}

func (f *fixed[T]) finish(valid *batch.Marks) arrow.Array {
	f.open = false
	return f.made.Done(f.out, valid)
}

func (f *fixed[T]) drop() {
	if f.open {
		f.made.Drop()
		f.open = false
	}
}

// bools decodes booleans, one bit each.
type bools struct {
	mem  memory.Allocator
	data []byte
	at   int
	made *batch.Marks
}

func (b *bools) dictionary([]byte, int) error { return errors.New("booleans have no dictionary") }

func (b *bools) page(data []byte, _ int, numbered bool) error {
	if numbered {
		return errors.New("booleans have no dictionary")
	}
	b.data, b.at = data, 0
	return nil
}

func (b *bools) begin(n int) {
	b.drop()
	b.made = batch.NewMarks(b.mem, n, false)
}

func (b *bools) read(at, rows, set int, valid *batch.Marks) error {
	if len(b.data)*8 < b.at+set {
		return errShort
	}
	if valid == nil {
		bitutil.CopyBitmap(b.data, b.at, set, b.made.Bits, at)
		b.at += set
		return nil
	}
	for i := range rows {
		if valid.Get(at + i) {
			b.made.Put(at+i, b.data[b.at>>3]>>(b.at&7)&1 != 0)
			b.at++
		}
	}
	return nil
}

func (b *bools) skip(set int) error {
	b.at += set
	return nil
}

func (b *bools) finish(valid *batch.Marks) arrow.Array {
	m := b.made
	b.made = nil
	return m.Done(valid)
}

func (b *bools) drop() {
	b.made.Drop()
	b.made = nil
}
