package sink

import (
	"context"
	"fmt"
	"hash/fnv"
	"strconv"
	"strings"
	"sync"

	"github.com/apache/arrow-go/v18/arrow"

	"pysparkcompat/engine/errs"
	"pysparkcompat/engine/format"
)

// console shows the first rows of each epoch.
type console struct {
	env  *Env
	show format.ShowOptions
	held gather
	mu   sync.Mutex
	kept map[int]int // rows kept, by instance
}

func openConsole(_ context.Context, e *Env) (Sink, error) {
	c := &console{env: e, show: format.ShowOptions{Rows: 20, Truncate: 20}}
	if v, ok := e.option("numRows"); ok {
		n, err := strconv.Atoi(v)
		if err != nil {
			return nil, errs.New(errs.Unnamed+"OPTION_NUMBER", "value", v, "option", "numRows")
		}
		c.show.Rows = n
	}
	if v, ok := e.option("truncate"); ok {
		b, err := strconv.ParseBool(strings.ToLower(v))
		if err != nil {
			return nil, errs.New(errs.Unnamed+"OPTION_BOOL", "value", v, "option", "truncate")
		}
		if !b {
			c.show.Truncate = 0
		}
	}
	return c, nil
}

func (c *console) Begin(context.Context, int64) (bool, error) {
	c.held.begin()
	c.mu.Lock()
	defer c.mu.Unlock()
	c.kept = map[int]int{}
	return false, nil
}

func (c *console) Writer(_ context.Context, _ int64, instance int) (Writer, error) {
	return &consoleWriter{c, instance, c.held.writer(instance)}, nil
}

// consoleWriter keeps one row more than is shown, which tells that there are more.
type consoleWriter struct {
	c        *console
	instance int
	*gatherWriter
}

func (w *consoleWriter) Write(ctx context.Context, b arrow.RecordBatch) error {
	w.c.mu.Lock()
	n := min(int64(max(w.c.show.Rows, 0)+1-w.c.kept[w.instance]), b.NumRows())
	w.c.kept[w.instance] += int(max(n, 0))
	w.c.mu.Unlock()
	if n > 0 {
		piece := b.NewSlice(0, n)
		defer piece.Release()
		return w.gatherWriter.Write(ctx, piece)
	}
	return nil
}

const consoleRule = "-------------------------------------------\n"

func (c *console) Commit(ctx context.Context, epoch int64) error {
	rows := c.held.take()
	defer release(rows)
	text, err := format.Show(c.env.Schema, rows, c.env.Zone, c.show)
	if err != nil {
		return err
	}
	return c.env.Print(ctx, epoch, consoleRule+"Batch: "+strconv.FormatInt(epoch, 10)+"\n"+consoleRule+text+"\n")
}

func (c *console) Abort(int64) error {
	release(c.held.take())
	return nil
}

// Describe ends in what is an object's identity in PySpark: a number that differs between queries.
func (c *console) Describe() string {
	h := fnv.New32a()
	fmt.Fprintf(h, "%p", c)
	return fmt.Sprintf("org.apache.spark.sql.execution.streaming.ConsoleTable$@%x", h.Sum32())
}
func (c *console) Idempotent() bool { return false }
func (c *console) RowsKnown() bool  { return true }
func (c *console) Close() error {
	release(c.held.take())
	return nil
}
