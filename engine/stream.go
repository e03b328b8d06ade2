package engine

import (
	"context"
	"os"
	"path"
	"strconv"
	"strings"
	"time"

	"pysparkcompat/engine/checkpoint"
	"pysparkcompat/engine/conf"
	"pysparkcompat/engine/errs"
	"pysparkcompat/engine/exec"
	"pysparkcompat/engine/expr"
	"pysparkcompat/engine/logical"
	"pysparkcompat/engine/planner"
	"pysparkcompat/engine/query"
	"pysparkcompat/engine/sink"
	"pysparkcompat/engine/source"
	"pysparkcompat/engine/state"
)

// ForeachBatch is the format of a sink that is a function in the user's process.
const ForeachBatch = "foreachBatch"

// Foreach is the format of a sink that is a writer of the user's, which workers run.
const Foreach = "foreach"

// StreamSpec is what writeStream says.
type StreamSpec struct {
	Format, Path, Mode, Name string
	Options                  map[string]string
	PartitionBy              []string
	// Table is the name that toTable gave; it says where the rows go.
	Table   string
	Trigger query.Trigger
	// Writer is the pickled writer of the format Foreach.
	Writer []byte
}

// Callbacks are what a query calls in the driver. They may block; each is called from the query's own goroutines.
type Callbacks struct {
	// Batch runs the user's function over an epoch's rows.
	Batch func(ctx context.Context, epoch int64, rows *EpochRows) error
	// Print shows a console sink's text.
	Print  func(ctx context.Context, text string) error
	Notify func(query.Event)
	// Ended is called when nothing of the query will be called again, but for its last event.
	Ended func()
}

// Start makes a streaming query, which runs once it is told to begin. What is wrong with the plan, the sink, the
// checkpoint's id or the name is raised here; what is wrong with the logs ends the query.
func (s *Session) Start(f *Frame, spec StreamSpec, calls Callbacks) (*query.Query, error) {
	over, err := s.queries.Making()
	if err != nil {
		return nil, err
	}
	defer over()
	mode, err := outputMode(spec.Mode)
	if err != nil {
		return nil, err
	}
	if !f.Streaming() {
		return nil, errs.New("WRITE_STREAM_NOT_ALLOWED")
	}
	if spec.Table != "" {
		if spec, err = s.tableForStream(f, spec); err != nil {
			return nil, err
		}
	}
	out, err := s.openSink(f, spec, mode, calls)
	if err != nil {
		return nil, err
	}
	if s.conf.Bool(conf.OperationCheck) {
		if err := logical.CheckStream(f.plan, strings.ToLower(string(mode)), !s.conf.Bool(conf.CheckCorrectness)); err != nil {
			return nil, err
		}
	}
	if err := s.queries.CheckName(spec.Name); err != nil {
		return nil, err
	}
	dir, temporary, err := s.checkpointDir(spec, mode)
	if err != nil {
		return nil, err
	}
	q, err := s.start(f, spec, mode, calls, out, dir, temporary)
	if err != nil && temporary {
		s.engine.fs.RemoveAll(dir) //nolint:errcheck // a temporary folder that stays harms nobody
	}
	return q, err
}

// start opens the checkpoint and everything that runs on it.
func (s *Session) start(f *Frame, spec StreamSpec, mode sink.Mode, calls Callbacks, out *opened, dir string, temporary bool) (*query.Query, error) {
	check, err := checkpoint.Open(s.engine.fs, dir)
	if err != nil {
		return nil, err
	}
	if s.conf.Bool(conf.StopActiveRun) {
		s.queries.StopOther(check.ID())
	} else if s.engine.registry.Active(check.ID()) != nil {
		return nil, errs.New("CONCURRENT_QUERY")
	}
	starting := s.engine.registry.Starting(check.ID())
	defer starting.Over()
	history, unreadable := check.History()
	pinned := s.pinned(history)
	partitions, _ := strconv.Atoi(pinned[conf.ShufflePartitions])
	provider, foreign := s.provider(history)
	store := s.openState(provider, check.StateDir(), partitions)
	j, err := s.job(f, mode, check, store, out.sink)
	if err != nil {
		return nil, err
	}
	for _, late := range []error{j.broken, out.broken} {
		if late != nil {
			unreadable = late
		}
	}
	if j.plan.Stateful == 0 {
		provider, foreign = "", s.orphans(history, check.StateDir())
	}
	if foreign != nil {
		unreadable = foreign
	}
	c := query.Config{Name: spec.Name, Job: j, Sink: out.sink, Check: check, History: history, Unreadable: unreadable, Trigger: spec.Trigger, Clock: s.Clock(),
		Settings: s.querySettings(pinned, provider), Seed: seedOf(check.ID()), Notify: calls.Notify}
	if j.plan.Stateful > 0 {
		c.State = store
	}
	var q *query.Query
	c.Ended = func(failed bool) {
		if temporary && (!failed || s.conf.Bool(conf.ForceDelete)) {
			s.engine.fs.RemoveAll(dir) //nolint:errcheck // a temporary folder that stays harms nobody
		}
		s.queries.Ended(q)
		if calls.Ended != nil {
			calls.Ended()
		}
	}
	q = query.New(c)
	if err := s.queries.Add(q, starting); err != nil {
		q.Discard()
		return nil, err
	}
	out.register()
	return q, nil
}

