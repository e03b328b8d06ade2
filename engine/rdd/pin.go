package rdd

import "sync"

// pin counts who still needs a node or shuffle that may be forgotten. The Scheduler's lock guards it.
type pin struct {
	pins      int
	forgotten bool
}

// Pin keeps a node, and all that it is computed from, from being forgotten until release is called.
func (s *Scheduler) Pin(n *Node) (release func()) {
	s.mu.Lock()
	defer s.mu.Unlock()
	nodes, shuffles := map[*Node]bool{}, map[*Shuffle]bool{}
	pending := []*Node{n}
	for len(pending) > 0 { // a lineage may be deep
		n := pending[len(pending)-1]
		if pending = pending[:len(pending)-1]; n == nil || nodes[n] {
			continue
		}
		nodes[n] = true
		n.pins++
		for _, p := range n.Parents {
			if pending = append(pending, p.Node); p.Shuffle == nil {
				continue
			}
			if pending = append(pending, p.Shuffle.Node); !shuffles[p.Shuffle] {
				shuffles[p.Shuffle] = true
				p.Shuffle.pins++
			}
		}
	}
	return sync.OnceFunc(func() { s.release(nodes, shuffles) })
}

func (s *Scheduler) release(nodes map[*Node]bool, shuffles map[*Shuffle]bool) {
	var lostNodes, lostShuffles []int64
	s.mu.Lock()
	for n := range nodes {
		if n.pins--; n.pins == 0 && n.forgotten {
			lostNodes = append(lostNodes, n.ID)
		}
	}
	for sh := range shuffles {
		if sh.pins--; sh.pins == 0 && sh.forgotten {
			lostShuffles = append(lostShuffles, sh.ID)
		}
	}
	s.mu.Unlock()
	s.Forget(lostNodes, lostShuffles)
}
