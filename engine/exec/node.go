package exec

import (
	"github.com/apache/arrow-go/v18/arrow"

	"pysparkcompat/engine/source"
)

// Node is an operator of the plan with what feeds its ports, in order. The planner builds the tree; New cuts it into
// stages at the exchanges.
type Node struct {
	// Make makes the operator of one instance.
	Make   func(i Instance) (Operator, error)
	Inputs []Feed
	// Before are the roots of stages that end before this node's stage begins: a join's build sides.
	Before []*Build
	// Name is the node in explain() before an instance exists.
	Name string
	// Schema is what the rows out have, or nil; it is looked at only where invariants are checked.
	Schema *arrow.Schema
}

// Feed is what rows come from: a *Node of the same stage, a *Leaf or an *Exchange.
type Feed interface{ feed() }

// Leaf is a source. Its splits are given to Run in Inputs[Source] and taken by whichever instance is free.
type Leaf struct {
	Source   int
	Pushdown source.Pushdown
	Name     string
}

// Kind is how an exchange spreads rows.
type Kind uint8

const (
	// Hash sends rows with equal keys to one instance: hash % Partitions % instances.
	Hash Kind = iota
	// Single sends all rows to the one instance of the stage above.
	Single
	// RoundRobin spreads rows evenly.
	RoundRobin
	// Broadcast sends every row to every instance.
	Broadcast
)

// Exchange moves rows between stages, through bounded queues.
type Exchange struct {
	From Feed
	Kind Kind
	// Keys are column numbers, for Hash.
	Keys []int
	// Partitions is the pinned number of partitions; 0 is one an instance.
	Partitions int
	// Instances of the stage above; 0 is the pipeline's cores. Single has one. All exchanges into one stage agree.
	Instances int
	// InOrder has a Single exchange keep the sources' order of rows in every epoch.
	InOrder bool
}

// Build is a stage without rows out: its root keeps what it made (a join's table) for the stage that names it in Before.
type Build struct {
	Root *Node
	// Once says that the rows never change: the stage runs in the first epoch only.
	Once bool
	// Instances of the stage where no exchange into it says so; 0 is one.
	Instances int
}

func (*Node) feed()     {}
func (*Leaf) feed()     {}
func (*Exchange) feed() {}
