package dstream_test

import (
	"context"
	"errors"
	"fmt"
	"net"
	"strings"
	"sync"
	"testing"

	"pysparkcompat/engine/clock"
	"pysparkcompat/engine/dstream"
	"pysparkcompat/engine/vfs"
)

// host is the other end of receivers: each connection is handed to the test.
type host struct {
	mu     sync.Mutex
	refuse error
	conns  chan net.Conn
}

func newHost() *host { return &host{conns: make(chan net.Conn, 10)} }

func (h *host) dial(_ context.Context, address string) (net.Conn, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.refuse != nil {
		return nil, h.refuse
	}
	if address != "somewhere:99" {
		return nil, errors.New("unexpected address " + address)
	}
	mine, theirs := net.Pipe()
	h.conns <- mine
	return theirs, nil
}

// receiving is a rig with a socket stream that puts out what it got.
func receiving(t *testing.T, h *host, settings map[string]string) *rig {
	r := newRig(t, settings, func(c *dstream.Config) { c.Dial = h.dial })
	r.Listen(true)
	if settings["spark.streaming.receiver.writeAheadLog.enable"] == "true" {
		if err := r.Checkpoint("/ck"); err != nil {
			t.Fatal(err)
		}
	}
	r.out(r.node(dstream.Spec{Kind: dstream.Socket, Host: "somewhere", Port: 99}))
	return r
}

// send writes to a receiver and, by a second write, waits until it has taken the first.
func send(t *testing.T, c net.Conn, text string) {
	t.Helper()
	for _, part := range []string{text, ""} {
		if part == "" {
			part = "\n" // an empty line, read once all before it is stored
		}
		if _, err := c.Write([]byte(part)); err != nil {
			t.Fatal(err)
		}
	}
}

func (d *toy) receivers(name string) (out []dstream.ReceiverInfo) {
	for _, e := range told[dstream.ReceiverEvent](d, name) {
		out = append(out, e.Receiver)
	}
	return out
}

func TestLinesOfASocket(t *testing.T) {
	h := newHost()
	r := receiving(t, h, nil)
	r.begin()
	c := <-h.conns
	// Java's line ends, bytes that are no UTF-8, and a letter in two packets
	for _, part := range []string{"a\nb\r\nc\r", "\nd\re\xff\xfe\n", "\xc3", "\xa9\n" + strings.Repeat("x", 300) + "\n", "rest"} {
		if _, err := c.Write([]byte(part)); err != nil {
			t.Fatal(err)
		}
	}
	c.Close()
	for len(r.toy.receivers(dstream.ReceiverStopped)) == 0 { // the rest is a line once the host has gone
		r.Settle(nil)
	}
	r.to(1000)
	r.wants("1000#0: a1 b1 c1 d1 e\ufffd\ufffd1 rest1 " + strings.Repeat("x", 300) + "1 é1")
	if b := r.toy.batches(dstream.BatchCompleted)[0]; b.NumRecords != 8 || b.Inputs[0].NumRecords != 8 {
		t.Errorf("%+v", b)
	}
	stopped := r.toy.receivers(dstream.ReceiverStopped)[0]
	if stopped.Active || stopped.LastErrorMessage != "Restarting receiver with delay 2000ms: Socket data stream had no more data" || stopped.LastErrorTime != -1 {
		t.Errorf("%+v", stopped)
	}
	r.to(2900) // two seconds after 900
	c = <-h.conns
	send(t, c, "again\n")
	r.to(3000)
	if got := r.toy.seen(); !strings.Contains(got[len(got)-1], "again1") {
		t.Errorf("%v", got)
	}
	c.Close()
}

func TestARefusingHostIsToldAndTriedAgain(t *testing.T) {
	h := newHost()
	h.refuse = errors.New("connection refused")
	r := receiving(t, h, nil)
	r.begin()
	for len(r.toy.receivers(dstream.ReceiverStopped)) == 0 {
		r.Settle(nil)
	}
	failed := r.toy.receivers(dstream.ReceiverError)
	if len(failed) != 1 || failed[0].Name != "SocketReceiver-0" || failed[0].LastError != "connection refused" || failed[0].LastErrorTime != 900 ||
		failed[0].LastErrorMessage != "Restarting receiver with delay 2000ms: Error connecting to somewhere:99" {
		t.Errorf("%+v", failed)
	}
	names := r.toy.heard()
	if got := strings.Join(names, " "); !strings.Contains(got, "receiverStarted receiverError receiverStopped") {
		t.Error(got)
	}
	h.mu.Lock()
	h.refuse = nil
	h.mu.Unlock()
	r.to(2900)
	c := <-h.conns
	send(t, c, "a\n")
	r.to(3000)
	if got := r.toy.seen(); !strings.Contains(got[len(got)-1], "a1") {
		t.Errorf("%v", got)
	}
	c.Close()
}

// TestBlocksAreCutByTheInterval on a clock that moves: what is in hand at a batch's time belongs to the next one.
func TestBlocksAreCutByTheInterval(t *testing.T) {
	h := newHost()
	var hand hands
	r := newRig(t, nil, func(c *dstream.Config) {
		c.Dial = h.dial
		hand = hands{c.Clock.(*clock.Manual)}
		c.Clock = hand
	})
	r.out(r.node(dstream.Spec{Kind: dstream.Socket, Host: "somewhere", Port: 99}))
	r.begin()
	c := <-h.conns
	send(t, c, "a\n")
	hand.Waiters(2) // the batch at 1000 and the block at 1100
	r.to(1000)
	r.wants("1000#0: ")
	hand.Waiters(2)
	r.to2(1100)
	hand.Waiters(2) // the block is cut
	r.to(2000)
	if got := r.toy.seen()[1]; !strings.Contains(got, "a1") {
		t.Error(got)
	}
	c.Close()
}

