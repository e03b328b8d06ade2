// Package state is keyed, versioned tables: what an operator keeps from one epoch to the next.
//
// It is not a cache and knows no operator. exec declares tables and uses them; the query commits and restores a
// Store. Invariants: what is committed for an epoch is durable before the epoch's commit entry is written; a
// version is the state after that epoch; a row of a table belongs to the pinned partition that its key hashes to,
// whatever number of instances holds the partitions.
package state

import (
	"context"
	"math"

	"github.com/apache/arrow-go/v18/arrow"

	"pysparkcompat/engine/types"
)

// Spec declares a table. Names are unique in an operator.
type Spec struct {
	Operator int // position of the stateful operator in the plan, from 0
	Name     string
	// OperatorName and StoreName are Spark's names, for who reads the state; a StoreName of "" is "default".
	OperatorName, StoreName string
	Keys                    []types.Field
	// Values are the columns of the payload, in the order that Payload's methods give and take them.
	Values []types.Field
	// Due is how a row becomes due for eviction.
	Due DueBy
	// PartitionBy is how many of the leading key columns say to which partition a row belongs; 0 is all of them.
	PartitionBy int
	// Resident keeps every row in memory whatever the provider, for an operator that keeps slots from one epoch to the next.
	Resident bool
	// Numbered says that the last key is a long that no other row of the table, of any instance, ever has, and that the rows
	// an instance makes have it ascending and above all that it holds.
	Numbered bool
}

// partitionKeys are the columns that a row's partition is the hash of.
func (s *Spec) partitionKeys(keys []arrow.Array) []arrow.Array {
	if s.PartitionBy > 0 {
		return keys[:s.PartitionBy]
	}
	return keys
}

// DueBy says what decides when a row is due: a key column with an int64-like form (timestamp, long), a field of a struct
// key column, or a value column of that form whose times the operator tells by Schedule. The zero value is: never.
type DueBy struct {
	Set bool `json:"set"`
	// Value says that Column is one of the spec's Values; a restore schedules by it.
	Value  bool `json:"value"`
	Column int  `json:"column"`
	// Field is the field of a struct column (the end of a window), or -1 for the column itself.
	Field int `json:"field"`
}

// JoinRows and JoinCounts end the names of a join side's stores: its rows, and how many it has of a key, which is read off
// the rows.
const (
	JoinRows   = "-keyWithIndexToValue"
	JoinCounts = "-keyToNumValues"
)

// NoDue is the time of a row that is never due.
const NoDue = math.MaxInt64

// Payload is what a table keeps for each slot; the operator owns its form (accumulators, values). One goroutine.
type Payload interface {
	Grow(n int)
	// Read gives the value columns of these slots, owned by the caller.
	Read(slots []int32) ([]arrow.Array, error)
	// Write sets the slots from value columns, borrowed.
	Write(slots []int32, columns []arrow.Array) error
	Clear(slots []int32)
	Bytes() int64
}

// Table is one instance's rows: key columns to dense slots, and the payload by slot. One goroutine uses it in an
// epoch; Store reads it between epochs. Order: Find or Slots, then the payload is changed by the owner, then Touch
// (or Delete) the slots that changed. A slot stands for its row until the commit of the epoch and no longer, unless
// the table is Resident: a store may take rows out of memory there.
type Table interface {
	// Slots finds each row's slot and makes missing ones (with empty payload). keys are borrowed, rows of them.
	Slots(keys []arrow.Array, rows int, into []int32) error
	// Find is Slots without making: -1 where absent.
	Find(keys []arrow.Array, rows int, into []int32) error
	// Touch marks slots as changed in this epoch.
	Touch(slots []int32)
	// Delete frees slots; their payload is cleared.
	Delete(slots []int32)
	// Due gives the slots whose due time is <= upTo, in no order, without deleting them. It costs what is due, not what is held.
	Due(upTo int64) []int32
	// Schedule says when slots are due, where a value decides; NoDue is never. The operator calls it whenever it sets
	// that value, and touches the slots.
	Schedule(slots []int32, times []int64)
	// All gives every live slot, and so brings every row into memory.
	All() []int32
	// Scan visits every row once, some slots at a time, which are valid during the visit only; visit changes nothing.
	Scan(visit func(slots []int32) error) error
	// Keys gives the key columns of these slots, owned by the caller.
	Keys(slots []int32) ([]arrow.Array, error)
	// Key gives one key column of these slots of a numbered table, owned by the caller.
	Key(column int, slots []int32) arrow.Array
	Len() int
	// Changed is how many rows were updated and removed since the last commit.
	Changed() (updated, removed int)
	Bytes() int64
}

// Store is the state of a query: all tables of all operators and instances, versioned by epoch. The query owns it.
// Order: Open declares a table per (spec, instance) while operators are made; Restore once; then per epoch Commit;
// Maintain between epochs.
type Store interface {
	// Open gives instance i of n of a table. The same spec with another n after a restart holds the same rows.
	Open(spec Spec, instance, instances int, payload Payload) (Table, error)
	// Check is what went wrong since the last commit in a method that gives no error (Due, All, Delete): the query asks
	// before anything of the epoch becomes durable.
	Check() error
	// Restore loads the version, the state after that epoch; -1 is empty.
	Restore(ctx context.Context, version int64) error
	// Commit makes the state after the epoch durable: one change log entry and one sync for all tables.
	Commit(ctx context.Context, epoch int64) error
	// Maintain writes a snapshot when one is due and forgets versions before keep.
	Maintain(ctx context.Context, keep int64) error
	// Partitions is the pinned number of partitions.
	Partitions() int
	Close() error
}
