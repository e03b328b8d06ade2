// Package rdd runs jobs on partitioned collections: lineage, stages, tasks, map outputs, cached blocks.
//
// It is not the collections' API and knows nothing of elements or functions: a step is bytes that a Runner understands,
// and elements travel in blocks, which are bytes too. pybridge/connect makes one Scheduler an application, pybridge/worker
// is its Runner. Invariants: a node never changes but by Persist and Checkpoint; a result is given once, whatever dies
// meanwhile; what a failed task did besides is not counted; lost map outputs and blocks are computed again from lineage;
// no more than the memory limit is held in blocks, the rest lies in files of the local directory, which goes with the
// Scheduler.
package rdd

// Node is one partitioned collection of the lineage.
type Node struct {
	ID         int64
	Name       string
	Partitions int
	// Step computes a partition's elements from its inputs; nil where the payload is the elements' blocks.
	Step    []byte
	Parents []Parent
	// Payloads are a partition's own input, one each, or none.
	Payloads []Data
	// Barrier nodes are computed by a stage whose tasks all run at once.
	Barrier bool

	filed string // where the payloads lie
	pin
	level      Level  // the Scheduler's lock guards these
	checkpoint string // a folder with a file of blocks for each partition
}

// Parent is what a node's partitions read: exactly one of Node and Shuffle is set.
type Parent struct {
	// Node's partitions: partition p reads p, or those in Lists[p-First], each as an input of its own; none where there is
	// no such list.
	Node  *Node
	Lists [][]int
	First int
	// Shuffle gives partition p the blocks that were written for it.
	Shuffle *Shuffle
}

// Shuffle is the exchange of one node's elements between partitions.
type Shuffle struct {
	ID         int64
	Node       *Node
	Writer     []byte
	Partitions int

	pin
	outputs []*output // by map partition, nil where missing; the Scheduler's lock guards them
	turn    chan struct{}
}

// Data are blocks, one behind another: bytes in memory, or a range of a file; a Length of -1 is all of it.
type Data struct {
	Bytes  []byte
	Path   string
	Offset int64
	Length int64
}

// Level says where a persisted node's blocks may lie. The zero Level persists nothing.
type Level struct{ Memory, Disk bool }

func (l Level) none() bool { return l == Level{} }

// output is what a map task wrote: where a partition's blocks lie in its data.
type output struct {
	data  Data
	index map[int][]Range
}

// Range is a part of a map task's output.
type Range struct{ Offset, Length int64 }

// blocks gives what was written for a partition.
func (o *output) blocks(partition int, to []Data) []Data {
	for _, r := range o.index[partition] {
		if o.data.Path != "" {
			to = append(to, Data{Path: o.data.Path, Offset: r.Offset, Length: r.Length})
		} else {
			to = append(to, Data{Bytes: o.data.Bytes[r.Offset : r.Offset+r.Length]})
		}
	}
	return to
}
