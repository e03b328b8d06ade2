package worker

import (
	"encoding/json"
	"errors"
	"io"
	"net"
	"os"
	"path/filepath"
	"sync"
	"time"

	"github.com/apache/arrow-go/v18/arrow/memory"
	"google.golang.org/grpc"

	"pysparkcompat/engine/errs"
)

const (
	// window is what may be under way on a gRPC stream; a batch of wide rows must fit.
	window      = 16 << 20
	biggestSend = 1<<31 - 1
	// socketBuffer is what the kernel is asked to hold on a bulk socket, each way.
	socketBuffer = 1 << 20
	tokenSize    = 32
	// addressLimit is what fits into a socket's address on every system.
	addressLimit = 100
	// greeting is how long a connection may take to say whose it is.
	greeting = 10 * time.Second
)

// server is the folder with the sockets that workers dial: gRPC, and the bulk one.
type server struct {
	dir  string
	grpc *grpc.Server
	mem  memory.Allocator
	// arrived is called with each worker once it is ready to work; the worker's stream ends when it returns.
	arrived func(*process)

	bulk   net.Listener
	mu     sync.Mutex
	dialed map[string]chan *net.UnixConn // by token: bulk connections that workers announced or made
	done   sync.WaitGroup
}

func listen(mem memory.Allocator, bulk bool, arrived func(*process)) (*server, error) {
	dir, err := folder()
	if err != nil {
		return nil, errs.Internal("no folder for the workers' sockets: %v", err)
	}
	s := &server{dir: dir, mem: mem, arrived: arrived, dialed: map[string]chan *net.UnixConn{}}
	l, err := net.Listen("unix", s.address())
	if err == nil && bulk {
		if s.bulk, err = net.Listen("unix", filepath.Join(dir, "bulk")); err != nil {
			l.Close()
		}
	}
	if err != nil {
		os.RemoveAll(dir)
		return nil, errs.Internal("the workers' sockets cannot be opened: %v", err)
	}
	s.grpc = grpc.NewServer(grpc.ForceServerCodecV2(codec{}), grpc.MaxRecvMsgSize(biggestSend), grpc.MaxSendMsgSize(biggestSend),
		grpc.InitialWindowSize(window), grpc.InitialConnWindowSize(window), grpc.WriteBufferSize(1<<18), grpc.ReadBufferSize(1<<18))
	s.grpc.RegisterService(&grpc.ServiceDesc{
		ServiceName: "pyspark_compat.Worker",
		Streams:     []grpc.StreamDesc{{StreamName: "Serve", Handler: s.serve, ServerStreams: true, ClientStreams: true}},
	}, nil)
	s.done.Add(1)
	go func() {
		defer s.done.Done()
		s.grpc.Serve(l) //nolint:errcheck // it ends by close, whose outcome is close's
	}()
	if s.bulk != nil {
		s.done.Add(1)
		go s.accept()
	}
	return s, nil
}

// folder makes one of mode 0700: only this user's processes may dial. Its path must fit into a socket's address.
func folder() (string, error) {
	dir, err := os.MkdirTemp("", "pyspark-compat-")
	if err != nil || len(dir) < addressLimit-len("/workers") {
		return dir, err
	}
	os.Remove(dir)
	return os.MkdirTemp("/tmp", "pyspark-compat-")
}

func (s *server) address() string { return filepath.Join(s.dir, "workers") }

// accept takes bulk connections; each begins with its worker's token.
func (s *server) accept() {
	defer s.done.Done()
	for {
		c, err := s.bulk.Accept()
		if errors.Is(err, net.ErrClosed) {
			return
		}
		if err != nil { // too many open files, which passes
			time.Sleep(10 * time.Millisecond)
			continue
		}
		s.done.Add(1)
		go s.greet(c.(*net.UnixConn))
	}
}

func (s *server) greet(c *net.UnixConn) {
	defer s.done.Done()
	c.SetReadDeadline(time.Now().Add(greeting)) //nolint:errcheck // the read would fail too
	var token [tokenSize]byte
	if _, err := io.ReadFull(c, token[:]); err != nil {
		c.Close()
		return
	}
	c.SetReadDeadline(time.Time{}) //nolint:errcheck // as above
	c.SetWriteBuffer(socketBuffer) //nolint:errcheck // a smaller one works too
	c.SetReadBuffer(socketBuffer)  //nolint:errcheck // as above
	s.mu.Lock()
	waiting := s.dialed[string(token[:])]
	delete(s.dialed, string(token[:]))
	s.mu.Unlock()
	if waiting == nil {
		c.Close() // nobody of ours
		return
	}
	waiting <- c
}

// serve is a worker's stream: it says who it is, is offered the bulk socket, and says whether it has dialled it.
func (s *server) serve(_ any, stream grpc.ServerStream) error {
	var who struct {
		PID   int    `json:"pid"`
		Token string `json:"token"`
	}
	if err := receive(stream, hello, &who); err != nil {
		return err
	}
	w := newProcess(who.Token, who.PID, stream)
	var path string
	dialed := make(chan *net.UnixConn, 1)
	if s.bulk != nil {
		path = s.bulk.Addr().String()
		s.mu.Lock()
		s.dialed[who.Token] = dialed
		s.mu.Unlock()
	}
	c, err := s.agree(stream, path, dialed)
	if err != nil {
		w.end()
		return err
	}
	if c != nil {
		w.bulk, w.wire = c, newBulkWire(c, s.mem)
	}
	s.arrived(w)
	return nil
}

// agree settles where a worker's batches go: a connection, or none for gRPC.
func (s *server) agree(stream grpc.ServerStream, path string, dialed chan *net.UnixConn) (*net.UnixConn, error) {
	body, err := json.Marshal(map[string]string{"socket": path})
	if err != nil {
		return nil, err
	}
	if err := stream.SendMsg(newFrame(offer, body)); err != nil {
		return nil, err
	}
	var answer struct {
		Bulk bool `json:"bulk"`
	}
	if err := receive(stream, agreed, &answer); err != nil {
		return nil, err
	}
	if !answer.Bulk {
		return nil, nil
	}
	select {
	case c := <-dialed:
		return c, nil
	case <-stream.Context().Done():
		return nil, stream.Context().Err()
	}
}

// receive reads a frame of JSON.
func receive(stream grpc.ServerStream, want byte, into any) error {
	var f frame
	if err := stream.RecvMsg(&f); err != nil {
		return err
	}
	kind, body, err := f.open()
	if err != nil {
		return err
	}
	if kind != want {
		return errs.Internal("a worker sent a frame of kind %q for %q", kind, want)
	}
	return json.Unmarshal(body, into)
}

func (s *server) close() {
	if s.bulk != nil {
		s.bulk.Close()
	}
	s.grpc.Stop()
	s.done.Wait()
	os.RemoveAll(s.dir)
}
