package connect

import (
	"encoding/json"
	"os"
	"time"

	"pysparkcompat/engine/conf"
	"pysparkcompat/engine/errs"
	"pysparkcompat/engine/rdd"
)

// doWait is how long an operation of Do may wait.
const doWait = 50 * time.Millisecond

// runMessage is a job, after what it needs to be defined; Function is an attachment's number. Call is the number by which
// Python names the job later, which it knows also where an interrupt took the answer from it.
type runMessage struct {
	defineMessage
	Call       int64             `json:"call"`
	Node       int64             `json:"node"`
	Function   int               `json:"function"`
	Partitions []int             `json:"partitions"`
	Raw        bool              `json:"raw"`
	Folder     string            `json:"folder"`
	Name       string            `json:"name"`
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
		s.scheduler = rdd.New(rdd.Options{Runner: s.pool, FS: s.host.engine.FS(), Slots: s.engine.Cores(), Memory: s.engine.Conf().Bytes(conf.RDDMemory),
			Local: local, Failures: s.engine.Failures()})
	}
	return s.scheduler
}

// rddRun starts a job, whose results are then read with its call's number.
func (s *session) rddRun(body json.RawMessage, parts [][]byte) (any, [][]byte, error) {
	j, call, err := s.startJob(body, parts)
	if err != nil {
		return nil, nil, err
	}
	first := s.first()
	first.mu.Lock()
	defer first.mu.Unlock()
	if first.rddJobs == nil {
		first.rddJobs = map[int64]*rdd.Job{}
	}
	first.rddJobs[call] = j
	return nil, nil, nil
}

// startJob starts the job of a runMessage, and gives its call.
func (s *session) startJob(body json.RawMessage, parts [][]byte) (*rdd.Job, int64, error) {
	var m runMessage
	if err := read(body, &m); err != nil {
		return nil, 0, err
	}
	if err := s.define(m.defineMessage, parts); err != nil {
		return nil, 0, err
	}
	function, err := attached(parts, m.Function)
	if err != nil {
		return nil, 0, err
	}
	j, err := s.rdds().Run(rdd.Spec{Node: m.Node, Function: function, Partitions: m.Partitions, Raw: m.Raw, Folder: m.Folder, Name: m.Name, Properties: m.Properties})
	return j, m.Call, err
}

type callMessage struct {
	Call int64 `json:"call"`
}

// rddNext waits for a job's results: {"results": [[index, attachment, or -1 for the partition's end]…], "over": bool}.
func (s *session) rddNext(body json.RawMessage, _ [][]byte) (any, [][]byte, error) {
	var m callMessage
	if err := read(body, &m); err != nil {
		return nil, nil, err
	}
	j := s.rddJob(m.Call, false)
	if j == nil {
		return nil, nil, errs.Internal("there is no job of call %d", m.Call)
	}
	results, over, err := j.Next(doWait)
	if over {
		s.rddJob(m.Call, true)
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
	var m callMessage
	if err := read(body, &m); err != nil {
		return nil, nil, err
	}
	if j := s.rddJob(m.Call, true); j != nil {
		j.Close()
	}
	return nil, nil, nil
}

// rddJob finds the job of a call whose results are not all read, and forgets it if so told.
func (s *session) rddJob(call int64, forget bool) *rdd.Job {
	first := s.first()
	first.mu.Lock()
	defer first.mu.Unlock()
	j := first.rddJobs[call]
	if forget {
		delete(first.rddJobs, call)
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
