package worker

import (
	"encoding/binary"
	"fmt"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/ipc"
	"github.com/apache/arrow-go/v18/arrow/memory"
)

// encoder writes the batches of one run to a wire, their schema first, without copying columns.
type encoder struct {
	wire  frames
	ipc   *ipc.Writer
	parts gather
	lost  bool // the wire is gone: no fault of the batch
}

// frames is where an encoder's frames go.
type frames interface {
	write(kind byte, parts ...[]byte) error
}

// gather collects what an IPC payload is made of. Short pieces are copied, since their maker uses their memory again.
type gather struct {
	parts [][]byte
	short []byte
}

const shortPiece = 64

func (g *gather) Write(p []byte) (int, error) {
	if len(p) > shortPiece {
		g.parts = append(g.parts, p)
		return len(p), nil
	}
	start := len(g.short)
	g.short = append(g.short, p...)
	g.parts = append(g.parts, g.short[start:len(g.short):len(g.short)])
	return len(p), nil
}

func (g *gather) reset() { g.parts, g.short = g.parts[:0], g.short[:0] }

func newEncoder(w frames, s *arrow.Schema, mem memory.Allocator) *encoder {
	e := &encoder{wire: w}
	e.ipc = ipc.NewWriterWithPayloadWriter(e, ipc.WithSchema(s), ipc.WithAllocator(mem))
	return e
}

func (e *encoder) Start() error { return nil }
func (e *encoder) Close() error { return nil }

// WritePayload is called by the IPC writer for the schema and for each batch.
func (e *encoder) WritePayload(p ipc.Payload) error {
	meta := p.Meta()
	defer meta.Release()
	e.parts.reset()
	if _, err := p.WritePayload(&e.parts); err != nil {
		return err
	}
	kind := byte(data)
	switch t := messageType(meta.Bytes()); t {
	case ipc.MessageSchema:
		kind = schema
	case ipc.MessageRecordBatch:
	default:
		return fmt.Errorf("workers take no %v", t)
	}
	err := e.wire.write(kind, e.parts.parts...)
	e.lost = err != nil
	return err
}

func messageType(meta []byte) ipc.MessageType {
	empty := memory.NewBufferBytes(nil)
	b := memory.NewBufferBytes(meta)
	m := ipc.NewMessage(b, empty)
	defer m.Release()
	return m.Type()
}

func (e *encoder) write(b arrow.RecordBatch) error { return e.ipc.Write(b) }

// decoder reads the batches of one run's results; their memory is the frames'.
type decoder struct {
	want *arrow.Schema
	ipc  *ipc.Reader
	mem  memory.Allocator
	next *ipc.Message
}

// message gives the IPC reader what decode was called with.
func (d *decoder) Message() (*ipc.Message, error) {
	if d.next == nil {
		return nil, fmt.Errorf("no message is at hand")
	}
	return d.next, nil
}
func (d *decoder) Retain()  {}
func (d *decoder) Release() {}

// split finds the metadata and the body of an encapsulated IPC message.
func split(frame *memory.Buffer) (*ipc.Message, error) {
	const prefix = 8
	b := frame.Bytes()
	if len(b) < prefix || binary.LittleEndian.Uint32(b) != 0xFFFFFFFF {
		return nil, fmt.Errorf("it is no Arrow message")
	}
	size := int(binary.LittleEndian.Uint32(b[4:]))
	if size < 4 || size > len(b)-prefix {
		return nil, fmt.Errorf("its metadata is cut off")
	}
	meta, body := memory.SliceBuffer(frame, prefix, size), memory.SliceBuffer(frame, prefix+size, len(b)-prefix-size)
	defer meta.Release()
	defer body.Release()
	return ipc.NewMessage(meta, body), nil
}

// schema takes the results' schema, which must have the layout of the one wanted.
func (d *decoder) schema(frame *memory.Buffer) (err error) {
	if d.next, err = split(frame); err != nil {
		return err
	}
	defer func() {
		d.next.Release()
		d.next = nil
	}()
	if d.ipc, err = ipc.NewReaderFromMessageReader(d, ipc.WithAllocator(d.mem)); err != nil {
		return err
	}
	got := d.ipc.Schema()
	if got.NumFields() != d.want.NumFields() {
		return fmt.Errorf("it has %d columns, not %d", got.NumFields(), d.want.NumFields())
	}
	for i, f := range got.Fields() {
		if !sameLayout(f.Type, d.want.Field(i).Type) {
			return fmt.Errorf("its column %d is %s, not %s", i, f.Type, d.want.Field(i).Type)
		}
	}
	return nil
}

// batch takes one batch of results.
func (d *decoder) batch(frame *memory.Buffer) (out arrow.RecordBatch, err error) {
	if d.ipc == nil {
		return nil, fmt.Errorf("it has no schema")
	}
	if d.next, err = split(frame); err != nil {
		return nil, err
	}
	defer func() {
		d.next.Release()
		d.next = nil
	}()
	if !d.ipc.Next() {
		return nil, d.ipc.Err()
	}
	got := d.ipc.RecordBatch()
	columns := make([]arrow.Array, got.NumCols())
	for i := range columns {
		columns[i] = typed(got.Column(i), d.want.Field(i).Type)
		defer columns[i].Release()
	}
	return array.NewRecordBatch(d.want, columns, got.NumRows()), nil
}

func (d *decoder) close() {
	if d.ipc != nil {
		d.ipc.Release()
		d.ipc = nil
	}
}

// sameLayout says that arrays of one type can be read as the other: names, nullability and zones do not count.
func sameLayout(a, b arrow.DataType) bool {
	if a.ID() != b.ID() {
		return false
	}
	switch x := a.(type) {
	case *arrow.TimestampType:
		y := b.(*arrow.TimestampType)
		return x.Unit == y.Unit && (x.TimeZone == "") == (y.TimeZone == "")
	case arrow.NestedType:
		fields, others := x.Fields(), b.(arrow.NestedType).Fields()
		if len(fields) != len(others) {
			return false
		}
		for i := range fields {
			if !sameLayout(fields[i].Type, others[i].Type) {
				return false
			}
		}
		return true
	}
	return arrow.TypeEqual(a, b)
}

// typed gives an array the wanted type, of the same layout.
func typed(a arrow.Array, want arrow.DataType) arrow.Array {
	if arrow.TypeEqual(a.DataType(), want) {
		a.Retain()
		return a
	}
	d := retyped(a.Data(), want)
	defer d.Release()
	return array.MakeFromData(d)
}

func retyped(d arrow.ArrayData, want arrow.DataType) arrow.ArrayData {
	children := append([]arrow.ArrayData(nil), d.Children()...)
	if nested, ok := want.(arrow.NestedType); ok {
		for i, f := range nested.Fields() {
			children[i] = retyped(children[i], f.Type)
			defer children[i].Release()
		}
	}
	return array.NewData(want, d.Len(), d.Buffers(), children, d.NullN(), d.Offset())
}
