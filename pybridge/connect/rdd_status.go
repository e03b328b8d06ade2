package connect

import (
	"encoding/json"
	"slices"

	"pysparkcompat/engine/errs"
	"pysparkcompat/engine/rdd"
)

// rddDrain gives what functions added to accumulators since the last call: an attachment a task or run.
func (s *session) rddDrain(json.RawMessage, [][]byte) (any, [][]byte, error) {
	return nil, append(s.rdds().Drain(), s.pool.Drain()...), nil
}

// statusMessage asks for what Kind names: of one job or stage by ID, or of a group, which null stands for no group.
type statusMessage struct {
	Kind  string  `json:"kind"`
	ID    int64   `json:"id"`
	Group *string `json:"group"`
}

// rddStatus tells of jobs and stages, as statusTracker does; null of what is not known.
func (s *session) rddStatus(body json.RawMessage, _ [][]byte) (any, [][]byte, error) {
	var m statusMessage
	if err := read(body, &m); err != nil {
		return nil, nil, err
	}
	r := s.rdds()
	jobs, stages := r.Active()
	switch m.Kind {
	case "group":
		var group string
		if m.Group != nil {
			group = *m.Group
		}
		return r.Group(group), nil, nil
	case "jobs":
		return jobs, nil, nil
	case "stages":
		return stages, nil, nil
	case "job":
		if j, ok := r.JobInfo(m.ID); ok {
			return map[string]any{"stageIds": j.Stages, "status": j.Status}, nil, nil
		}
		return nil, nil, nil
	case "stage":
		if st, ok := r.StageInfo(int(m.ID)); ok {
			return map[string]any{"currentAttemptId": st.Attempt, "name": st.Name, "numTasks": st.Tasks, "numActiveTasks": st.Active,
				"numCompletedTasks": st.Completed, "numFailedTasks": st.Failed}, nil, nil
		}
		return nil, nil, nil
	case "executor":
		tasks, used, limit := r.Load()
		return map[string]any{"host": "localhost", "port": 0, "numRunningTasks": tasks, "usedOnHeapStorageMemory": used, "totalOnHeapStorageMemory": limit}, nil, nil
	}
	return nil, nil, errs.Internal("there is no status of kind %q", m.Kind)
}

// cancelMessage names jobs: "all", "job" by ID, "group" or "tag" by Value.
type cancelMessage struct {
	Kind   string `json:"kind"`
	ID     int64  `json:"id"`
	Value  string `json:"value"`
	Reason string `json:"reason"`
}

// rddCancel ends jobs; none is no error.
func (s *session) rddCancel(body json.RawMessage, _ [][]byte) (any, [][]byte, error) {
	var m cancelMessage
	if err := read(body, &m); err != nil {
		return nil, nil, err
	}
	r := s.rdds()
	switch m.Kind {
	case "all":
		r.Cancel(func(rdd.JobInfo) bool { return true }, m.Reason)
	case "job":
		r.CancelJob(m.ID, m.Reason)
	case "group":
		r.Cancel(func(j rdd.JobInfo) bool { return j.Group == m.Value }, m.Reason)
	case "tag":
		r.Cancel(func(j rdd.JobInfo) bool { return slices.Contains(j.Tags, m.Value) }, m.Reason)
	default:
		return nil, nil, errs.Internal("there is no cancelling of kind %q", m.Kind)
	}
	return nil, nil, nil
}

// rddStored gives how many partitions of a node are kept, and their bytes in memory and on disk.
func (s *session) rddStored(body json.RawMessage, _ [][]byte) (any, [][]byte, error) {
	var m struct {
		Node int64 `json:"node"`
	}
	if err := read(body, &m); err != nil {
		return nil, nil, err
	}
	partitions, memory, disk := s.rdds().Stored(m.Node)
	return map[string]int64{"partitions": int64(partitions), "memory": memory, "disk": disk}, nil, nil
}
