package exec

import (
	"context"

	"github.com/apache/arrow-go/v18/arrow"

	"pysparkcompat/engine/batch"
	"pysparkcompat/engine/errs"
	"pysparkcompat/engine/internal/invariants"
)

// link is one operator of an instance, joined to the next by direct calls.
type link struct {
	op    Operator
	node  *Node
	t     *task
	up    *link // nil at the root
	port  int   // of up
	below []*link
	emit  Emit
	ended int  // ports that have seen End in this epoch
	began bool // for invariants
}

// newLink makes a node's operator and those of its stage below it.
func (t *task) newLink(n *Node, up *link, port int) (*link, error) {
	op, err := n.Make(t.instance)
	if err != nil {
		return nil, err
	}
	l := &link{op: op, node: n, t: t, up: up, port: port}
	t.links = append(t.links, l)
	l.emit = t.out
	if up != nil {
		l.emit = func(b arrow.RecordBatch) error { return up.process(port, b) }
	}
	if invariants.Enabled && n.Schema != nil {
		l.emit = l.checked(l.emit)
	}
	for i, f := range n.Inputs {
		child, err := t.newFeed(f, l, i)
		if err != nil {
			return nil, err
		}
		if child != nil {
			l.below = append(l.below, child)
		}
	}
	return l, nil
}

// newFeed makes a node below, or notes an input of the stage.
func (t *task) newFeed(f Feed, up *link, port int) (*link, error) {
	if n, ok := f.(*Node); ok {
		return t.newLink(n, up, port)
	}
	t.mouths = append(t.mouths, mouth{into: up, port: port})
	return nil, nil
}

// process gives a batch to the operator, unless the run is over: an operator may have very many to emit.
func (l *link) process(port int, b arrow.RecordBatch) error {
	if invariants.Enabled {
		l.check(port, b)
	}
	if err := l.t.ctx.Err(); err != nil {
		return err
	}
	if l.up == nil {
		l.t.rows += b.NumRows()
	}
	return l.give(port, b)
}

// give gives a batch, and again in halves where the operator found it too large, having done nothing with it for good.
func (l *link) give(port int, b arrow.RecordBatch) error {
	err := l.op.Process(l.t.ctx, port, b, l.emit)
	if err != batch.TooLarge {
		return err
	}
	return inParts(0, int(b.NumRows()), func(lo, hi int) error {
		if lo == 0 && hi == int(b.NumRows()) {
			return batch.TooLarge
		}
		part := b.NewSlice(int64(lo), int64(hi))
		defer part.Release()
		return l.op.Process(l.t.ctx, port, part, l.emit)
	})
}

func (l *link) check(port int, b arrow.RecordBatch) {
	invariants.Check(l.began, "rows come to %s before its epoch begins", l.op.Explain())
	invariants.Check(port < len(l.node.Inputs) && port >= l.ended, "rows come to port %d of %s, which has ended or is none", port, l.op.Explain())
	for i, c := range b.Columns() {
		invariants.Check(c.Len() == int(b.NumRows()), "column %d has %d of %d rows", i, c.Len(), b.NumRows())
		for _, buf := range c.Data().Buffers() {
			invariants.Check(buf == nil || buf.Len() == 0 || buf.Bytes() != nil, "column %d of a batch for %s is released", i, l.op.Explain())
		}
	}
}

// checked is an emit that compares rows with the declared schema.
func (l *link) checked(emit Emit) Emit {
	want := l.node.Schema.Fields()
	return func(b arrow.RecordBatch) error {
		invariants.Check(int(b.NumCols()) == len(want), "%s gives %d columns, %d are declared", l.op.Explain(), b.NumCols(), len(want))
		for i, c := range b.Columns() {
			invariants.Check(arrow.TypeEqual(c.DataType(), want[i].Type), "%s gives column %d of type %s, declared is %s", l.op.Explain(), i, c.DataType(), want[i].Type)
		}
		return emit(b)
	}
}

// begin tells the operators of an instance, those next to the sources first.
func (l *link) begin(ctx context.Context, e Epoch) error {
	for _, b := range l.below {
		if err := b.begin(ctx, e); err != nil {
			return err
		}
	}
	l.ended, l.began = 0, true
	return unlessStop(l.op.Mark(ctx, 0, Mark{Kind: Begin, Epoch: e}, l.emit))
}

// mark passes a mark up from a port. End goes on once it has come to every port.
func (l *link) mark(ctx context.Context, port int, m Mark) error {
	for l != nil {
		if err := unlessStop(l.op.Mark(ctx, port, m, l.emit)); err != nil {
			return err
		}
		if m.Kind == End {
			if l.ended++; l.ended < len(l.node.Inputs) {
				return nil
			}
			l.began = false
		}
		l, port = l.up, l.port
	}
	return nil
}

// unlessStop: a mark goes on where nobody needs more rows.
func unlessStop(err error) error {
	if err == errs.Stop {
		return nil
	}
	return err
}
