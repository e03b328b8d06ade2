// Package dstream is streams of batches of RDDs: the graph, the clock, the batches, the receivers and the checkpoints.
//
// It is not where RDDs live: they are tokens, numbers that the driver's process gives, and all that is known of one is
// who made it and when. pybridge/connect is the Driver and passes calls on to Python. Invariants: one goroutine, the
// generator, owns the graph, so nothing of it is locked; a batch is generated on its time and in order, and its output
// operations run in order on as many job lanes as spark.streaming.concurrentJobs says; an error ends its batch, never
// the context; what a batch took from its sources is in a synced checkpoint or found again the same.
package dstream

import (
	"context"
	"fmt"
)

// Token is an RDD as the driver numbers it; None is no RDD.
type Token = int64

// None is what a node gives for a time without an RDD.
const None Token = 0

// Driver runs the user's functions. Compute, Restore and Checkpointed are called by the generator only, one at a time;
// Output by one goroutine for each lane; Event by one goroutine. They may block; when their context ends they return
// its cause. Forget and Warn are called from anywhere and do not block.
type Driver interface {
	// Compute makes the RDD of a node for a time.
	Compute(ctx context.Context, r *Request) (Token, error)
	// Restore makes the RDD that a checkpoint holds.
	Restore(ctx context.Context, node int, at int64, path string) (Token, error)
	// Checkpointed says where the RDDs were saved, "" for those that are not saved yet.
	Checkpointed(ctx context.Context, held []Held) ([]string, error)
	// Forget drops RDDs.
	Forget(dropped []Dropped)
	// Output runs an output operation over an RDD.
	Output(ctx context.Context, lane int, o *Output) error
	// Event tells the listeners and returns when all have heard it.
	Event(ctx context.Context, e *Event)
	Warn(text string)
}

// Request is what a node is computed from; which fields count depends on the node's kind.
type Request struct {
	Node int
	Kind Kind
	Time int64
	// Checkpoint asks the driver to mark the RDD for saving.
	Checkpoint bool
	Paths      []string
	Blocks     []Block
	// Tokens are the parents' RDDs, or those in the window, oldest first.
	Tokens []Token
	// Previous is the node's own RDD one slide before; Left and Came are the parent's that left the window and came in.
	Previous   Token
	Left, Came []Token
}

// Held is an RDD of a node at a time.
type Held struct {
	Node  int
	Time  int64
	Token Token
}

// Dropped is an RDD that nobody will ask for again.
type Dropped struct {
	Token     Token
	Unpersist bool
}

// Output is one output operation of a batch. Index counts the graph's operations, ID those of the batch.
type Output struct {
	Index, ID int
	Node      int
	Time      int64
	Token     Token
}

// Raised is what a function of the user's raised: ID is the driver's own number of it.
type Raised struct {
	ID   int64
	Text string
}

func (r *Raised) Error() string { return r.Text }

// State is where a context stands.
type State string

const (
	Initialized State = "INITIALIZED"
	Active      State = "ACTIVE"
	Stopped     State = "STOPPED"
)

// millis names a duration as Spark's messages do.
func millis(d int64) string { return fmt.Sprintf("%d ms", d) }
