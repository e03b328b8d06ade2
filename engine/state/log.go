package state

import (
	"bytes"
	"encoding/binary"
	"hash/crc32"
	"io"
	"slices"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/ipc"
	"github.com/apache/arrow-go/v18/arrow/memory"

	"pysparkcompat/engine/batch"
	"pysparkcompat/engine/errs"
	"pysparkcompat/engine/types"
)

// A segment or snapshot file is a file header and frames. A frame is all changes of one epoch (of a part of the rows,
// in a snapshot) with its own checksums: whatever a crash tore is told from what was written whole.
const (
	fileMagic   = 0x50534353 // segment and snapshot files
	frameMagic  = 0x46524d31
	fileHeader  = 24
	frameHeader = 44
)

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// changeKind is what a change does to a table; within a frame all evictions come first, then deletions, then puts.
type changeKind uint8

const (
	evict changeKind = iota + 1
	remove
	put
)

// change is rows of one table: keys and values for put, keys for remove, none for evict.
type change struct {
	operator int
	name     string
	kind     changeKind
	// upTo, and the instance that evicted (of how many): its rows are those of its partitions.
	upTo                int64
	instance, instances int
	rows                arrow.RecordBatch // nil for evict
}

// appendFileHeader starts a file; base is the version that its first frame builds on, or a snapshot's version.
func appendFileHeader(to []byte, base int64) []byte {
	at := len(to)
	to = binary.LittleEndian.AppendUint32(to, fileMagic)
	to = binary.LittleEndian.AppendUint32(to, formatVersion)
	to = binary.LittleEndian.AppendUint64(to, uint64(base))
	to = binary.LittleEndian.AppendUint32(to, 0)
	return binary.LittleEndian.AppendUint32(to, crc32.Checksum(to[at:], castagnoli))
}

// readFileHeader gives the base; ok is false where the header was torn.
func readFileHeader(r io.ReaderAt) (base int64, ok bool, err error) {
	var h [fileHeader]byte
	if n, err := r.ReadAt(h[:], 0); n < fileHeader {
		if err == io.EOF {
			err = nil
		}
		return 0, false, err
	}
	sum := crc32.Checksum(h[:fileHeader-4], castagnoli)
	if binary.LittleEndian.Uint32(h[:]) != fileMagic || binary.LittleEndian.Uint32(h[fileHeader-4:]) != sum {
		return 0, false, nil
	}
	if v := binary.LittleEndian.Uint32(h[4:]); v != formatVersion {
		return 0, false, errs.New("CANNOT_LOAD_STATE_STORE.INVALID_CHANGE_LOG_READER_VERSION", "version", itoa(int64(v)))
	}
	return int64(binary.LittleEndian.Uint64(h[8:])), true, nil
}

// frame is where an epoch's changes lie in a file.
type frame struct {
	file        string
	epoch, prev int64
	at          int64 // of the payload
	size        int64
	sum         uint32
}

// appendFrameHeader starts a frame whose payload is these parts.
func appendFrameHeader(to []byte, epoch, prev int64, parts ...[]byte) []byte {
	var sum uint32
	size := 0
	for _, p := range parts {
		sum = crc32.Update(sum, castagnoli, p)
		size += len(p)
	}
	at := len(to)
	to = append(to, make([]byte, frameHeader)...)
	h := to[at:]
	binary.LittleEndian.PutUint32(h, frameMagic)
	binary.LittleEndian.PutUint64(h[4:], uint64(epoch))
	binary.LittleEndian.PutUint64(h[12:], uint64(prev))
	binary.LittleEndian.PutUint64(h[20:], uint64(size))
	binary.LittleEndian.PutUint32(h[28:], sum)
	binary.LittleEndian.PutUint32(h[40:], crc32.Checksum(h[:40], castagnoli))
	return to
}

// frameAt reads a frame's header; ok is false where no whole frame follows.
func frameAt(r io.ReaderAt, file string, at, size int64) (f frame, ok bool, err error) {
	var h [frameHeader]byte
	if at+frameHeader > size {
		return f, false, nil
	}
	if n, err := r.ReadAt(h[:], at); n < frameHeader {
		return f, false, err
	}
	if binary.LittleEndian.Uint32(h[:]) != frameMagic || binary.LittleEndian.Uint32(h[40:]) != crc32.Checksum(h[:40], castagnoli) {
		return f, false, nil
	}
	f = frame{file: file, at: at + frameHeader, sum: binary.LittleEndian.Uint32(h[28:]),
		epoch: int64(binary.LittleEndian.Uint64(h[4:])), prev: int64(binary.LittleEndian.Uint64(h[12:])),
		size: int64(binary.LittleEndian.Uint64(h[20:]))}
	return f, f.size >= 0 && f.at+f.size <= size, nil
}

// payload reads and checks a frame's changes.
func (f frame) payload(r io.ReaderAt) ([]byte, error) {
	b := make([]byte, f.size)
	if n, err := r.ReadAt(b, f.at); n < len(b) {
		return nil, err
	}
	if crc32.Checksum(b, castagnoli) != f.sum {
		return nil, corrupt(f.file, f.at)
	}
	return b, nil
}

// corrupt is damage in a file that was once written whole.
func corrupt(file string, at int64) error {
	e := errs.New("CANNOT_LOAD_STATE_STORE.UNCATEGORIZED")
	e.Detail = "The file " + file + " is damaged at byte " + itoa(at) + ". Restore it from a backup or start from a new checkpoint."
	return e
}

