package connect

import (
	"encoding/json"
	"os"
	"time"

	"pysparkcompat/engine/errs"
	"pysparkcompat/engine/rdd"
)

// doWait is how long an operation of Do may wait.
const doWait = 50 * time.Millisecond

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

type runMessage struct {
	defineMessage
	Node       int64             `json:"node"`
	Function   int               `json:"function"`
	Partitions []int             `json:"partitions"`
	Folder     string            `json:"folder"`
	Properties map[string]string `json:"properties"`
}

// first is the application's first session.
func (s *session) first() *session {
	if root := s.root(); root.app != nil {
		return root.app
	}
	return s.root()
}

// rdds is the application's scheduler, made when it is first needed.
func (s *session) rdds() *rdd.Scheduler {
	s = s.first()
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.scheduler == nil {
		local := s.local
		if local == "" {
			local = os.TempDir()
		}
		s.scheduler = rdd.New(rdd.Options{Runner: s.pool, FS: s.host.engine.FS(), Slots: s.engine.Cores(), Memory: 256 << 20, Local: local, Failures: 1})
	}
	return s.scheduler
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
		if p.Lists != nil && len(p.Lists) != n.Partitions {
			return nil, errs.Internal("node %d has %d partitions and %d lists of parents", n.ID, n.Partitions, len(p.Lists))
		}
		n.Parents = append(n.Parents, rdd.Parent{Node: parent, Lists: p.Lists})
	}
	return n, nil
}

// rddRun starts a job: {"job": id}.
func (s *session) rddRun(body json.RawMessage, parts [][]byte) (any, [][]byte, error) {
	var m runMessage
	if err := read(body, &m); err != nil {
		return nil, nil, err
	}
	if err := s.define(m.defineMessage, parts); err != nil {
		return nil, nil, err
	}
	function, err := attached(parts, m.Function)
	if err != nil {
		return nil, nil, err
	}
	j, err := s.rdds().Run(rdd.Spec{Node: m.Node, Function: function, Partitions: m.Partitions, Folder: m.Folder, Properties: m.Properties})
	if err != nil {
		return nil, nil, err
	}
	first := s.first()
	first.mu.Lock()
	defer first.mu.Unlock()
	if first.rddJobs == nil {
		first.rddJobs = map[int64]*rdd.Job{}
	}
	first.rddJobs[j.ID] = j
	return map[string]int64{"job": j.ID}, nil, nil
}

type jobMessage struct {
	Job int64 `json:"job"`
}

// rddNext waits for a job's results: {"results": [[index, attachment, or -1 for the partition's end]…], "over": bool}.
func (s *session) rddNext(body json.RawMessage, _ [][]byte) (any, [][]byte, error) {
	var m jobMessage
	if err := read(body, &m); err != nil {
		return nil, nil, err
	}
	j := s.rddJob(m.Job, false)
	if j == nil {
		return nil, nil, errs.Internal("there is no job %d", m.Job)
	}
	results, over, err := j.Next(doWait)
	if over {
		s.rddJob(m.Job, true)
	}
	if err != nil {
		return nil, nil, err
	}
	out, blocks := make([][2]int, len(results)), [][]byte(nil)
	for i, r := range results {
		out[i] = [2]int{r.Index, -1}
		if !r.End {
			out[i][1] = len(blocks)
			blocks = append(blocks, r.Block)
		}
	}
	return map[string]any{"results": out, "over": over}, blocks, nil
}

// rddEnd ends a job whose results nobody wants any more.
func (s *session) rddEnd(body json.RawMessage, _ [][]byte) (any, [][]byte, error) {
	var m jobMessage
	if err := read(body, &m); err != nil {
		return nil, nil, err
	}
	if j := s.rddJob(m.Job, true); j != nil {
		j.Cancel(errCancelled)
	}
	return nil, nil, nil
}

// rddJob finds a job whose results are not all read, and forgets it if so told.
func (s *session) rddJob(id int64, forget bool) *rdd.Job {
	first := s.first()
	first.mu.Lock()
	defer first.mu.Unlock()
	j := first.rddJobs[id]
	if forget {
		delete(first.rddJobs, id)
	}
	return j
}

// closeRDDs ends all jobs.
func (s *session) closeRDDs() {
	s.mu.Lock()
	scheduler := s.scheduler
	s.mu.Unlock()
	if scheduler != nil {
		scheduler.Close()
	}
}
