package exec

import (
	"context"
	"fmt"

	"github.com/apache/arrow-go/v18/arrow"

	"pysparkcompat/engine/batch"
	"pysparkcompat/engine/expr"
)

// SortKey is one ORDER BY term, compiled.
type SortKey struct {
	By    expr.Evaluator
	Order batch.Order
}

// sorter orders the rows of an epoch. It holds them all in memory, with a limit about eight times the limit.
type sorter struct {
	c     *expr.Context
	keys  []SortKey
	limit int64 // -1 is none
	text  string
	held  []arrow.RecordBatch
	by    [][]arrow.Array // the keys' columns of each held batch
	rows  int64
}

// NewSort makes orderBy behind a Single exchange, or sortWithinPartitions on each instance; limit -1 gives all rows.
func NewSort(i Instance, keys []SortKey, limit int64, text string) Operator {
	return &sorter{c: i.Context(), keys: keys, limit: limit, text: text}
}

// pruneRows is from how many rows on a limited sort throws away what cannot come out.
const pruneRows = 1 << 16

func (s *sorter) Process(_ context.Context, _ int, b arrow.RecordBatch, _ Emit) error {
	es := make([]expr.Evaluator, len(s.keys))
	for i, k := range s.keys {
		es[i] = k.By
	}
	by, err := columns(s.c, es, b)
	if err != nil {
		return err
	}
	b.Retain()
	s.held, s.by, s.rows = append(s.held, b), append(s.by, by), s.rows+b.NumRows()
	s.c.RowBase += b.NumRows()
	if s.limit >= 0 && s.rows > pruneRows && s.rows > 8*s.limit {
		return s.prune()
	}
	return nil
}

// order joins what is held to one batch and gives its rows in order.
func (s *sorter) order() (arrow.RecordBatch, []arrow.Array, []int32, error) {
	all, err := batch.ConcatBatches(s.c.Mem, s.held[0].Schema(), s.held)
	if err != nil {
		return nil, nil, nil, err
	}
	by := make([]arrow.Array, len(s.keys))
	orders := make([]batch.Order, len(s.keys))
	for k := range s.keys {
		parts := make([]arrow.Array, len(s.by))
		for i := range s.by {
			parts[i] = s.by[i][k]
		}
		orders[k] = s.keys[k].Order
		if by[k], err = batch.Concat(s.c.Mem, parts); err != nil {
			batch.Release(by...)
			all.Release()
			return nil, nil, nil, err
		}
	}
	rows := sortRows(by, orders, int(all.NumRows()))
	if s.limit >= 0 && int64(len(rows)) > s.limit {
		rows = rows[:s.limit]
	}
	return all, by, rows, nil
}

// prune keeps the first limit rows.
func (s *sorter) prune() error {
	all, by, rows, err := s.order()
	if err != nil {
		return err
	}
	s.drop()
	kept := make([]arrow.Array, len(by))
	for k := range by {
		kept[k] = batch.Take(s.c.Mem, by[k], rows)
	}
	s.held, s.by, s.rows = []arrow.RecordBatch{batch.TakeBatch(s.c.Mem, all, rows)}, [][]arrow.Array{kept}, int64(len(rows))
	batch.Release(by...)
	all.Release()
	return nil
}

func (s *sorter) Mark(_ context.Context, _ int, m Mark, emit Emit) error {
	follow(s.c, m)
	if m.Kind != End || len(s.held) == 0 {
		return nil
	}
	all, by, rows, err := s.order()
	s.drop()
	if err != nil {
		return err
	}
	defer all.Release()
	defer batch.Release(by...)
	for lo := 0; lo < len(rows); lo += batch.Rows {
		out := batch.TakeBatch(s.c.Mem, all, rows[lo:min(len(rows), lo+batch.Rows)])
		err := emit(out)
		out.Release()
		if err != nil {
			return err
		}
	}
	return nil
}

func (s *sorter) drop() {
	for i, b := range s.held {
		b.Release()
		batch.Release(s.by[i]...)
	}
	s.held, s.by, s.rows = nil, nil, 0
}

func (s *sorter) Explain() string {
	if s.limit >= 0 {
		return fmt.Sprintf("TakeOrdered %d %s", s.limit, s.text)
	}
	return "Sort " + s.text
}

func (s *sorter) Close() error {
	s.drop()
	return nil
}