// job plans the query and opens its sources.
func (s *Session) job(f *Frame, mode sink.Mode, check *checkpoint.Checkpoint, store state.Store, to sink.Sink) (*job, error) {
	p := logical.Optimize(f.plan, s.folding())
	env := s.plannerEnv()
	env.Store, env.Mode, env.Partitions = store, mode, store.Partitions()
	env.OneWatermark = !s.conf.Bool(conf.AllowMultiple)
	plan, err := planner.Make(p, env)
	if err != nil {
		return nil, err
	}
	j := &job{session: s, plan: plan, logical: f.plan, optimized: p, oneWatermark: env.OneWatermark, out: &exec.Output{Sink: to}, partitions: store.Partitions()}
	if j.broken = plan.Broken; j.broken != nil {
		return j, nil
	}
	if err := j.open(check); err != nil {
		if !runsInto(err) {
			return nil, err
		}
		j.broken = err
		return j, nil
	}
	root := &exec.Node{Inputs: []exec.Feed{plan.Root}, Name: "WriteToDataSource", Make: func(i exec.Instance) (exec.Operator, error) { return exec.NewWrite(i, j.out), nil }}
	if w, ok := to.(sink.Foreach); ok {
		spec := planner.Foreach(env, plan, w.Command)
		root.Make = func(i exec.Instance) (exec.Operator, error) { return exec.NewForeach(i, spec), nil }
	}
	if j.pipeline, err = exec.New(root, exec.Config{Instance: s.instance(), Cores: s.cores}); err != nil {
		return nil, err
	}
	return j, nil
}

// runsInto says that an error of a source or of the console's options ends the query, as in PySpark, whose query opens
// them after start() has returned: a host that refuses, an option that is no number.
func runsInto(err error) bool {
	e := errs.As(err)
	return e == nil || e.Class != errs.Analysis && e.Class != errs.NotImplemented
}

// occurrence is a stream in a plan; where a plan meets one twice, in a union, it is read by one source.
type occurrence struct {
	of       source.Definition
	instance expr.ID
}

// open starts each distinct stream of the plan once, and lists what the static sides read.
func (j *job) open(check *checkpoint.Checkpoint) error {
	ctx := context.Background()
	known := map[occurrence]int{}
	for _, l := range j.plan.Leaves {
		number, splits := -1, []source.Split(nil)
		if l.Scan != nil && l.Scan.Stream {
			d := l.Scan.Source.(source.Definition)
			at := occurrence{d, l.Scan.Instance}
			n, ok := known[at]
			if !ok {
				stream, err := d.Start(ctx, check.SourceDir(len(j.streams)))
				if err != nil {
					return err
				}
				n = len(j.streams)
				known[at] = n
				j.streams = append(j.streams, stream)
			}
			number = n
		} else {
			var err error
			if splits, err = j.session.splits(ctx, l); err != nil {
				return err
			}
		}
		j.stream, j.fixed = append(j.stream, number), append(j.fixed, splits)
	}
	return nil
}

func nanos(n int64) time.Duration { return time.Duration(n) }

func outputMode(text string) (sink.Mode, error) {
	switch strings.ToLower(text) {
	case "", "append":
		return sink.Append, nil
	case "update":
		return sink.Update, nil
	case "complete":
		return sink.Complete, nil
	}
	return "", errs.New("STREAMING_OUTPUT_MODE.INVALID", "outputMode", text)
}

// checkpointDir is where the query keeps its checkpoint; temporary is one that goes when the query ends well.
func (s *Session) checkpointDir(spec StreamSpec, mode sink.Mode) (dir string, temporary bool, err error) {
	given := option(spec.Options, "checkpointLocation")
	if root := s.conf.String(conf.CheckpointLocation); given == "" && root != "" {
		name := spec.Name
		if name == "" {
			name = newID()
		}
		given = strings.TrimSuffix(root, "/") + "/" + name
	}
	if given != "" {
		dir, err := source.LocalPath(s.absolute([]string{given})[0])
		if err == nil && spec.Format == "memory" && mode != sink.Complete {
			if entries, readErr := s.engine.fs.ReadDir(path.Join(dir, "offsets")); readErr == nil && len(entries) > 0 {
				return "", false, errs.New("_LEGACY_ERROR_TEMP_1299", "checkpointPath", path.Join(dir, "offsets"))
			}
		}
		return dir, false, err
	}
	if !ephemeral[spec.Format] {
		return "", false, errs.New("_LEGACY_ERROR_TEMP_1298", "config", conf.CheckpointLocation)
	}
	dir, err = os.MkdirTemp("", "temporary-")
	return dir, true, err
}

// ephemeral sinks may run without a checkpoint of the user's.
var ephemeral = map[string]bool{"memory": true, "console": true, "noop": true, ForeachBatch: true, Foreach: true}

// option finds a user's option in any case.
func option(options map[string]string, name string) string {
	for k, v := range options {
		if strings.EqualFold(k, name) {
			return v
		}
	}
	return ""
}
