package format

import (
	"encoding/binary"
	"errors"
	"io"

	"github.com/klauspost/compress/snappy"
	"github.com/pierrec/lz4/v4"
)

// Hadoop's form of block compressions: what a block holds in bytes, then pieces of it, each with its packed length.
const (
	blockSize = 128 << 10
	mostBlock = 1 << 30
)

var errBlock = errors.New("the compressed text is damaged")

// packing is a compression of one block.
type packing struct {
	pack   func(dst, src []byte) ([]byte, error)
	unpack func(src []byte, size int) ([]byte, error)
}

var snappyBlocks = packing{
	func(dst, src []byte) ([]byte, error) {
		return append(dst, snappy.Encode(nil, src)...), nil
	},
	func(src []byte, size int) ([]byte, error) {
		if n, err := snappy.DecodedLen(src); err != nil || n > size {
			return nil, errBlock
		}
		return snappy.Decode(nil, src)
	},
}

var lz4Blocks = packing{
	func(dst, src []byte) ([]byte, error) {
		at := len(dst)
		dst = append(dst, make([]byte, lz4.CompressBlockBound(len(src)))...)
		n, err := lz4.CompressBlock(src, dst[at:], nil)
		if err == nil && n == 0 { // it does not get smaller: one run of literals
			return literals(dst[:at], src), nil
		}
		return dst[:at+n], err
	},
	func(src []byte, size int) ([]byte, error) {
		dst := make([]byte, size)
		n, err := lz4.UncompressBlock(src, dst)
		if err != nil {
			return nil, errBlock
		}
		return dst[:n], nil
	},
}

// literals is an LZ4 block that holds its text as it is.
func literals(dst, src []byte) []byte {
	n := len(src)
	if n < 15 {
		return append(append(dst, byte(n<<4)), src...)
	}
	dst = append(dst, 0xf0)
	for n -= 15; n >= 255; n -= 255 {
		dst = append(dst, 255)
	}
	return append(append(dst, byte(n)), src...)
}

type blockWriter struct {
	w    io.Writer
	p    packing
	held []byte
	out  []byte
}

func (b *blockWriter) Write(text []byte) (int, error) {
	n := len(text)
	for len(text) > 0 {
		take := min(len(text), blockSize-len(b.held))
		b.held, text = append(b.held, text[:take]...), text[take:]
		if len(b.held) == blockSize {
			if err := b.flush(); err != nil {
				return 0, err
			}
		}
	}
	return n, nil
}

func (b *blockWriter) flush() error {
	out, err := b.p.pack(append(b.out[:0], 0, 0, 0, 0, 0, 0, 0, 0), b.held)
	if err != nil {
		return err
	}
	binary.BigEndian.PutUint32(out, uint32(len(b.held)))
	binary.BigEndian.PutUint32(out[4:], uint32(len(out)-8))
	b.out, b.held = out, b.held[:0]
	_, err = b.w.Write(out)
	return err
}

func (b *blockWriter) Close() error {
	if len(b.held) == 0 {
		return nil
	}
	return b.flush()
}

type blockReader struct {
	r    io.Reader
	p    packing
	left int // of the block at hand
	text []byte
}

func (b *blockReader) Read(p []byte) (int, error) {
	for len(b.text) == 0 {
		if err := b.piece(); err != nil {
			return 0, err
		}
	}
	n := copy(p, b.text)
	b.text = b.text[n:]
	return n, nil
}

func (b *blockReader) piece() error {
	for b.left == 0 {
		n, err := b.length()
		if err != nil {
			return err
		}
		b.left = n
	}
	n, err := b.length()
	if err != nil {
		return noEnd(err)
	}
	packed := make([]byte, n)
	if _, err := io.ReadFull(b.r, packed); err != nil {
		return noEnd(err)
	}
	if b.text, err = b.p.unpack(packed, b.left); err != nil {
		return err
	}
	b.left -= len(b.text)
	return nil
}

func noEnd(err error) error {
	if err == io.EOF {
		return io.ErrUnexpectedEOF
	}
	return err
}

func (b *blockReader) length() (int, error) {
	var head [4]byte
	if _, err := io.ReadFull(b.r, head[:]); err != nil {
		return 0, err
	}
	n := binary.BigEndian.Uint32(head[:])
	if n > mostBlock {
		return 0, errBlock
	}
	return int(n), nil
}
