package engine

import (
	"context"

	"github.com/apache/arrow-go/v18/arrow"

	"pysparkcompat/engine/conf"
	"pysparkcompat/engine/logical"
	"pysparkcompat/engine/planner"
	"pysparkcompat/engine/source"
)

// Parts are a frame's partitions as its RDD has them: Spark's where the plan is narrow over its sources, else one, as its
// adaptive execution gives for few rows; a plan that spreads its rows anew has as many as it says, and its rows are dealt.
type Parts struct {
	Count int
	// Dealt says that the frame runs as a whole and its rows are dealt to Count partitions in turn.
	Dealt bool

	frame *Frame
	at    func(int) logical.Plan
}

// Parts finds a frame's partitions.
func (s *Session) Parts(ctx context.Context, f *Frame) (*Parts, error) {
	if err := logical.CheckBatch(f.plan); err != nil {
		return nil, err
	}
	if n := spread(f.plan); n > 0 {
		return &Parts{Count: n, Dealt: true, frame: f}, nil
	}
	count, at, err := s.narrow(ctx, f.plan)
	if err != nil {
		return nil, err
	}
	return &Parts{Count: count, frame: f, at: at}, nil
}

// Frame is the frame of one partition's rows; of the whole where they are dealt.
func (p *Parts) Frame(partition int) *Frame {
	if p.Dealt {
		return p.frame
	}
	return &Frame{plan: p.at(partition), parsed: p.frame.parsed}
}

// spread is the number of partitions of a repartition without keys on top, 0 where there is none.
func spread(p logical.Plan) int {
	switch n := p.(type) {
	case *logical.Tag:
		return spread(n.Child)
	case *logical.Repartition:
		if n.Shuffle && n.N > 0 {
			return n.N
		}
	case *logical.Project, *logical.Filter:
		return spread(n.Children()[0])
	}
	return 0
}

// narrow gives the number of a plan's partitions and the plan of each.
func (s *Session) narrow(ctx context.Context, p logical.Plan) (int, func(int) logical.Plan, error) {
	switch n := p.(type) {
	case *logical.Tag, *logical.Project, *logical.Filter, *logical.WithColumns, *logical.SubqueryAlias, *logical.Generate, *logical.MapBatches:
		count, at, err := s.narrow(ctx, p.Children()[0])
		return count, func(i int) logical.Plan { return p.With([]logical.Plan{at(i)}) }, err
	case *logical.Union:
		return s.narrowUnion(ctx, n)
	case *logical.Data:
		if rows, ok := n.Rows.(held); ok {
			return s.narrowData(n, rows)
		}
	case *logical.Range:
		return s.narrowRange(n)
	case *logical.Scan:
		if table, ok := n.Source.(source.Table); ok {
			return narrowScan(ctx, n, table)
		}
	}
	return 1, func(int) logical.Plan { return p }, nil
}

func (s *Session) narrowUnion(ctx context.Context, u *logical.Union) (int, func(int) logical.Plan, error) {
	type input struct {
		count int
		at    func(int) logical.Plan
	}
	total, inputs := 0, make([]input, len(u.Inputs))
	for i, p := range u.Inputs {
		count, at, err := s.narrow(ctx, p)
		if err != nil {
			return 0, nil, err
		}
		inputs[i] = input{count, at}
		total += count
	}
	return total, func(i int) logical.Plan {
		for _, in := range inputs {
			if i < in.count {
				return u.With([]logical.Plan{in.at(i)})
			}
			i -= in.count
		}
		return u
	}, nil
}

func (s *Session) parallelism() int {
	if n := s.conf.Int(conf.DefaultParallelism); n > 0 {
		return n
	}
	return s.cores
}

func (s *Session) narrowData(d *logical.Data, rows held) (int, func(int) logical.Plan, error) {
	total := rows.Len()
	parts := max(1, min(total, int64(s.parallelism())))
	return int(parts), func(i int) logical.Plan {
		o := *d
		o.Rows = held{cut(rows.batches, int64(i)*total/parts, int64(i+1)*total/parts)}
		return &o
	}, nil
}

// cut is the rows from up to, without, to. The slices live as long as the garbage collector lets them.
func cut(batches []arrow.RecordBatch, from, to int64) (out []arrow.RecordBatch) {
	for _, b := range batches {
		n := b.NumRows()
		if start, end := max(from, 0), min(to, n); start < end {
			out = append(out, b.NewSlice(start, end))
		}
		from, to = from-n, to-n
	}
	return out
}

func (s *Session) narrowRange(r *logical.Range) (int, func(int) logical.Plan, error) {
	o := *r
	if o.Partitions <= 0 {
		o.Partitions = s.parallelism()
	}
	return o.Partitions, func(i int) logical.Plan {
		part := o
		part.Start, part.End = planner.RangePart(&o, i)
		part.Partitions = 1
		return &part
	}, nil
}

func narrowScan(ctx context.Context, n *logical.Scan, table source.Table) (int, func(int) logical.Plan, error) {
	splits, err := table.Splits(ctx)
	if err != nil {
		return 0, nil, err
	}
	return len(splits), func(i int) logical.Plan {
		o := *n
		o.Source = &oneSplit{table, splits[i]}
		return &o
	}, nil
}

// oneSplit is a table of which one split is read.
type oneSplit struct {
	source.Table
	split source.Split
}

func (t *oneSplit) Splits(context.Context) ([]source.Split, error) {
	return []source.Split{t.split}, nil
}
