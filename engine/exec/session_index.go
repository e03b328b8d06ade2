package exec

import (
	"cmp"
	"slices"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/memory"

	"pysparkcompat/engine/batch"
	"pysparkcompat/engine/state"
	"pysparkcompat/engine/types"
)

// session is one of a key's spans of time. The sessions of a key neither overlap nor touch, and are linked in time.
type session struct {
	start, end     int64
	later, earlier int32
	key            int32
	into           int32 // what it was merged into in this batch, or -1
}

// sessionIndex knows the sessions of each key by dense numbers. Spans that overlap or touch are one session, so that the
// order in which they come does not matter. A session keeps its number and its start as long as it lives: the earliest
// of those that grow together swallows the others. One goroutine.
type sessionIndex struct {
	keys  state.Groups
	heads []int32 // by key: its latest session, or -1
	all   []session
	free  []int32
	live  int

	// What a batch did: sessions that were made, and those that were swallowed. Some are both.
	made, dead []int32

	keySlots []int32
	behind   []int32 // rows that begin before their key's latest session
}

func newSessionIndex(keys []types.Type) *sessionIndex {
	return &sessionIndex{keys: state.NewGroups(keys)}
}

// find gives each row the number of its key.
func (x *sessionIndex) find(keys []arrow.Array, n int) []int32 {
	if len(x.keySlots) < n {
		x.keySlots = make([]int32, n)
	}
	slots := x.keySlots[:n]
	x.keys.Slots(keys, n, slots)
	for len(x.heads) < x.keys.Size() {
		x.heads = append(x.heads, -1)
	}
	return slots
}

// add gives each span its session. Spans that continue their key's latest session, as nearly all of ordered rows do,
// cost one comparison.
func (x *sessionIndex) add(keys []int32, starts, ends []int64, into []int32) {
	x.behind = x.behind[:0]
	for i, k := range keys {
		s, e := starts[i], ends[i]
		h := x.heads[k]
		if h < 0 || s > x.all[h].end {
			into[i] = x.put(k, s, e, -1, h)
			continue
		}
		latest := &x.all[h]
		if s >= latest.start {
			latest.end = max(latest.end, e)
			into[i] = h
			continue
		}
		x.behind = append(x.behind, int32(i))
	}
	if len(x.behind) > 0 {
		x.insert(keys, starts, ends, into)
	}
	if len(x.dead) > 0 {
		for i, s := range into[:len(keys)] {
			into[i] = x.root(s)
		}
	}
}

// insert walks back through the sessions of each key once, its rows from the latest to the earliest.
func (x *sessionIndex) insert(keys []int32, starts, ends []int64, into []int32) {
	slices.SortFunc(x.behind, func(a, b int32) int {
		if c := cmp.Compare(keys[a], keys[b]); c != 0 {
			return c
		}
		return cmp.Compare(starts[b], starts[a])
	})
	key, at, after := int32(-1), int32(-1), int32(-1)
	for _, row := range x.behind {
		if keys[row] != key {
			key = keys[row]
			at, after = x.heads[key], -1
		}
		s, e := starts[row], ends[row]
		for at >= 0 && x.all[at].start > s {
			at, after = x.all[at].earlier, at
		}
		if at >= 0 && s <= x.all[at].end {
			x.all[at].end = max(x.all[at].end, e)
		} else {
			at = x.put(key, s, e, after, at)
		}
		for after >= 0 && x.all[after].start <= x.all[at].end {
			after = x.swallow(at, after)
		}
		into[row] = at
	}
}

// put makes a session between two others of its key.
func (x *sessionIndex) put(key int32, start, end int64, later, earlier int32) int32 {
	var n int32
	if k := len(x.free); k > 0 {
		n = x.free[k-1]
		x.free = x.free[:k-1]
	} else {
		n = int32(len(x.all))
		x.all = append(x.all, session{})
	}
	x.all[n] = session{start: start, end: end, later: later, earlier: earlier, key: key, into: -1}
	if later >= 0 {
		x.all[later].earlier = n
	} else {
		x.heads[key] = n
	}
	if earlier >= 0 {
		x.all[earlier].later = n
	}
	x.live++
	x.made = append(x.made, n)
	return n
}

// swallow merges the next session into one and gives the next after it.
func (x *sessionIndex) swallow(at, next int32) int32 {
	gone := &x.all[next]
	x.all[at].end = max(x.all[at].end, gone.end)
	x.unlink(next)
	gone.into = at
	x.live--
	x.dead = append(x.dead, next)
	return gone.later
}

func (x *sessionIndex) unlink(n int32) {
	s := &x.all[n]
	if s.later >= 0 {
		x.all[s.later].earlier = s.earlier
	} else {
		x.heads[s.key] = s.earlier
	}
	if s.earlier >= 0 {
		x.all[s.earlier].later = s.later
	}
}

// root is the session that one has come to be part of.
func (x *sessionIndex) root(n int32) int32 {
	for x.all[n].into >= 0 {
		n = x.all[n].into
	}
	return n
}

// settle ends a batch: the numbers of swallowed sessions are free again.
func (x *sessionIndex) settle() {
	x.free = append(x.free, x.dead...)
	x.made, x.dead = x.made[:0], x.dead[:0]
}

// remove forgets sessions, and keys that have none any more.
func (x *sessionIndex) remove(sessions []int32) {
	var keys []int32
	for _, n := range sessions {
		x.unlink(n)
		if k := x.all[n].key; x.heads[k] < 0 {
			keys = append(keys, k)
		}
	}
	x.live -= len(sessions)
	x.free = append(x.free, sessions...)
	x.keys.Delete(keys)
}

// reset forgets everything.
func (x *sessionIndex) reset() {
	x.keys.Reset()
	x.heads, x.all, x.free = x.heads[:0], x.all[:0], x.free[:0]
	x.made, x.dead, x.live = x.made[:0], x.dead[:0], 0
}

// sessions appends the living ones, key by key from the first known, each key's in the order of time.
func (x *sessionIndex) sessions(into []int32) []int32 {
	for _, head := range x.heads {
		from := len(into)
		for n := head; n >= 0; n = x.all[n].earlier {
			into = append(into, n)
		}
		slices.Reverse(into[from:])
	}
	return into
}

func (x *sessionIndex) bytes() int64 {
	const each = 32
	return x.keys.Bytes() + int64(cap(x.all)*each+(cap(x.heads)+cap(x.free)+cap(x.keySlots)+cap(x.behind))*4)
}

// columns and spans are the key columns and the times of sessions, owned by the caller.
func (x *sessionIndex) columns(mem memory.Allocator, sessions []int32) []arrow.Array {
	keys := make([]int32, len(sessions))
	for i, n := range sessions {
		keys[i] = x.all[n].key
	}
	return x.keys.Keys(mem, keys)
}

func (x *sessionIndex) spans(mem memory.Allocator, dt arrow.DataType, sessions []int32) arrow.Array {
	starts, ends := batch.NewFixed[int64](mem, len(sessions)), batch.NewFixed[int64](mem, len(sessions))
	for i, n := range sessions {
		starts.Values[i], ends.Values[i] = x.all[n].start, x.all[n].end
	}
	f := dt.(*arrow.StructType).Fields()
	s, e := starts.Done(f[0].Type, nil), ends.Done(f[1].Type, nil)
	defer batch.Release(s, e)
	return span(dt, s, e)
}
