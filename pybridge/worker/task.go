package worker

import (
	"context"
	"encoding/binary"
	"encoding/json"

	"pysparkcompat/engine/errs"
	"pysparkcompat/engine/rdd"
	"pysparkcompat/pybridge/host"
)

// The frames of a task, a run that is one pack of its description and what it reads.
const (
	task  = 'J' // pool: a pack, what is to be evaluated (taskMessage); begins a task
	block = 'K' // worker: 8 bytes, the number of elements, and a block of results
	ended = 'Y' // worker: a pack (doneMessage): the task is over
	meet  = 'Q' // worker: JSON {"kind", "message"}: it waits for the other tasks of its stage
	met   = 'A' // pool: JSON, what each of them said
)

// taskMessage is a task's JSON. Attachments are named by their numbers.
type taskMessage struct {
	Job          int64             `json:"jobId"`
	Stage        int               `json:"stageId"`
	StageAttempt int               `json:"stageAttempt"`
	Partition    int               `json:"partitionId"`
	Of           int               `json:"numPartitions"`
	Attempt      int               `json:"attemptNumber"`
	ID           int64             `json:"taskAttemptId"`
	Properties   map[string]string `json:"localProperties,omitempty"`
	Barrier      *barrierMessage   `json:"barrier,omitempty"`
	Cells        []cellMessage     `json:"cells"`
	Root         int               `json:"root"`
	Function     int               `json:"function"` // -1: none
	Raw          bool              `json:"raw,omitempty"`
	Skip         int64             `json:"skip"`
	Folder       string            `json:"folder,omitempty"`
	Writer       int               `json:"writer"` // -1: no map task
	Scratch      string            `json:"scratch"`
	Inline       int64             `json:"inline"`
}

type barrierMessage struct {
	Tasks int `json:"tasks"`
}

// cellMessage is a cell's. Of blocks, each is an attachment's number or [path, offset, length].
type cellMessage struct {
	Node    int64   `json:"node"`
	Split   int     `json:"split"`
	Step    int     `json:"step"`    // -1: none
	Payload any     `json:"payload"` // blocks of one
	Ready   bool    `json:"ready"`
	Blocks  []any   `json:"blocks"`
	Inputs  []any   `json:"inputs"` // a cell's number, or blocks
	Keep    *string `json:"keep"`   // "memory" or "disk"
}

type doneMessage struct {
	Last    *[2]int64      `json:"last"` // the last block of results: its attachment and number of elements
	Output  *outputMessage `json:"output"`
	Kept    []keptMessage  `json:"kept"`
	Updates []int          `json:"updates"` // attachments
}

type outputMessage struct {
	Path  string     `json:"path"`
	Part  int        `json:"part"`  // an attachment, where there is no path
	Index [][3]int64 `json:"index"` // partition, offset, length
}

type keptMessage struct {
	Cell   int    `json:"cell"`
	Path   string `json:"path"`
	Part   int    `json:"part"`
	Length int64  `json:"length"`
}

// attachments collects what goes with a task's JSON, each once.
type attachments struct {
	parts [][]byte
	known map[*byte]int
}

func (a *attachments) add(b []byte) int {
	if len(b) == 0 {
		a.parts = append(a.parts, nil)
		return len(a.parts) - 1
	}
	if i, ok := a.known[&b[0]]; ok && len(a.parts[i]) == len(b) {
		return i
	}
	i := len(a.parts)
	a.parts, a.known[&b[0]] = append(a.parts, b), i
	return i
}

func (a *attachments) optional(b []byte) int {
	if b == nil {
		return -1
	}
	return a.add(b)
}

func (a *attachments) data(d rdd.Data) any {
	if d.Path != "" {
		return []any{d.Path, d.Offset, d.Length}
	}
	return a.add(d.Bytes)
}

func (a *attachments) list(blocks []rdd.Data) []any {
	out := make([]any, len(blocks))
	for i, b := range blocks {
		out[i] = a.data(b)
	}
	return out
}

// taskBody makes a task's head and attachments.
func taskBody(t *rdd.Task) ([]byte, [][]byte, error) {
	a := &attachments{known: map[*byte]int{}}
	m := taskMessage{Job: t.Job, Stage: t.Stage, StageAttempt: t.StageAttempt, Attempt: t.Attempt, Raw: t.Raw, ID: t.ID, Partition: t.Partition, Of: t.Of, Root: t.Root,
		Function: a.optional(t.Function), Skip: t.Skip, Folder: t.Folder, Writer: -1, Scratch: t.Scratch, Inline: t.Inline, Properties: t.Properties,
		Cells: make([]cellMessage, len(t.Cells))}
	if t.Shuffle != nil {
		m.Writer = a.add(t.Shuffle.Writer)
	}
	if t.Barrier != nil {
		m.Barrier = &barrierMessage{t.Barrier.Tasks()}
	}
	for i, c := range t.Cells {
		m.Cells[i] = cell(c, a)
	}
	head, err := json.Marshal(m)
	if err != nil {
		return nil, nil, errs.Internal("task: %v", err)
	}
	return head, a.parts, nil
}

var keep = map[bool]*string{true: ptr("memory"), false: ptr("disk")}

func ptr(s string) *string { return &s }

func cell(c rdd.Cell, a *attachments) cellMessage {
	m := cellMessage{Node: c.Node.ID, Split: c.Split, Step: -1, Ready: c.Ready, Inputs: make([]any, len(c.Inputs))}
	if c.Ready {
		m.Blocks = a.list(c.Blocks)
		return m
	}
	m.Step = a.optional(c.Node.Step)
	for i, in := range c.Inputs {
		if in.Cell >= 0 {
			m.Inputs[i] = in.Cell
		} else {
			m.Inputs[i] = a.list(in.Blocks)
		}
	}
	if c.Payload != nil {
		m.Payload = a.list([]rdd.Data{*c.Payload})
	}
	if c.Keep != (rdd.Level{}) {
		m.Keep = keep[c.Keep.Memory]
	}
	return m
}