func TestAGracefulStopTakesAllThatWasReceived(t *testing.T) {
	h := newHost()
	r := receiving(t, h, nil)
	r.begin()
	c := <-h.conns
	send(t, c, "a\nb\n")
	r.Stop(true, -1)
	<-r.Done()
	if got := strings.Join(r.toy.seen(), "\n"); !strings.Contains(got, "a1 b1") {
		t.Error(got)
	}
	if n := len(r.toy.receivers(dstream.ReceiverStopped)); n != 1 {
		t.Errorf("%d receivers stopped", n)
	}
	c.Close()
}

var logged = map[string]string{"spark.streaming.receiver.writeAheadLog.enable": "true"}

func TestTheLogNeedsAFolder(t *testing.T) {
	r := newRig(t, logged)
	r.out(r.node(dstream.Spec{Kind: dstream.Socket, Host: "somewhere", Port: 99}))
	if _, err := r.Start(dstream.Begin{}); err == nil || !strings.Contains(err.Error(), "Cannot enable receiver write-ahead log") {
		t.Fatal(err)
	}
}

// TestLoggedDataSurvivesACrash: what a batch took it takes again, what no batch took the next one gets, once.
func TestLoggedDataSurvivesACrash(t *testing.T) {
	h := newHost()
	r := receiving(t, h, logged)
	r.toy.before = func(what string) error {
		if what == "2000#0" {
			return errors.New("the crash comes first")
		}
		return nil
	}
	r.begin()
	c := <-h.conns
	send(t, c, "a\n")
	r.to(1000)
	send(t, c, "b\n")
	r.to(2000)
	send(t, c, "c\n")
	r.to2(2900) // a block without a batch
	for !strings.Contains(strings.Join(logs(t, r.fs), " "), "log-") || r.Blocks() < 3 {
		r.Settle(nil)
	}
	r.halt()
	r.fs.(*vfs.Memory).Crash()
	h.conns = make(chan net.Conn, 10)
	r.recover()
	r.to(3000)
	got := newest(r.toy.seen())
	if got["2000#0"] != "1 b1" && !strings.Contains(got["2000#0"], "b1") || !strings.Contains(got["3000#0"], "c1") || strings.Contains(got["3000#0"], "b1") {
		t.Errorf("after the crash: %v", r.toy.seen())
	}
	c.Close()
}

func logs(t *testing.T, fs vfs.FS) (out []string) {
	t.Helper()
	entries, err := fs.ReadDir("/ck/receivedData")
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		out = append(out, e.Name())
	}
	return out
}

func TestTheLogIsCleaned(t *testing.T) {
	h := newHost()
	r := receiving(t, h, map[string]string{"spark.streaming.receiver.writeAheadLog.enable": "true",
		"spark.streaming.receiver.writeAheadLog.rollingIntervalSecs": "2"})
	r.begin()
	c := <-h.conns
	for ms := int64(1000); ms <= 20_000; ms += 1000 {
		send(t, c, fmt.Sprintf("w%d\n", ms))
		r.to(ms)
	}
	if n := logs(t, r.fs); len(n) == 0 || len(n) > 4 {
		t.Errorf("after twenty batches the logs are %v", n)
	}
	c.Close()
}

// TestALogThatFailsLosesNothing: the block is tried again and comes once.
func TestALogThatFailsLosesNothing(t *testing.T) {
	for _, op := range []string{"write", "sync"} {
		h := newHost()
		r := receiving(t, h, logged)
		r.halt()
		fs := &failing{FS: r.fs, op: op + " /ck/receivedData/log-1", from: r.clock}
		r.made = func(c *dstream.Config) { c.Dial, c.FS = h.dial, fs }
		r.open(nil)
		r.Listen(true)
		if err := r.Checkpoint("/ck"); err != nil {
			t.Fatal(err)
		}
		r.out(r.node(dstream.Spec{Kind: dstream.Socket, Host: "somewhere", Port: 99}))
		r.begin()
		c := <-h.conns
		send(t, c, "a\n")
		r.to(1000)
		send(t, c, "b\n")
		r.to(2000) // fails
		if len(r.toy.receivers(dstream.ReceiverError)) == 0 {
			t.Errorf("%s: nobody was told", op)
		}
		r.to(3000)
		r.to(4000)
		all := strings.Join(r.toy.seen(), "\n")
		if strings.Count(all, "b1") != 1 || strings.Count(all, "a1") != 1 {
			t.Errorf("%s: %s", op, all)
		}
		r.halt()
		r.fs.(*vfs.Memory).Crash()
		c.Close()
	}
}

func TestALimitedReceiver(t *testing.T) {
	h := newHost()
	r := receiving(t, h, map[string]string{"spark.streaming.receiver.maxRate": "10"})
	r.begin()
	c := <-h.conns
	sent := make(chan struct{})
	go func() {
		defer close(sent)
		for range 100 {
			if _, err := c.Write([]byte("a\n")); err != nil {
				return
			}
		}
	}()
	most, total := int64(0), int64(0)
	for ms := int64(1000); ms <= 5000; ms += 100 {
		r.clock.Waiters(3) // the batch, the block, the next record
		r.to(ms)
	}
	for _, b := range r.toy.batches(dstream.BatchCompleted) {
		most, total = max(most, b.NumRecords), total+b.NumRecords
	}
	if most > 20 || total < 20 || total > 60 {
		t.Errorf("in five seconds %d records, at most %d a batch", total, most)
	}
	c.Close()
	<-sent
}