// appendChange encodes a change.
func appendChange(to []byte, c change) ([]byte, error) {
	to = binary.AppendUvarint(to, uint64(c.operator))
	to = binary.AppendUvarint(to, uint64(len(c.name)))
	to = append(to, c.name...)
	to = append(to, byte(c.kind))
	to = binary.AppendVarint(to, c.upTo)
	to = binary.LittleEndian.AppendUint32(to, uint32(c.instance))
	to = binary.LittleEndian.AppendUint32(to, uint32(c.instances))
	if c.rows == nil {
		return binary.LittleEndian.AppendUint64(to, 0), nil
	}
	to = slices.Grow(to, 2048+int(bytesOf(c.rows)))
	at := len(to)
	to = binary.LittleEndian.AppendUint64(to, 0)
	sink := appender{to}
	w := ipc.NewWriter(&sink, ipc.WithSchema(c.rows.Schema()))
	err := w.Write(c.rows)
	if closeErr := w.Close(); err == nil {
		err = closeErr
	}
	binary.LittleEndian.PutUint64(sink.b[at:], uint64(len(sink.b)-at-8))
	return sink.b, err
}

// bytesOf is about what a batch takes in a log.
func bytesOf(b arrow.RecordBatch) int64 {
	var n int64
	for _, c := range b.Columns() {
		n += int64(c.Data().SizeInBytes()) + 128
	}
	return n
}

type appender struct{ b []byte }

func (a *appender) Write(p []byte) (int, error) { a.b = append(a.b, p...); return len(p), nil }

// eachChange decodes a frame's payload; rows are borrowed by visit.
func eachChange(mem memory.Allocator, b []byte, visit func(change) error) error {
	for len(b) > 0 {
		var c change
		op, n := binary.Uvarint(b)
		if n <= 0 {
			return io.ErrUnexpectedEOF
		}
		c.operator, b = int(op), b[n:]
		size, n := binary.Uvarint(b)
		if n <= 0 || uint64(len(b)-n) < size+1 {
			return io.ErrUnexpectedEOF
		}
		c.name, b = string(b[n:n+int(size)]), b[n+int(size):]
		c.kind = changeKind(b[0])
		upTo, n := binary.Varint(b[1:])
		if n <= 0 || len(b) < 1+n+16 {
			return io.ErrUnexpectedEOF
		}
		c.upTo, b = upTo, b[1+n:]
		c.instance, c.instances = int(binary.LittleEndian.Uint32(b)), int(binary.LittleEndian.Uint32(b[4:]))
		length := binary.LittleEndian.Uint64(b[8:])
		b = b[16:]
		if length > uint64(len(b)) {
			return io.ErrUnexpectedEOF
		}
		if err := visitRows(mem, c, b[:length], visit); err != nil {
			return err
		}
		b = b[length:]
	}
	return nil
}

func visitRows(mem memory.Allocator, c change, encoded []byte, visit func(change) error) error {
	if len(encoded) == 0 {
		return visit(c)
	}
	r, err := ipc.NewReader(bytes.NewReader(encoded), ipc.WithAllocator(mem))
	if err != nil {
		return err
	}
	defer r.Release()
	for r.Next() {
		c.rows = r.RecordBatch()
		if err := visit(c); err != nil {
			return err
		}
	}
	return r.Err()
}

// schemas are the columns of a table's changes: keys alone, and keys with values.
func schemas(s Spec) (keys, rows *arrow.Schema) {
	k, v := types.ArrowFields(s.Keys), types.ArrowFields(s.Values)
	return arrow.NewSchema(k, nil), arrow.NewSchema(append(append([]arrow.Field(nil), k...), v...), nil)
}

// puts gives the rows of these slots as a change.
func (t *table) puts(slots []int32) (change, error) {
	c := change{operator: t.spec.Operator, name: t.spec.Name, kind: put}
	_, schema := schemas(t.spec)
	values, err := t.payload.Read(slots)
	if err != nil {
		return c, err
	}
	c.rows = batch.Make(schema, append(t.groups.Keys(t.mem, slots), values...), len(slots))
	return c, nil
}

// changes encodes what changed since the last commit, in the order in which it is applied, in parts that nobody has to
// move as they become more.
func (t *table) changes() (parts [][]byte, err error) {
	add := func(c change) {
		if err == nil {
			var b []byte
			b, err = appendChange(nil, c)
			parts = append(parts, b)
		}
		if c.rows != nil {
			c.rows.Release()
		}
	}
	if t.evictedSet {
		add(change{operator: t.spec.Operator, name: t.spec.Name, kind: evict, upTo: t.evicted, instance: t.instance, instances: t.instances})
	}
	schema, _ := schemas(t.spec)
	for i, keys := range t.deleted {
		for _, k := range keys {
			k.Retain()
		}
		rows := batch.Make(schema, append([]arrow.Array(nil), keys...), t.deletedN[i])
		add(change{operator: t.spec.Operator, name: t.spec.Name, kind: remove, rows: rows})
	}
	if t.cold != nil && err == nil {
		err = t.cold.begin()
	}
	slots := t.changed()
	for lo := 0; lo < len(slots) && err == nil; lo += chunk {
		some := slots[lo:min(len(slots), lo+chunk)]
		c, failed := t.puts(some)
		if failed != nil {
			return parts, failed
		}
		if t.cold != nil {
			err = t.cold.put(c.rows, some)
		}
		add(c)
	}
	return parts, err
}

// chunk is how many rows one batch of a log or snapshot holds.
const chunk = 1 << 16
