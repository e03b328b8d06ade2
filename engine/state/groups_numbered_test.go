package state

import (
	"math/rand"
	"slices"
	"testing"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/memory"
)

// numberedKeys are rows of a text that follows from the number, and the number.
func numberedKeys(numbers []int64) []arrow.Array {
	text, number := array.NewStringBuilder(memory.DefaultAllocator), array.NewInt64Builder(memory.DefaultAllocator)
	for _, n := range numbers {
		text.Append(textOf(n))
		number.Append(n)
	}
	return []arrow.Array{text.NewArray(), number.NewArray()}
}

func textOf(n int64) string { return string(rune('a' + n%26)) }

// TestNumbered makes rows with ascending numbers, with numbers that lie between, finds them, and deletes some, as a plain
// map would.
func TestNumbered(t *testing.T) {
	r := rand.New(rand.NewSource(5))
	g := newNumbered([]arrow.DataType{arrow.BinaryTypes.String, arrow.PrimitiveTypes.Int64})
	want, next := map[int64]int32{}, int64(1)
	for step := range 3000 {
		numbers := make([]int64, 1+r.Intn(6))
		for i := range numbers {
			next += int64(1 + r.Intn(3))
			numbers[i] = next
			if step%7 == 3 { // others are looked for, or come from between
				numbers[i] = next - int64(r.Intn(20)) - 1
			}
		}
		slices.Sort(numbers)
		numbers = slices.Compact(numbers)
		slots := make([]int32, len(numbers))
		made := len(g.Slots(numberedKeys(numbers), len(numbers), slots))
		for i, n := range numbers {
			known, ok := want[n]
			if ok && known != slots[i] {
				t.Fatalf("step %d: %d has slot %d, then %d", step, n, known, slots[i])
			}
			if !ok {
				made--
			}
			want[n] = slots[i]
		}
		if made != 0 || g.Len() != len(want) {
			t.Fatalf("step %d: %d rows, want %d; %d too many made", step, g.Len(), len(want), made)
		}
		var gone []int32
		for n, s := range want {
			if r.Intn(5) == 0 {
				gone = append(gone, s)
				delete(want, n)
			}
		}
		g.Delete(gone)
	}
	for n, s := range want {
		found := []int32{-2, -2}
		g.Find(numberedKeys([]int64{n, next + 1}), 2, found)
		keys := g.Keys(memory.DefaultAllocator, []int32{s})
		if found[0] != s || found[1] != -1 || keys[0].(*array.String).Value(0) != textOf(n) || keys[1].(*array.Int64).Value(0) != n {
			t.Fatalf("%d: found %v, want %d; keys %v", n, found, s, keys)
		}
	}
}
