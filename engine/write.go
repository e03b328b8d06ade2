package engine

import (
	"context"

	"pysparkcompat/engine/errs"
	"pysparkcompat/engine/sink"
)

// SaveMode is what a batch write does where its target exists.
type SaveMode string

const (
	Append        SaveMode = "append"
	Overwrite     SaveMode = "overwrite"
	ErrorIfExists SaveMode = "errorifexists"
	Ignore        SaveMode = "ignore"
)

// WriteSpec is what df.write says.
type WriteSpec struct {
	Format, Path string
	Mode         SaveMode
	Options      map[string]string
}

// Write runs a frame into files.
func (s *Session) Write(ctx context.Context, f *Frame, spec WriteSpec) error {
	return errs.NotBuilt("write")
}

func (s *Session) fileSink(schema Schema, spec StreamSpec, mode sink.Mode) (sink.Sink, error) {
	return nil, errs.NotBuilt("file sink")
}
