// Package testkit is what tests of the engine share: rows from JSON, the operator harness, the golden runner of
// stateful plans.
//
// It is not part of the engine and only tests import it. Invariant: a helper fails the test it is given and says why.
package testkit

import (
	"fmt"
	"sort"
	"strings"
	"testing"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/memory"

	"pysparkcompat/engine/batch"
	"pysparkcompat/engine/types"
)

// Schema makes a schema of "name", type pairs.
func Schema(pairs ...any) *arrow.Schema {
	fields := make([]types.Field, 0, len(pairs)/2)
	for i := 0; i < len(pairs); i += 2 {
		fields = append(fields, types.Field{Name: pairs[i].(string), Type: pairs[i+1].(types.Type), Nullable: true})
	}
	return types.ArrowSchema(types.Struct{Fields: fields})
}

// Rows makes a batch of a JSON array of objects, owned by the caller.
func Rows(t testing.TB, mem memory.Allocator, schema *arrow.Schema, text string) arrow.RecordBatch {
	t.Helper()
	b, _, err := array.RecordFromJSON(mem, schema, strings.NewReader(text))
	if err != nil {
		t.Fatalf("rows %s: %v", text, err)
	}
	return b
}

// Texts shows each row of a batch as a line of values.
func Texts(b arrow.RecordBatch) []string {
	out := make([]string, b.NumRows())
	for i := range out {
		parts := make([]string, b.NumCols())
		for c, a := range b.Columns() {
			parts[c] = a.ValueStr(i)
		}
		out[i] = strings.Join(parts, " ")
	}
	return out
}

// Same compares rows, in order or as bags.
func Same(got, want []string, ordered bool) bool {
	if !ordered {
		got, want = sorted(got), sorted(want)
	}
	return strings.Join(got, "\n") == strings.Join(want, "\n")
}

func sorted(s []string) []string {
	out := append([]string(nil), s...)
	sort.Strings(out)
	return out
}

// Show puts rows on lines.
func Show(rows []string) string {
	return fmt.Sprintf("%d rows\n  %s", len(rows), strings.Join(rows, "\n  "))
}

// withNull is a batch whose row i is all null.
func withNull(mem memory.Allocator, b arrow.RecordBatch, i int) arrow.RecordBatch {
	rows := make([]int32, b.NumRows())
	for k := range rows {
		rows[k] = int32(k)
	}
	rows[i] = -1
	return batch.TakeBatch(mem, b, rows)
}
