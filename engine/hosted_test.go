package engine_test

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/ipc"
	"github.com/apache/arrow-go/v18/arrow/memory"

	"pysparkcompat/engine"
	"pysparkcompat/engine/logical"
	"pysparkcompat/engine/types"
)

// counted gives each partition's number and ten times it, a stream each, and fails in a partition.
type counted struct {
	t       *testing.T
	opened  atomic.Int64
	closed  atomic.Int64
	failing int
}

type countedRows struct {
	of        *counted
	partition int
	given     int
}

func (r *countedRows) Next(context.Context) ([]byte, error) {
	if r.partition == r.of.failing {
		return nil, fmt.Errorf("partition %d is gone", r.partition)
	}
	if r.given == 2 {
		return nil, io.EOF
	}
	r.given++
	return stream(r.of.t, int32(r.partition+(r.given-1)*10*r.partition)), nil
}

func (r *countedRows) Close() { r.of.closed.Add(1) }

// stream is an Arrow stream of one 32-bit column, which is to become a column of 64 bits.
func stream(t *testing.T, values ...int32) []byte {
	t.Helper()
	b := array.NewInt32Builder(memory.DefaultAllocator)
	b.AppendValues(values, nil)
	column := b.NewArray()
	schema := arrow.NewSchema([]arrow.Field{{Name: "n", Type: arrow.PrimitiveTypes.Int32}}, nil)
	var out bytes.Buffer
	w := ipc.NewWriter(&out, ipc.WithSchema(schema))
	if err := w.Write(array.NewRecordBatch(schema, []arrow.Array{column}, int64(len(values)))); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func hosted(t *testing.T, s *engine.Session, partitions, failing int) (*counted, *engine.Frame) {
	t.Helper()
	c := &counted{t: t, failing: failing}
	f, err := s.HostedFrame(engine.Hosted{Schema: types.Struct{Fields: []types.Field{{Name: "n", Type: types.Long, Nullable: true}}}, Partitions: partitions,
		Open: func(_ context.Context, p int) (engine.HostedRows, error) {
			c.opened.Add(1)
			return &countedRows{of: c, partition: p}, nil
		}})
	if err != nil {
		t.Fatal(err)
	}
	return c, f
}

func TestHostedRowsAreReadByEachRun(t *testing.T) {
	s := session(t)
	defer s.Close()
	c, f := hosted(t, s, 3, -1)
	if c.opened.Load() != 0 {
		t.Fatal("a frame that nobody ran was read")
	}
	if err := s.CreateView("h", f, false); err != nil {
		t.Fatal(err)
	}
	for run := int64(1); run <= 2; run++ {
		got := show(t, s, "SELECT sum(n) AS s, count(*) AS c FROM h WHERE n > 0")
		if want := "+---+---+\n|  s|  c|\n+---+---+\n| 36|  4|\n+---+---+\n"; got != want {
			t.Errorf("got\n%s\nwant\n%s", got, want)
		}
		if c.opened.Load() != 3*run || c.closed.Load() != 3*run {
			t.Errorf("run %d: %d partitions opened, %d closed", run, c.opened.Load(), c.closed.Load())
		}
	}
}

func TestHostedRowsThatFail(t *testing.T) {
	s := session(t)
	defer s.Close()
	c, f := hosted(t, s, 3, 1)
	rows, err := s.Run(context.Background(), f)
	if err != nil {
		t.Fatal(err)
	}
	for err == nil {
		var b arrow.RecordBatch
		if b, err = rows.Next(context.Background()); err == nil {
			b.Release()
		}
	}
	if !strings.Contains(err.Error(), "partition 1 is gone") {
		t.Errorf("ended with %v", err)
	}
	if err := rows.Close(); err != nil && !strings.Contains(err.Error(), "gone") {
		t.Error(err)
	}
	if c.opened.Load() != c.closed.Load() {
		t.Errorf("%d opened, %d closed", c.opened.Load(), c.closed.Load())
	}
}

func TestParts(t *testing.T) {
	s := session(t)
	defer s.Close()
	_, f := hosted(t, s, 3, -1)
	if err := s.CreateView("h", f, false); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		query string
		want  []int64 // rows by partition
	}{
		{"SELECT id + 1 FROM t WHERE id <> 4", []int64{4, 5}},
		{"SELECT * FROM h", []int64{2, 2, 2}},
		{"SELECT n FROM h WHERE n >= 2", []int64{0, 1, 2}},
		{"SELECT id FROM t UNION ALL SELECT n FROM h", []int64{5, 5, 2, 2, 2}},
		{"SELECT count(*) FROM h GROUP BY n", []int64{5}},
		{"SELECT id FROM t ORDER BY id DESC", []int64{10}},
		{"SELECT id FROM t LIMIT 3", []int64{3}},
	} {
		p, err := s.ParseQuery(c.query)
		if err != nil {
			t.Fatal(err)
		}
		f, err := s.Analyze(p)
		if err != nil {
			t.Fatal(err)
		}
		parts, err := s.Parts(context.Background(), f)
		if err != nil {
			t.Fatal(err)
		}
		var got []int64
		for i := range parts.Count {
			got = append(got, count(t, s, parts.Frame(i)))
		}
		if fmt.Sprint(got) != fmt.Sprint(c.want) {
			t.Errorf("%s: %v rows by partition, want %v", c.query, got, c.want)
		}
	}
}

func TestPartsOfARepartition(t *testing.T) {
	s := session(t)
	defer s.Close()
	f, err := s.Analyze(&logical.Repartition{Child: &logical.Range{End: 10, Step: 1}, N: 4, Shuffle: true})
	if err != nil {
		t.Fatal(err)
	}
	parts, err := s.Parts(context.Background(), f)
	if err != nil {
		t.Fatal(err)
	}
	if parts.Count != 4 || !parts.Dealt || count(t, s, parts.Frame(2)) != 10 {
		t.Errorf("%d partitions, dealt %t", parts.Count, parts.Dealt)
	}
}

func count(t *testing.T, s *engine.Session, f *engine.Frame) (n int64) {
	t.Helper()
	rows, err := s.Run(context.Background(), f)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	for {
		b, err := rows.Next(context.Background())
		if err == io.EOF {
			return n
		}
		if err != nil {
			t.Fatal(err)
		}
		n += b.NumRows()
		b.Release()
	}
}
