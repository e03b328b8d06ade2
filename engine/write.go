package engine

import (
	"context"

	"pysparkcompat/engine/errs"
	"pysparkcompat/engine/exec"
	"pysparkcompat/engine/logical"
	"pysparkcompat/engine/sink"
)

// SaveMode is what a batch write does where its target exists.
type SaveMode = sink.SaveMode

const (
	Append        = sink.SaveAppend
	Overwrite     = sink.SaveOverwrite
	ErrorIfExists = sink.SaveError
	Ignore        = sink.SaveIgnore
)

// WriteSpec is what df.write says.
type WriteSpec struct {
	Format, Path string
	Mode         SaveMode
	Options      map[string]string
	PartitionBy  []string
}

// Write runs a frame into files: all of them or none.
func (s *Session) Write(ctx context.Context, f *Frame, spec WriteSpec) error {
	if f.Streaming() {
		return errs.New("CALL_ON_STREAMING_DATASET_UNSUPPORTED", "methodName", "`write`")
	}
	if spec.Format == "" {
		spec.Format = s.conf.String("spark.sql.sources.default")
	}
	if spec.Path == "" {
		spec.Path = option(spec.Options, "path")
	}
	if spec.Format == "noop" {
		if len(spec.PartitionBy) > 0 {
			return errs.New(errs.Unnamed+"OPTION_TEXT", "message", "noop takes no partitions.")
		}
		return s.save(ctx, f, sink.Noop{})
	}
	if spec.Path == "" {
		return errs.New("_LEGACY_ERROR_TEMP_2047")
	}
	env := s.sinkEnv(f.Schema(), spec.Options)
	env.PartitionBy = spec.PartitionBy
	out, skip, err := sink.NewOutput(spec.Format, s.absolute([]string{spec.Path})[0], spec.Mode, env)
	if err != nil || skip {
		return err
	}
	if err := s.save(ctx, f, files{out}); err != nil {
		if undo := out.Abort(); undo != nil {
			return errs.New("TASK_WRITE_FAILED", "path", spec.Path).WithCause(err)
		}
		return err
	}
	return out.Commit(ctx)
}

// save runs a frame into a sink's writers.
func (s *Session) save(ctx context.Context, f *Frame, to sink.Sink) error {
	if err := logical.CheckBatch(f.plan); err != nil {
		return err
	}
	p, err := s.cache.fill(ctx, s, f.plan)
	if err != nil {
		return err
	}
	out := &exec.Output{Sink: to}
	return s.batch(ctx, p, false, func(root *exec.Node) *exec.Node {
		return &exec.Node{Inputs: []exec.Feed{root}, Name: "Write", Make: func(i exec.Instance) (exec.Operator, error) { return exec.NewWrite(i, out), nil }}
	}, func(p *exec.Pipeline, e exec.Epoch, inputs []exec.StageInput) error {
		err := p.Run(ctx, e, inputs)
		if closed := p.Close(); err == nil {
			err = closed
		}
		return err
	})
}

// files is a batch write as the sink of one epoch.
type files struct{ *sink.Output }

func (f files) Begin(context.Context, int64) (bool, error) { return false, nil }
func (f files) Writer(ctx context.Context, _ int64, instance int) (sink.Writer, error) {
	return f.Output.Writer(ctx, instance)
}
func (f files) Commit(ctx context.Context, _ int64) error { return f.Output.Commit(ctx) }
func (f files) Abort(int64) error                         { return f.Output.Abort() }
func (f files) Describe() string                          { return "files" }
func (f files) Idempotent() bool                          { return false }
func (f files) RowsKnown() bool                           { return false }
func (f files) Close() error                              { return nil }
