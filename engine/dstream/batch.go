package dstream

// batch is one batch on its way: its jobs and when they ran, by the context's clock. The scheduler's lock guards it.
type batch struct {
	time      int64
	jobs      []*job
	inputs    map[int]InputInfo
	submitted int64
	started   *int64
	ended     *int64
	left      int
	failed    bool
}

// job is one output operation of a batch.
type job struct {
	batch          *batch
	output         *Output
	spec           OutputSpec
	started, ended *int64
	failure        error
}

func (b *batch) info() BatchInfo {
	i := BatchInfo{Time: b.time, Submitted: b.submitted, Started: b.started, Ended: b.ended, Inputs: map[int]InputReport{}, OutputInfos: map[int]OutputInfo{}}
	if b.started != nil {
		i.Scheduling = span(b.submitted, *b.started)
	}
	if b.started != nil && b.ended != nil {
		i.Processing = span(*b.started, *b.ended)
		i.Total = span(b.submitted, *b.ended)
	}
	for id, in := range b.inputs {
		i.NumRecords += in.Records
		i.Inputs[id] = in.report()
	}
	for _, j := range b.jobs {
		i.OutputInfos[j.output.ID] = j.info()
	}
	return i
}

func (j *job) info() OutputInfo {
	i := OutputInfo{Batch: j.batch.time, ID: j.output.ID, Name: j.spec.Name, Description: j.spec.Description, Started: j.started, Ended: j.ended}
	if j.started != nil && j.ended != nil {
		i.Duration = span(*j.started, *j.ended)
	}
	if j.failure != nil {
		text := j.failure.Error()
		i.Failure = &text
	}
	return i
}

func span(from, to int64) *int64 { d := to - from; return &d }
