package worker

import (
	"bufio"
	"context"
	"encoding/json"
	"io"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"sync"
	"syscall"
	"time"

	"pysparkcompat/engine/errs"
)

// Config says how Python processes are started.
type Config struct {
	// Python is the interpreter; Path and Dir are the driver's sys.path (none: the interpreter's own) and working directory.
	Python string
	Path   []string
	Dir    string
	// Env is added to this process' environment.
	Env []string
	// Package is the folder that holds pyspark_compat_worker.
	Package string
	// Setup is "module:function", called once before any worker is forked (the alias of pyspark), or empty.
	Setup string
	// Stderr takes what workers print; nil is this process' standard error.
	Stderr *os.File
	// NoBulk keeps batches on gRPC.
	NoBulk bool
}

// told is what a launcher tells the pool. Calls come one after another; lost is the last.
type told struct {
	failed func(token string, err error)
	died   func(token, status string)
	lost   func(err error)
}

// launcher is a Python process without threads that forks workers on demand. When this process dies it ends, by its
// death signal or because its standard input does, and kills them all.
type launcher struct {
	cmd    *exec.Cmd
	told   told
	in     io.WriteCloser
	out    *bufio.Reader
	errors tail
	mu     sync.Mutex    // for writing to in
	dead   chan struct{} // closed when its output has ended
	waited chan struct{} // closed when the process was waited for
}

// tail passes what is written on and keeps the end of it for messages.
type tail struct {
	mu   sync.Mutex
	to   *os.File
	last []byte
}

const tailSize = 4000

func (t *tail) Write(p []byte) (int, error) {
	t.mu.Lock()
	t.last = append(t.last, p...)
	t.last = t.last[max(0, len(t.last)-tailSize):]
	t.mu.Unlock()
	return t.to.Write(p)
}

func (t *tail) text() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	return strings.TrimSpace(string(t.last))
}

// reply is a line of the launcher's: it is ready, or a fork failed, or a worker has died.
type reply struct {
	Ready bool   `json:"ready"`
	Token string `json:"token"`
	Error string `json:"error"`
	Died  string `json:"died"`
}

// launch starts a launcher and waits until it has imported what workers need.
func launch(ctx context.Context, c Config, socket string, t told) (*launcher, error) {
	l := &launcher{told: t, dead: make(chan struct{}), waited: make(chan struct{})}
	if err := l.prepare(c, socket); err != nil {
		return nil, err
	}
	if err := l.start(); err != nil {
		return nil, startFailed(c.Python, err.Error())
	}
	ctx, cancel := context.WithTimeout(ctx, startLimit)
	defer cancel()
	stop := context.AfterFunc(ctx, l.kill)
	line, err := l.read()
	if !stop() {
		err = context.Cause(ctx)
	}
	if err == nil && line.Ready {
		go l.listen()
		return l, nil
	}
	l.in.Close()
	l.kill()
	for l.lives() {
		l.read() //nolint:errcheck // its end is what counts
	}
	<-l.waited
	switch {
	case err == nil:
		return nil, startFailed(c.Python, line.Error)
	case l.errors.text() != "":
		return nil, startFailed(c.Python, l.errors.text())
	case err == io.EOF:
		return nil, startFailed(c.Python, "it ended with "+l.cmd.ProcessState.String())
	}
	return nil, startFailed(c.Python, err.Error())
}

// prepare makes the command. Standard error passes through here until the launcher is ready; then it and its workers
// write straight to where it goes, which is their file 3.
func (l *launcher) prepare(c Config, socket string) error {
	settings, err := json.Marshal(map[string]any{"socket": socket, "path": c.Path, "setup": c.Setup})
	if err != nil {
		return errs.Internal("launcher settings: %v", err)
	}
	// -P: the working directory's files must not stand before the standard library
	l.cmd = exec.Command(c.Python, "-P", "-u", "-c",
		"import sys; sys.path.insert(0, sys.argv[1]); from pyspark_compat_worker.launcher import main; main()", c.Package)
	l.cmd.Dir = c.Dir
	l.errors.to = c.Stderr
	if c.Stderr == nil {
		l.errors.to = os.Stderr
	}
	l.cmd.Stderr, l.cmd.ExtraFiles = &l.errors, []*os.File{l.errors.to}
	l.cmd.WaitDelay = time.Second
	// a group of its own: Ctrl-C in the terminal is the driver's to handle
	l.cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGTERM}
	l.cmd.Env = append(append(os.Environ(), c.Env...), "PYSPARK_COMPAT_WORKER="+string(settings))
	if os.Getenv("PYTHONHASHSEED") == "" {
		l.cmd.Env = append(l.cmd.Env, "PYTHONHASHSEED=0") // as PySpark: hash partitioning must agree between workers
	}
	if l.in, err = l.cmd.StdinPipe(); err != nil {
		return errs.Internal("launcher: %v", err)
	}
	out, err := l.cmd.StdoutPipe()
	if err != nil {
		return errs.Internal("launcher: %v", err)
	}
	l.out = bufio.NewReader(out)
	return nil
}

// start starts the process from a thread that stays until it ends: a death signal is sent when the thread ends that
// made the process.
func (l *launcher) start() error {
	started := make(chan error)
	go func() {
		runtime.LockOSThread()
		defer runtime.UnlockOSThread()
		err := l.cmd.Start()
		started <- err
		if err == nil {
			<-l.dead     // Wait closes the pipe that is read until then
			l.cmd.Wait() //nolint:errcheck // how it ended is in ProcessState
			close(l.waited)
		}
	}()
	return <-started
}

func (l *launcher) kill() { l.cmd.Process.Kill() } //nolint:errcheck // it may have ended by now

// read takes a line; at the end it says that the process is dead.
func (l *launcher) read() (r reply, err error) {
	line, err := l.out.ReadBytes('\n')
	if err != nil {
		close(l.dead)
		return r, err
	}
	if err := json.Unmarshal(line, &r); err != nil {
		return r, errs.Internal("the launcher said %q", line)
	}
	return r, nil
}

// listen passes on what the launcher says.
func (l *launcher) listen() {
	for {
		r, err := l.read()
		switch {
		case err != nil && l.lives(): // a line that is none
			l.kill()
		case err != nil:
			<-l.waited
			l.told.lost(startFailed(l.cmd.Path, "the process that starts workers ended with "+l.cmd.ProcessState.String()))
			return
		case r.Error != "":
			l.told.failed(r.Token, startFailed(l.cmd.Path, r.Error))
		case r.Died != "":
			l.told.died(r.Token, r.Died)
		}
	}
}

func (l *launcher) lives() bool {
	select {
	case <-l.dead:
		return false
	default:
		return true
	}
}

// fork asks for a worker that will say hello with the token; preload are modules to import before it is forked.
func (l *launcher) fork(token string, preload []string) {
	request, _ := json.Marshal(map[string]any{"fork": token, "preload": preload}) // strings
	l.mu.Lock()
	_, err := l.in.Write(append(request, '\n'))
	l.mu.Unlock()
	if err != nil { // it is gone, or deaf: who asked must find it dead, not only its input closed
		l.kill()
		<-l.dead
	}
	if !l.lives() {
		l.told.failed(token, startFailed(l.cmd.Path, "the process that starts workers has ended"))
	}
}

// close ends the launcher and with it all workers.
func (l *launcher) close() {
	l.mu.Lock()
	l.in.Write([]byte("{\"end\": true}\n")) //nolint:errcheck // a process forked from this one may hold the pipe open
	l.in.Close()
	l.mu.Unlock()
	limit := time.AfterFunc(2*time.Second, l.kill)
	<-l.waited
	limit.Stop()
}
