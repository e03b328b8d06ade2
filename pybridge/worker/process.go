package worker

import (
	"net"
	"os"
	"sync"
	"time"

	"google.golang.org/grpc"
)

// process is one worker.
type process struct {
	token  string
	pid    int
	handle *os.Process // knows the process, whoever gets its number later
	stream grpc.ServerStream
	bulk   *net.UnixConn // or nil
	wire   wire
	// over is closed when the process shall end or has ended: its gRPC stream is let go.
	over chan struct{}
	once sync.Once

	mu     sync.Mutex
	status string
	exited chan struct{} // closed once the launcher has told how it ended
}

func newProcess(token string, pid int, stream grpc.ServerStream) *process {
	w := &process{token: token, pid: pid, stream: stream, over: make(chan struct{}), exited: make(chan struct{})}
	w.handle, _ = os.FindProcess(pid) // never fails here: one that is gone gives a handle that says so
	w.wire = &rpcWire{stream}
	return w
}

// end kills the process and lets its streams go.
func (w *process) end() {
	w.once.Do(func() {
		if w.handle != nil {
			w.handle.Kill()    //nolint:errcheck // it may be gone
			w.handle.Release() //nolint:errcheck // nothing is to be done about it
		}
		if w.bulk != nil {
			w.bulk.Close()
		}
		close(w.over)
	})
}

// died notes how the process ended.
func (w *process) died(status string) {
	w.mu.Lock()
	w.status = status
	w.mu.Unlock()
	close(w.exited)
}

// fate says how the process ended, which its launcher tells soon after.
func (w *process) fate() string {
	limit := time.NewTimer(time.Second)
	defer limit.Stop()
	select {
	case <-w.exited:
	case <-limit.C:
		return "its connection ended"
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.status
}

// gone says that the process was ended or has ended.
func (w *process) gone() bool {
	select {
	case <-w.over:
		return true
	default:
		return false
	}
}