// Run does one task in a worker of the pool.
func (p *Pool) Run(ctx context.Context, t *rdd.Task, results func([]byte, int64) error) (*rdd.Done, error) {
	head, parts, err := taskBody(t)
	if err != nil {
		return nil, err
	}
	w, fresh, err := p.take(ctx, nil)
	for ; err == nil; w, fresh, err = p.take(ctx, nil) {
		r := &taskRun{w: w, task: t, results: results}
		d, err := r.run(ctx, head, parts)
		if r.clean {
			p.give(w)
		} else {
			p.drop(w)
		}
		if r.untouched && !fresh && ctx.Err() == nil {
			continue // it died while it was idle
		}
		return d, err
	}
	return nil, err
}

// taskRun is one task with one worker.
type taskRun struct {
	w       *process
	task    *rdd.Task
	results func([]byte, int64) error
	// clean says that the worker may go on, untouched that it never answered.
	clean, untouched bool
}

func (r *taskRun) run(ctx context.Context, head []byte, parts [][]byte) (*rdd.Done, error) {
	stop := context.AfterFunc(ctx, r.w.end) // user code that never returns must not outlive its job
	d, err := r.talk(ctx, head, parts)
	if !stop() {
		r.clean = false
		return nil, context.Cause(ctx)
	}
	return d, err
}

func (r *taskRun) talk(ctx context.Context, head []byte, parts [][]byte) (*rdd.Done, error) {
	r.untouched = true
	if err := r.w.wire.write(task, append([][]byte{host.PackHeader(head, parts)}, parts...)...); err != nil {
		return nil, &rdd.Died{Reason: r.w.fate()}
	}
	for {
		kind, body, err := r.w.wire.take()
		if err != nil {
			return nil, &rdd.Died{Reason: r.w.fate()}
		}
		r.untouched = false
		switch kind {
		case block:
			if len(body) < 8 {
				return nil, errs.Internal("a worker sent a block without a count")
			}
			if err := r.results(body[8:], int64(binary.LittleEndian.Uint64(body))); err != nil {
				return nil, err
			}
		case ended:
			return r.done(body)
		case failed:
			return nil, refused(body)
		case meet:
			if err := r.meet(ctx, body); err != nil {
				return nil, err
			}
		default:
			return nil, errs.Internal("a worker sent a frame of kind %q", kind)
		}
	}
}

func (r *taskRun) meet(ctx context.Context, body []byte) error {
	var m struct{ Kind, Message string }
	if err := json.Unmarshal(body, &m); err != nil || r.task.Barrier == nil {
		return errs.Internal("a worker asks for what its task has not: %q", body)
	}
	said, err := r.task.Barrier.Meet(ctx, r.task.Partition, m.Kind, m.Message)
	if err != nil {
		return err
	}
	answer, err := json.Marshal(said)
	if err != nil {
		return errs.Internal("a barrier's answer: %v", err)
	}
	if r.w.wire.write(met, answer) != nil {
		return &rdd.Died{Reason: r.w.fate()}
	}
	return nil
}

// done reads what a task leaves.
func (r *taskRun) done(body []byte) (*rdd.Done, error) {
	head, parts, err := host.Unpack(body)
	if err != nil {
		return nil, err
	}
	var m doneMessage
	if err := json.Unmarshal(head, &m); err != nil {
		return nil, errs.Internal("a task's end cannot be read: %v", err)
	}
	at := func(i int) []byte {
		if i < 0 || i >= len(parts) {
			err = errs.Internal("a task's end names attachment %d of %d", i, len(parts))
			return nil
		}
		return parts[i]
	}
	d := &rdd.Done{}
	for _, i := range m.Updates {
		d.Updates = append(d.Updates, at(i))
	}
	if o := m.Output; o != nil {
		d.Index = make(map[int][]rdd.Range, len(o.Index))
		for _, e := range o.Index {
			d.Index[int(e[0])] = append(d.Index[int(e[0])], rdd.Range{Offset: e[1], Length: e[2]})
		}
		if d.Output.Path = o.Path; o.Path == "" {
			d.Output.Bytes = at(o.Part)
		}
	}
	for _, k := range m.Kept {
		if k.Cell < 0 || k.Cell >= len(r.task.Cells) {
			return nil, errs.Internal("a task kept cell %d of %d", k.Cell, len(r.task.Cells))
		}
		c := r.task.Cells[k.Cell]
		kept := rdd.Kept{Node: c.Node.ID, Split: c.Split, Data: rdd.Data{Path: k.Path, Length: k.Length}}
		if k.Path == "" {
			kept.Data.Bytes = at(k.Part)
		}
		d.Kept = append(d.Kept, kept)
	}
	var last []byte
	if m.Last != nil {
		last = at(int(m.Last[0]))
	}
	if err != nil {
		return nil, err
	}
	if m.Last != nil {
		if err := r.results(last, m.Last[1]); err != nil {
			return nil, err
		}
	}
	r.clean = true
	return d, nil
}

// refused turns what a worker says of a task's failure into an error.
func refused(body []byte) error {
	var e struct {
		Lost, Reason string
	}
	if json.Unmarshal(body, &e) == nil && e.Lost != "" {
		return &rdd.Lost{Path: e.Lost, Reason: e.Reason}
	}
	return raised(body)
}

var _ rdd.Runner = (*Pool)(nil)
