package rdd

import "context"

// Runner does tasks. It is safe for concurrent use: as many Run at once as the Scheduler has slots.
type Runner interface {
	// Run does one task to its end. results is called with each block of a result task's elements, in order, which it may
	// keep, and with the number of elements; an error of it ends the task. Run's own error is a *Died when what ran the task
	// is gone, a *Lost when data it was to read is, the end of ctx, and else the task's own failure.
	Run(ctx context.Context, t *Task, results func(block []byte, elements int64) error) (*Done, error)
}

// Task is one partition of one stage. It is read only.
type Task struct {
	Job   int64
	Stage int
	ID    int64
	// StageAttempt and Attempt count how often stage and task were tried before.
	StageAttempt, Attempt int
	// Partition is its number in the stage, Of how many partitions there are.
	Partition, Of int
	// Cells are what is to be evaluated, each after those that it reads; Root is the last to be.
	Cells []Cell
	Root  int
	// Function runs on the root's elements in a result task, or nil. Skip elements of what it gives are known already.
	Function []byte
	Skip     int64
	// Raw says that the function gives blocks, not elements; each counts as one.
	Raw bool
	// Folder, in a job that stores its elements, is where it writes them: a file of blocks a partition.
	Folder string
	// Shuffle is set in a map task.
	Shuffle *Shuffle
	// Scratch begins the names of the files that the task may write; Inline is how many bytes of output may come back in
	// memory.
	Scratch    string
	Inline     int64
	Properties map[string]string
	// Barrier is set where tasks of the stage meet.
	Barrier Barrier
}

// Cell is one partition of one node.
type Cell struct {
	Node  *Node
	Split int
	// Ready says that the elements are in Blocks.
	Ready  bool
	Blocks []Data
	Inputs []Input
	// Payload is the partition's own input, or nil.
	Payload *Data
	// Keep is where the elements shall be kept once they are computed.
	Keep Level
}

// Input is one input of a cell: another cell, or blocks where Cell is -1.
type Input struct {
	Cell   int
	Blocks []Data
}

// Barrier lets the tasks of a stage wait for each other.
type Barrier interface {
	// Tasks is how many there are.
	Tasks() int
	// Meet waits until all tasks came, and gives what each brought, by partition. What they say must agree on kind.
	Meet(ctx context.Context, partition int, kind string, message string) ([]string, error)
}

// Done is what a task that succeeded leaves.
type Done struct {
	// Output and Index are a map task's.
	Output Data
	Index  map[int][]Range
	Kept   []Kept
	// Updates are what the user's code reported, to be counted once.
	Updates [][]byte
}

// Kept is a persisted partition that a task has computed.
type Kept struct {
	Node  int64
	Split int
	Data  Data
}

// Died says that what ran a task is gone.
type Died struct{ Reason string }

func (d *Died) Error() string { return d.Reason }

// Lost says that a file is not what it should be.
type Lost struct{ Path, Reason string }

func (l *Lost) Error() string { return l.Path + ": " + l.Reason }
