package rdd

import (
	"fmt"
	"path"
	"slices"
)

// tree makes the cells of one task. The Scheduler's lock is held meanwhile.
type tree struct {
	store *store
	cells []Cell
	known map[place]int
	// missing are shuffles that lack outputs.
	missing []*Shuffle
}

type place struct {
	node  *Node
	split int
}

// cell adds a partition with all that it reads and gives its number.
func (t *tree) cell(n *Node, split int) int {
	at := place{n, split}
	if i, ok := t.known[at]; ok {
		return i
	}
	c := Cell{Node: n, Split: split}
	if n.checkpoint != "" {
		c.Ready, c.Blocks = true, []Data{{Path: part(n.checkpoint, split), Length: -1}}
		return t.add(at, c)
	}
	if !n.level.none() {
		if d, ok := t.store.get(n.ID, split); ok {
			c.Ready, c.Blocks = true, []Data{d}
			return t.add(at, c)
		}
		c.Keep = n.level
	}
	if n.Payloads != nil {
		c.Payload = &n.Payloads[split]
	}
	for _, p := range n.Parents {
		switch {
		case p.Shuffle != nil:
			c.Inputs = append(c.Inputs, Input{Cell: -1, Blocks: t.written(p.Shuffle, split)})
		case p.Lists != nil:
			for _, from := range p.list(split) {
				c.Inputs = append(c.Inputs, Input{Cell: t.cell(p.Node, from)})
			}
		default:
			c.Inputs = append(c.Inputs, Input{Cell: t.cell(p.Node, split)})
		}
	}
	return t.add(at, c)
}

// list are the partitions of the parent that one of the child's reads.
func (p *Parent) list(split int) []int {
	if at := split - p.First; at >= 0 && at < len(p.Lists) {
		return p.Lists[at]
	}
	return nil
}

func (t *tree) add(at place, c Cell) int {
	i := len(t.cells)
	t.cells = append(t.cells, c)
	t.known[at] = i
	return i
}

// written are the blocks of all map tasks for one partition.
func (t *tree) written(sh *Shuffle, partition int) (out []Data) {
	for _, o := range sh.outputs {
		if o == nil {
			if !slices.Contains(t.missing, sh) {
				t.missing = append(t.missing, sh)
			}
			return nil
		}
		out = o.blocks(partition, out)
	}
	return out
}

// part is the file of a partition in a folder.
func part(folder string, partition int) string {
	return path.Join(folder, fmt.Sprintf("part-%05d", partition))
}

// needs are the shuffles that a node's partitions read and that lack outputs, those behind shuffles left out. The
// Scheduler's lock is held.
func needs(n *Node, st *store) (out []*Shuffle) {
	seen := map[*Node]bool{}
	var visit func(*Node)
	visit = func(n *Node) {
		if seen[n] || n.checkpoint != "" || (!n.level.none() && st.whole(n)) {
			return
		}
		seen[n] = true
		for _, p := range n.Parents {
			switch {
			case p.Shuffle == nil:
				visit(p.Node)
			case len(p.Shuffle.missing()) > 0 && !slices.Contains(out, p.Shuffle):
				out = append(out, p.Shuffle)
			}
		}
	}
	visit(n)
	return out
}

// missing are the map partitions without output. The Scheduler's lock is held.
func (sh *Shuffle) missing() (out []int) {
	for i, o := range sh.outputs {
		if o == nil {
			out = append(out, i)
		}
	}
	return out
}

// ancestry is every shuffle in a node's lineage, each behind those that it needs. The Scheduler's lock is held.
func ancestry(n *Node) (out []*Shuffle) {
	nodes, shuffles := map[*Node]bool{}, map[*Shuffle]bool{}
	var visit func(*Node)
	visit = func(n *Node) {
		if nodes[n] {
			return
		}
		nodes[n] = true
		for _, p := range n.Parents {
			if p.Shuffle == nil {
				visit(p.Node)
			} else if !shuffles[p.Shuffle] {
				shuffles[p.Shuffle] = true
				visit(p.Shuffle.Node)
				out = append(out, p.Shuffle)
			}
		}
	}
	visit(n)
	return out
}
