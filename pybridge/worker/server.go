package worker

import (
	"encoding/json"
	"net"
	"os"
	"path/filepath"

	"google.golang.org/grpc"

	"pysparkcompat/engine/errs"
)

// window is what may be under way on a stream; a batch of wide rows must fit.
const (
	window      = 16 << 20
	biggestSend = 1 << 30
)

// server is the Unix socket that workers dial.
type server struct {
	dir  string
	grpc *grpc.Server
	// arrived is called with each worker's first message; it returns when the worker's stream may end.
	arrived func(token string, pid int, stream grpc.ServerStream)
}

func listen(arrived func(string, int, grpc.ServerStream)) (*server, error) {
	dir, err := os.MkdirTemp("", "pyspark-compat-") // mode 0700: only this user's processes may dial
	if err != nil {
		return nil, errs.Internal("no folder for the workers' socket: %v", err)
	}
	s := &server{dir: dir, arrived: arrived}
	l, err := net.Listen("unix", s.address())
	if err != nil {
		os.RemoveAll(dir)
		return nil, errs.Internal("the workers' socket cannot be opened: %v", err)
	}
	s.grpc = grpc.NewServer(grpc.ForceServerCodecV2(codec{}), grpc.MaxRecvMsgSize(biggestSend), grpc.MaxSendMsgSize(biggestSend),
		grpc.InitialWindowSize(window), grpc.InitialConnWindowSize(window), grpc.WriteBufferSize(1<<18), grpc.ReadBufferSize(1<<18))
	s.grpc.RegisterService(&grpc.ServiceDesc{
		ServiceName: "pyspark_compat.Worker",
		Streams:     []grpc.StreamDesc{{StreamName: "Serve", Handler: s.serve, ServerStreams: true, ClientStreams: true}},
	}, nil)
	go s.grpc.Serve(l) //nolint:errcheck // it ends by close, whose outcome is close's
	return s, nil
}

func (s *server) address() string { return filepath.Join(s.dir, "workers") }

func (s *server) serve(_ any, stream grpc.ServerStream) error {
	var first frame
	if err := stream.RecvMsg(&first); err != nil {
		return err
	}
	var who struct {
		PID   int    `json:"pid"`
		Token string `json:"token"`
	}
	if len(first.body) == 0 || first.body[0] != hello || json.Unmarshal(first.body[1:], &who) != nil {
		return errs.Internal("a worker's first message is no hello")
	}
	s.arrived(who.Token, who.PID, stream)
	return nil
}

func (s *server) close() {
	s.grpc.Stop()
	os.RemoveAll(s.dir)
}
