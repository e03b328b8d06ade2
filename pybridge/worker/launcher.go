package worker

import (
	"bufio"
	"encoding/json"
	"io"
	"os"
	"os/exec"
	"strings"
	"sync"
	"syscall"
	"time"

	"pysparkcompat/engine/errs"
)

// Config says how Python processes are started.
type Config struct {
	// Python is the interpreter; Path and Dir are the driver's sys.path and working directory.
	Python string
	Path   []string
	Dir    string
	// Env is added to this process' environment.
	Env []string
	// Package is the folder that holds pyspark_compat_worker.
	Package string
	// Setup is "module:function", called once before any worker is forked (the alias of pyspark), or empty.
	Setup string
}

// launcher is a Python process without threads that forks workers on demand. When its standard input ends, which
// is when this process dies, it kills them all and ends.
type launcher struct {
	cmd   *exec.Cmd
	in    io.WriteCloser
	mu    sync.Mutex
	lines *bufio.Reader
	tail  tailWriter
}

// tailWriter passes standard error on and keeps the end of it for messages.
type tailWriter struct {
	mu   sync.Mutex
	last []byte
}

func (t *tailWriter) Write(p []byte) (int, error) {
	t.mu.Lock()
	t.last = append(t.last, p...)
	if len(t.last) > 2000 {
		t.last = t.last[len(t.last)-2000:]
	}
	t.mu.Unlock()
	return os.Stderr.Write(p)
}

func (t *tailWriter) text() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	return strings.TrimSpace(string(t.last))
}

// launch starts the launcher; the first fork waits for its imports.
func launch(c Config, socket string) (*launcher, error) {
	l := &launcher{}
	l.cmd = exec.Command(c.Python, "-u", "-c",
		"import sys; sys.path.insert(0, sys.argv[1]); from pyspark_compat_worker.launcher import main; main()", c.Package)
	l.cmd.Dir = c.Dir
	l.cmd.Stderr = &l.tail
	// a group of its own: Ctrl-C in the terminal is the driver's to handle
	l.cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	settings, err := json.Marshal(map[string]any{"socket": socket, "path": c.Path, "setup": c.Setup})
	if err != nil {
		return nil, errs.Internal("launcher settings: %v", err)
	}
	l.cmd.Env = append(os.Environ(), c.Env...)
	l.cmd.Env = append(l.cmd.Env, "PYSPARK_COMPAT_WORKER="+string(settings))
	if os.Getenv("PYTHONHASHSEED") == "" {
		l.cmd.Env = append(l.cmd.Env, "PYTHONHASHSEED=0") // as PySpark: hash partitioning must agree between workers
	}
	if l.in, err = l.cmd.StdinPipe(); err != nil {
		return nil, errs.Internal("launcher: %v", err)
	}
	out, err := l.cmd.StdoutPipe()
	if err != nil {
		return nil, errs.Internal("launcher: %v", err)
	}
	l.lines = bufio.NewReader(out)
	if err := l.cmd.Start(); err != nil {
		return nil, errs.New("PYTHON_WORKER_START_FAILED", "python", c.Python, "reason", err.Error())
	}
	return l, nil
}

// fork asks for a worker that will say hello with the token; preload are modules to import before it is forked.
func (l *launcher) fork(token string, preload []string) (pid int, err error) {
	request, err := json.Marshal(map[string]any{"fork": token, "preload": preload})
	if err != nil {
		return 0, errs.Internal("launcher: %v", err)
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if _, err := l.in.Write(append(request, '\n')); err != nil {
		return 0, l.died(err)
	}
	line, err := l.lines.ReadBytes('\n')
	if err != nil {
		return 0, l.died(err)
	}
	var reply struct {
		PID   int    `json:"pid"`
		Error string `json:"error"`
	}
	if err := json.Unmarshal(line, &reply); err != nil {
		return 0, errs.Internal("the launcher said %q", line)
	}
	if reply.Error != "" {
		return 0, errs.New("PYTHON_WORKER_START_FAILED", "python", l.cmd.Path, "reason", reply.Error)
	}
	return reply.PID, nil
}

func (l *launcher) died(err error) error {
	reason := l.tail.text()
	if reason == "" {
		reason = err.Error()
	}
	return errs.New("PYTHON_WORKER_START_FAILED", "python", l.cmd.Path, "reason", reason)
}

// close ends the launcher and with it all workers.
func (l *launcher) close() {
	l.in.Close()
	done := make(chan struct{})
	go func() {
		l.cmd.Wait() //nolint:errcheck // how it ended does not matter
		close(done)
	}()
	select {
	case <-done:
	case <-time.After(2 * time.Second):
		l.cmd.Process.Kill() //nolint:errcheck // it may have ended by now
		<-done
	}
}
