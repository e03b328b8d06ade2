package parquet

import (
	"encoding/binary"
	"errors"

	"github.com/apache/arrow-go/v18/arrow/bitutil"
)

var errShort = errors.New("a page ends before its values do")

// hybrid reads the mixture of runs and bit-packed groups that levels and dictionary numbers are written in.
type hybrid struct {
	data  []byte
	width uint
	left  int  // values left in the run at hand
	run   bool // the run repeats value; else it is bit-packed
	value uint32
	group []byte // of a bit-packed run
	at    int    // values of group used
}

func (h *hybrid) reset(data []byte, width uint) { *h = hybrid{data: data, width: width} }

// more loads the next run if the one at hand is used up.
func (h *hybrid) more() error {
	for h.left == 0 {
		head, n := binary.Uvarint(h.data)
		if n <= 0 {
			return errShort
		}
		h.data = h.data[n:]
		if head&1 == 0 {
			size := int(h.width+7) / 8
			if len(h.data) < size {
				return errShort
			}
			h.run, h.left, h.value = true, int(head>>1), 0
			for i := size - 1; i >= 0; i-- {
				h.value = h.value<<8 | uint32(h.data[i])
			}
			h.data = h.data[size:]
			continue
		}
		groups := int(head >> 1)
		size := groups * int(h.width)
		h.run, h.left, h.at = false, groups*8, 0
		if size > len(h.data) { // the last group may be cut short
			size = len(h.data)
			if h.width > 0 {
				h.left = size * 8 / int(h.width)
			}
			if h.left == 0 {
				return errShort
			}
		}
		h.group, h.data = h.data[:size], h.data[size:]
	}
	return nil
}

// fill reads len(out) values.
func (h *hybrid) fill(out []uint32) error {
	for len(out) > 0 {
		if err := h.more(); err != nil {
			return err
		}
		n := min(h.left, len(out))
		if h.run {
			for i := range out[:n] {
				out[i] = h.value
			}
		} else {
			unpack(out[:n], h.group, h.at, h.width)
			h.at += n
		}
		h.left -= n
		out = out[n:]
	}
	return nil
}

// skip passes n values over.
func (h *hybrid) skip(n int) error {
	for n > 0 {
		if err := h.more(); err != nil {
			return err
		}
		k := min(h.left, n)
		h.left -= k
		h.at += k
		n -= k
	}
	return nil
}

// unpack reads values of width bits, from value number at on.
func unpack(out []uint32, group []byte, at int, width uint) {
	if width == 0 {
		clear(out)
		return
	}
	mask := uint64(1)<<width - 1
	bit := uint(at) * width
	i := 0
	// Eight bytes at once as long as they are there.
	if safe := len(group) - 8; safe >= 0 {
		for ; i < len(out) && int(bit>>3) <= safe; i++ {
			out[i] = uint32(binary.LittleEndian.Uint64(group[bit>>3:]) >> (bit & 7) & mask)
			bit += width
		}
	}
	for ; i < len(out); i++ {
		var word [8]byte
		copy(word[:], group[bit>>3:])
		out[i] = uint32(binary.LittleEndian.Uint64(word[:]) >> (bit & 7) & mask)
		bit += width
	}
}

// levels reads n definition levels of width 1. Where all are 1 it answers n without touching marks; else it
// makes the marks (through need) and writes bits from position off.
func (h *hybrid) levels(n, off int, need func() []byte) (set int, err error) {
	var marks []byte
	for done := 0; done < n; {
		if err := h.more(); err != nil {
			return 0, err
		}
		k := min(h.left, n-done)
		switch {
		case h.run && h.value != 0:
			set += k
		case h.run:
			marks = need()
			bitutil.SetBitsTo(marks, int64(off+done), int64(k), false)
		default:
			ones := bitutil.CountSetBits(h.group, h.at, k)
			if ones < k {
				marks = need()
				bitutil.CopyBitmap(h.group, h.at, k, marks, off+done)
			}
			set += ones
			h.at += k
		}
		h.left -= k
		done += k
	}
	return set, nil
}
