package worker

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/apache/arrow-go/v18/arrow/memory"

	"pysparkcompat/engine/types"
	"pysparkcompat/engine/udf"
)

// victimVariable tells this test's binary to be a process that is killed while its workers run user code.
const victimVariable = "WORKER_TEST_VICTIM"

func TestMain(m *testing.M) {
	if how := os.Getenv(victimVariable); how != "" {
		if err := victim(how); err != nil {
			fmt.Println(err)
			os.Exit(1)
		}
		return
	}
	os.Exit(m.Run())
}

// family is what a victim says of its processes.
type family struct {
	Launcher int
	Workers  []int
	Holder   int // keeps the launcher's pipe open, as a process forked from a driver does
	Folder   string
}

// victim starts workers, tells who they are, and waits to be killed.
func victim(how string) error {
	var c struct {
		Config  Config
		Command []byte
	}
	if err := json.Unmarshal([]byte(os.Getenv("WORKER_TEST_CONFIG")), &c); err != nil {
		return err
	}
	p := New(c.Config, memory.DefaultAllocator)
	ctx := context.Background()
	if how == "starting" {
		p.Warm()
		return tell(family{})
	}
	spec := udf.Spec{Kind: udf.Scalar, Input: structOf("x"), Output: structOf("y"), Keep: []int{0},
		Functions: []udf.Function{{Name: "f", Command: c.Command, Args: []int{0}, Out: structOf("y").Fields[0].Type}}}
	for range 3 {
		i, err := p.Open(ctx, spec)
		if err != nil {
			return err
		}
		if err := i.Send(ctx, longs(0, 1)); err != nil {
			return err
		}
		if how == "idle" {
			if err := i.Finish(ctx); err != nil {
				return err
			}
			if _, err := i.Receive(ctx, true); err != nil {
				return err
			}
		}
	}
	f := family{Launcher: p.base.launcher.cmd.Process.Pid, Workers: p.PIDs(), Folder: p.base.server.dir}
	if how == "held" {
		holder := exec.Command("sleep", "1000")
		holder.ExtraFiles = []*os.File{p.base.launcher.in.(*os.File)}
		if err := holder.Start(); err != nil {
			return err
		}
		f.Holder = holder.Process.Pid
	}
	return tell(f)
}

func tell(f family) error {
	text, err := json.Marshal(f)
	fmt.Printf("%s\n", text)
	io.Copy(io.Discard, os.Stdin) //nolint:errcheck // the end is a signal
	return err
}

// Nothing outlives a driver that is killed, not even inside user code that never returns.
func TestDriverKilled(t *testing.T) {
	endless := "def f(x):\n  while True: pass"
	cases := map[string]string{
		"endless": endless, "held": endless,
		"in C": "import time\nf = lambda x: time.sleep(10000)",
		"deaf": "import os, signal\ndef f(x):\n  for s in range(1, 32):\n    if s not in (9, 19): signal.signal(s, signal.SIG_IGN)\n  while True: pass",
		"idle": "f = lambda x: x",
	}
	for name, source := range cases {
		t.Run(name, func(t *testing.T) {
			f := kill(t, name, config(t), source)
			if len(f.Workers) != 3 || f.Launcher == 0 {
				t.Fatalf("%+v", f)
			}
			for _, pid := range append(f.Workers, f.Launcher) {
				gone(t, pid, time.Second)
			}
			if f.Holder != 0 {
				if !alive(f.Holder) {
					t.Error("the pipe's holder did not hold it")
				}
				syscall.Kill(f.Holder, syscall.SIGKILL) //nolint:errcheck // it lives
			}
			if _, err := os.Stat(f.Folder); !os.IsNotExist(err) {
				t.Errorf("%s is left: %v", f.Folder, err)
			}
		})
	}
}

// A driver that is killed while its launcher imports takes it along.
func TestDriverKilledWhileStarting(t *testing.T) {
	c := config(t)
	marker := filepath.Join(t.TempDir(), "pid")
	if err := syscall.Mkfifo(marker, 0o600); err != nil {
		t.Fatal(err)
	}
	beside := t.TempDir()
	slow := fmt.Sprintf("import os, time\ndef go():\n  open(%q, 'w').write(str(os.getpid()))\n  time.sleep(1000)\n", marker)
	if err := os.WriteFile(filepath.Join(beside, "slow_setup.py"), []byte(slow), 0o600); err != nil {
		t.Fatal(err)
	}
	c.Path, c.Setup = append(paths(t), beside), "slow_setup:go"
	cmd, out := startVictim(t, "starting", c, nil)
	text, err := os.ReadFile(marker) // until the set-up function has written it
	if err != nil {
		t.Fatal(err)
	}
	out.ReadString('\n') //nolint:errcheck // it says nothing of use
	cmd.Process.Kill()   //nolint:errcheck // it lives
	cmd.Wait()           //nolint:errcheck // it was killed
	var pid int
	fmt.Sscan(string(text), &pid)
	gone(t, pid, time.Second)
}

// structOf is a column of longs.
func structOf(name string) types.Struct {
	return types.Struct{Fields: []types.Field{{Name: name, Type: types.Long, Nullable: true}}}
}

func startVictim(t *testing.T, how string, c Config, command []byte) (*exec.Cmd, *bufio.Reader) {
	t.Helper()
	text, err := json.Marshal(struct {
		Config  Config
		Command []byte
	}{c, command})
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), victimVariable+"="+how, "WORKER_TEST_CONFIG="+string(text))
	cmd.Stderr = os.Stderr
	stdin, err := cmd.StdinPipe() // kept open: its end would end the victim
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { stdin.Close() })
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	return cmd, bufio.NewReader(out)
}

// kill starts a victim, waits until its workers are busy and kills it.
func kill(t *testing.T, how string, c Config, source string) (f family) {
	t.Helper()
	cmd, out := startVictim(t, how, c, pickle(t, source))
	line, err := out.ReadString('\n')
	if err != nil || !strings.HasPrefix(line, "{") {
		t.Fatalf("the victim said %q %v", line, err)
	}
	if err := json.Unmarshal([]byte(line), &f); err != nil {
		t.Fatal(err)
	}
	for _, pid := range append(f.Workers, f.Launcher) {
		if !alive(pid) {
			t.Errorf("process %d has ended before", pid)
		}
	}
	cmd.Process.Kill() //nolint:errcheck // it lives
	cmd.Wait()         //nolint:errcheck // it was killed
	return f
}
