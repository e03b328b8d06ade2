package callback_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"pysparkcompat/pybridge/callback"
)

func TestCallsOfALaneRunInOrderAndAreAnswered(t *testing.T) {
	q := callback.New()
	lane := q.Open()
	q.Post(lane, []byte("event"))
	answer := make(chan string)
	go func() {
		reply, err := q.Do(context.Background(), lane, []byte("call"))
		if err != nil {
			t.Error(err)
		}
		answer <- string(reply)
	}()
	for _, want := range []string{"event", "call"} {
		c, ended := q.Next(lane, time.Minute)
		if ended || string(c.Payload) != want {
			t.Fatalf("got %v (%v), want %s", c, ended, want)
		}
		q.Answer(c.ID, []byte("done "+want))
	}
	if got := <-answer; got != "done call" {
		t.Fatalf("answer %q", got)
	}
}

func TestNextEnds(t *testing.T) {
	q := callback.New()
	lane := q.Open()
	if c, ended := q.Next(lane, 0); c != nil || ended {
		t.Fatalf("an open, empty lane gave %v, %v", c, ended)
	}
	q.Post(lane, []byte("last"))
	q.CloseLane(lane)
	if c, ended := q.Next(lane, time.Minute); ended || string(c.Payload) != "last" {
		t.Fatalf("what waited before the close was lost: %v %v", c, ended)
	}
	if _, ended := q.Next(lane, time.Minute); !ended {
		t.Fatal("a closed lane goes on")
	}
	if _, err := q.Do(context.Background(), lane, nil); err == nil {
		t.Fatal("a call on a closed lane was accepted")
	}
}

func TestCallerIsFreed(t *testing.T) {
	q := callback.New()
	lane := q.Open()
	ctx, cancel := context.WithCancelCause(context.Background())
	stopped := errors.New("stopped")
	cancel(stopped)
	if _, err := q.Do(ctx, lane, nil); !errors.Is(err, stopped) {
		t.Fatalf("a cancelled caller got %v", err)
	}
	if c, _ := q.Next(lane, 0); c != nil {
		t.Fatalf("a call that was taken back ran: %v", c)
	}
	failed := make(chan error)
	go func() {
		_, err := q.Do(context.Background(), lane, nil)
		failed <- err
	}()
	if c, ended := q.Next(lane, time.Minute); c == nil || ended {
		t.Fatal("the second call did not arrive")
	}
	q.Close()
	if err := <-failed; err == nil {
		t.Fatal("a caller survived the close of its queue")
	}
}

// TestACallThatRunsIsWaitedFor: its caller has been stopped, and what it stops must not go on behind its back.
func TestACallThatRunsIsWaitedFor(t *testing.T) {
	for _, end := range []string{"answer", "abandon"} {
		q := callback.New()
		lane := q.Open()
		ctx, cancel := context.WithCancelCause(context.Background())
		stopped, freed := errors.New("stopped"), make(chan error, 1)
		go func() {
			_, err := q.Do(ctx, lane, nil)
			freed <- err
		}()
		c, _ := q.Next(lane, time.Minute)
		cancel(stopped)
		select {
		case err := <-freed:
			t.Fatalf("the caller went on with %v while its call ran", err)
		case <-time.After(20 * time.Millisecond):
		}
		if end == "answer" {
			q.Answer(c.ID, []byte("done"))
		} else {
			q.Abandon()
		}
		if err := <-freed; !errors.Is(err, stopped) {
			t.Fatalf("after %s: %v", end, err)
		}
	}
}
