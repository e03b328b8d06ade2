package worker

import (
	"bufio"
	"io"
	"net"

	"github.com/apache/arrow-go/v18/arrow/memory"
	"google.golang.org/grpc"
)

// wire carries the frames of runs between this process and one worker. One goroutine may write while another reads.
// write has let go of its parts when it returns; read's body is the caller's to release, take's is Go's memory, the caller's
// to keep. All fail for good once the worker is gone.
type wire interface {
	write(kind byte, parts ...[]byte) error
	read() (kind byte, body *memory.Buffer, err error)
	take() (kind byte, body []byte, err error)
}

// rpcWire is the portable one: the worker's own gRPC stream.
type rpcWire struct{ stream grpc.ServerStream }

func (w *rpcWire) write(kind byte, parts ...[]byte) error {
	return w.stream.SendMsg(newFrame(kind, parts...))
}

func (w *rpcWire) read() (byte, *memory.Buffer, error) {
	kind, body, err := w.take()
	return kind, memory.NewBufferBytes(body), err
}

func (w *rpcWire) take() (byte, []byte, error) {
	var f frame
	if err := w.stream.RecvMsg(&f); err != nil {
		return 0, nil, err
	}
	return f.open()
}

// readAhead is how much a bulk wire reads to find headers; longer bodies are read where they stay.
const readAhead = 1 << 16

// bulkWire is a Unix socket: frames without gRPC's cost for each, written from and read into the columns' own memory.
type bulkWire struct {
	conn *net.UnixConn
	in   *bufio.Reader
	mem  memory.Allocator
}

func newBulkWire(conn *net.UnixConn, mem memory.Allocator) *bulkWire {
	return &bulkWire{conn: conn, in: bufio.NewReaderSize(conn, readAhead), mem: mem}
}

func (w *bulkWire) write(kind byte, parts ...[]byte) error {
	size := 0
	for _, p := range parts {
		size += len(p)
	}
	all := make(net.Buffers, 0, len(parts)+1)
	all = append(append(all, header(kind, size)), parts...)
	_, err := all.WriteTo(w.conn)
	return err
}

func (w *bulkWire) read() (byte, *memory.Buffer, error) {
	kind, size, err := w.head()
	if err != nil {
		return 0, nil, err
	}
	body := memory.NewResizableBuffer(w.mem)
	body.Resize(size)
	if _, err := io.ReadFull(w.in, body.Bytes()); err != nil {
		body.Release()
		return 0, nil, err
	}
	return kind, body, nil
}

func (w *bulkWire) take() (byte, []byte, error) {
	kind, size, err := w.head()
	if err != nil {
		return 0, nil, err
	}
	body := make([]byte, size)
	_, err = io.ReadFull(w.in, body)
	return kind, body, err
}

func (w *bulkWire) head() (kind byte, size int, err error) {
	h, err := w.in.Peek(headerSize)
	if err != nil {
		return 0, 0, err
	}
	kind, size, err = parseHeader(h)
	if err == nil {
		w.in.Discard(headerSize) //nolint:errcheck // it was peeked
	}
	return kind, size, err
}
