package parquet

import "encoding/binary"

// compact writes Thrift's compact protocol, the form of Parquet's headers and footer: fields in order of their numbers.
type compact struct {
	buf  []byte
	last []int // number of the last field, by depth of structs
}

// The protocol's types.
const (
	tTrue = iota + 1
	tFalse
	tByte
	tShort
	tInt
	tLong
	tDouble
	tBinary
	tList
	tSet
	tMap
	tStruct
)

func (c *compact) begin() { c.last = append(c.last, 0) }

func (c *compact) end() {
	c.buf = append(c.buf, 0)
	c.last = c.last[:len(c.last)-1]
}

func (c *compact) field(number, kind int) {
	top := len(c.last) - 1
	if d := number - c.last[top]; d > 0 && d < 16 {
		c.buf = append(c.buf, byte(d<<4|kind))
	} else {
		c.buf = binary.AppendVarint(append(c.buf, byte(kind)), int64(number))
	}
	c.last[top] = number
}

func (c *compact) int(number int, v int64) {
	c.field(number, tInt)
	c.buf = binary.AppendVarint(c.buf, v)
}

func (c *compact) long(number int, v int64) {
	c.field(number, tLong)
	c.buf = binary.AppendVarint(c.buf, v)
}

func (c *compact) short(number int, v int64) {
	c.field(number, tShort)
	c.buf = binary.AppendVarint(c.buf, v)
}

func (c *compact) byte(number int, v byte) {
	c.field(number, tByte)
	c.buf = append(c.buf, v)
}

func (c *compact) bool(number int, v bool) {
	if v {
		c.field(number, tTrue)
	} else {
		c.field(number, tFalse)
	}
}

func (c *compact) text(number int, v []byte) {
	c.field(number, tBinary)
	c.bytes(v)
}

func (c *compact) bytes(v []byte) { c.buf = append(binary.AppendUvarint(c.buf, uint64(len(v))), v...) }

func (c *compact) list(number, kind, size int) {
	c.field(number, tList)
	if size < 15 {
		c.buf = append(c.buf, byte(size<<4|kind))
	} else {
		c.buf = binary.AppendUvarint(append(c.buf, byte(0xf0|kind)), uint64(size))
	}
}

// inner begins a struct that is a field; empty is one without fields.
func (c *compact) inner(number int) {
	c.field(number, tStruct)
	c.begin()
}

func (c *compact) empty(number int) {
	c.inner(number)
	c.end()
}
