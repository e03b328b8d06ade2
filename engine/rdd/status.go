package rdd

import (
	"slices"
	"strings"

	"pysparkcompat/engine/errs"
)

// retained is how many jobs and stages are remembered after their end.
const retained = 1000

// The local properties that a job is known by.
const (
	GroupKey = "spark.jobGroup.id"
	TagsKey  = "spark.job.tags"
)

// The states of a job.
const (
	Running   = "RUNNING"
	Succeeded = "SUCCEEDED"
	Failed    = "FAILED"
)

// JobInfo is how a job stands or ended.
type JobInfo struct {
	ID     int64
	Group  string
	Tags   []string
	Stages []int
	Status string
}

// StageInfo is how a stage stands or ended; one that was not needed has no active, completed or failed tasks.
type StageInfo struct {
	ID, Attempt                      int
	Name                             string
	Tasks, Active, Completed, Failed int
	active                           bool
}

// history remembers jobs and stages. The Scheduler's lock guards it.
type history struct {
	jobs   []*JobInfo
	stages []*StageInfo
}

func (h *history) job(id int64) *JobInfo {
	for _, j := range slices.Backward(h.jobs) {
		if j.ID == id {
			return j
		}
	}
	return nil
}

func (h *history) stage(id int) *StageInfo {
	for _, st := range slices.Backward(h.stages) {
		if st.ID == id {
			return st
		}
	}
	return nil
}

// trim forgets the oldest that are over.
func trim[T any](list []*T, over func(*T) bool) []*T {
	for i := 0; len(list) > retained && i < len(list); {
		if over(list[i]) {
			list = slices.Delete(list, i, i+1)
		} else {
			i++
		}
	}
	return list
}

func (h *history) addJob(j *JobInfo) {
	h.jobs = trim(append(h.jobs, j), func(j *JobInfo) bool { return j.Status != Running })
}

func (h *history) addStage(st *StageInfo) {
	h.stages = trim(append(h.stages, st), func(st *StageInfo) bool { return !st.active })
}

// JobInfo tells of a job, or says that it is unknown.
func (s *Scheduler) JobInfo(id int64) (JobInfo, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if j := s.history.job(id); j != nil {
		return *j, true
	}
	return JobInfo{}, false
}

// StageInfo tells of a stage, or says that it is unknown.
func (s *Scheduler) StageInfo(id int) (StageInfo, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if st := s.history.stage(id); st != nil {
		return *st, true
	}
	return StageInfo{}, false
}

// Group gives all known jobs of a group, an empty one those of none.
func (s *Scheduler) Group(group string) (ids []int64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, j := range s.history.jobs {
		if j.Group == group {
			ids = append(ids, j.ID)
		}
	}
	return ids
}

// Active gives the jobs and the stages that run.
func (s *Scheduler) Active() (jobs []int64, stages []int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, j := range s.history.jobs {
		if j.Status == Running {
			jobs = append(jobs, j.ID)
		}
	}
	for _, st := range s.history.stages {
		if st.active {
			stages = append(stages, st.ID)
		}
	}
	return jobs, stages
}

// Load is how many tasks run, and how much of the memory limit is taken.
func (s *Scheduler) Load() (tasks int, used, limit int64) {
	s.slots.mu.Lock()
	tasks = s.slots.size - s.slots.free
	s.slots.mu.Unlock()
	s.store.mu.Lock()
	defer s.store.mu.Unlock()
	return tasks, s.store.used, s.store.limit
}

// CancelJob ends a job; one that does not run is no error.
func (s *Scheduler) CancelJob(id int64, reason string) {
	if j := s.Job(id); j != nil {
		j.Cancel(cancelled(j, reason))
	}
}

// Cancel ends the jobs that run and that match says yes to.
func (s *Scheduler) Cancel(match func(JobInfo) bool, reason string) {
	s.mu.Lock()
	var list []*Job
	for _, j := range s.jobs {
		if match(*j.info) {
			list = append(list, j)
		}
	}
	s.mu.Unlock()
	for _, j := range list {
		j.Cancel(cancelled(j, reason))
	}
}

func tagsOf(properties map[string]string) []string {
	if t := properties[TagsKey]; t != "" {
		return strings.Split(t, ",")
	}
	return nil
}

func cancelled(j *Job, reason string) error {
	return errs.New(errs.Unnamed+"JOB_CANCELLED", "id", number(j.ID), "reason", reason)
}
