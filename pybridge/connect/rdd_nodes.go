package connect

import (
	"encoding/json"

	"pysparkcompat/engine/errs"
	"pysparkcompat/engine/rdd"
)

// nodeMessage is a node of the lineage as Python describes it; attachments are named by their numbers, -1 is none.
type nodeMessage struct {
	ID         int64           `json:"id"`
	Name       string          `json:"name"`
	Partitions int             `json:"partitions"`
	Step       int             `json:"step"`
	Payloads   []int           `json:"payloads"`
	Barrier    bool            `json:"barrier"`
	Parents    []parentMessage `json:"parents"`
	Level      *levelMessage   `json:"level"`
}

type parentMessage struct {
	Node    int64           `json:"node"`
	Lists   [][]int         `json:"lists"`
	First   int             `json:"first"`
	Shuffle *shuffleMessage `json:"shuffle"`
}

type shuffleMessage struct {
	ID         int64 `json:"id"`
	Writer     int   `json:"writer"`
	Partitions int   `json:"partitions"`
}

type levelMessage struct {
	Memory bool `json:"memory"`
	Disk   bool `json:"disk"`
}

// levelChange is a node whose level or checkpoint was set after it was defined.
type levelChange struct {
	Node       int64        `json:"node"`
	Level      levelMessage `json:"level"`
	Checkpoint string       `json:"checkpoint"`
}

// defineMessage comes before a job, and may come alone: what is new, what has changed, what nobody names any more.
type defineMessage struct {
	Nodes    []nodeMessage `json:"nodes"`
	Changes  []levelChange `json:"changes"`
	Forget   []int64       `json:"forget"`
	Shuffles []int64       `json:"shuffles"` // to be forgotten
}

// rddDefine keeps nodes.
func (s *session) rddDefine(body json.RawMessage, parts [][]byte) (any, [][]byte, error) {
	var m defineMessage
	if err := read(body, &m); err != nil {
		return nil, nil, err
	}
	return nil, nil, s.define(m, parts)
}

func (s *session) define(m defineMessage, parts [][]byte) error {
	r := s.rdds()
	r.Forget(m.Forget, m.Shuffles)
	for _, n := range m.Nodes {
		node, err := newNode(r, n, parts)
		if err != nil {
			return err
		}
		if err := r.Define(node); err != nil {
			return err
		}
		if n.Level != nil {
			if err := r.Persist(n.ID, rdd.Level(*n.Level)); err != nil {
				return err
			}
		}
	}
	for _, c := range m.Changes {
		var err error
		if c.Checkpoint != "" {
			err = r.Checkpoint(c.Node, c.Checkpoint)
		} else {
			err = r.Persist(c.Node, rdd.Level(c.Level))
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// attached gives an attachment by its number.
func attached(parts [][]byte, i int) ([]byte, error) {
	if i < 0 {
		return nil, nil
	}
	if i >= len(parts) {
		return nil, errs.Internal("attachment %d of %d", i, len(parts))
	}
	return parts[i], nil
}

func newNode(r *rdd.Scheduler, m nodeMessage, parts [][]byte) (*rdd.Node, error) {
	n := &rdd.Node{ID: m.ID, Name: m.Name, Partitions: m.Partitions, Barrier: m.Barrier}
	var err error
	if n.Step, err = attached(parts, m.Step); err != nil {
		return nil, err
	}
	for _, i := range m.Payloads {
		b, err := attached(parts, i)
		if err != nil {
			return nil, err
		}
		n.Payloads = append(n.Payloads, rdd.Data{Bytes: b})
	}
	if n.Payloads != nil && len(n.Payloads) != n.Partitions {
		return nil, errs.Internal("node %d has %d partitions and %d payloads", n.ID, n.Partitions, len(n.Payloads))
	}
	for _, p := range m.Parents {
		parent, err := r.Node(p.Node)
		if err != nil {
			return nil, err
		}
		if s := p.Shuffle; s != nil {
			writer, err := attached(parts, s.Writer)
			if err != nil {
				return nil, err
			}
			n.Parents = append(n.Parents, rdd.Parent{Shuffle: r.Exchange(s.ID, parent, writer, s.Partitions)})
			continue
		}
		if p.Lists != nil && (p.First < 0 || p.First+len(p.Lists) > n.Partitions) {
			return nil, errs.Internal("node %d has %d partitions and lists of parents for %d to %d", n.ID, n.Partitions, p.First, p.First+len(p.Lists))
		}
		n.Parents = append(n.Parents, rdd.Parent{Node: parent, Lists: p.Lists, First: p.First})
	}
	return n, nil
}
