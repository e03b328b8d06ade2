package source

import (
	"context"
	"sort"
	"strconv"
	"strings"
	"time"

	"github.com/apache/arrow-go/v18/arrow/memory"

	"pysparkcompat/engine/clock"
	"pysparkcompat/engine/conf"
	"pysparkcompat/engine/errs"
	"pysparkcompat/engine/types"
	"pysparkcompat/engine/vfs"
)

// Env is what a connector is opened with. It is shared and read only.
type Env struct {
	FS    vfs.FS
	Clock clock.Clock
	Mem   memory.Allocator
	Conf  *conf.Conf
	Zone  *time.Location
	// Parallelism is the session's cores: into how many splits an input is cut at least.
	Parallelism int
	// Options are the user's, under any case.
	Options map[string]string
	// Schema is the user's, or nil.
	Schema *types.Struct
	// Table says that the files are a table's: none need be there. Partitions are then the columns that name folders.
	Table      bool
	Partitions []string
	// Paths are those given to load(); the option path counts as one more.
	Paths []string
}

// Definition is a stream that is analysed and not yet run.
type Definition interface {
	Schema() types.Struct
	// Describe is the description that progress will carry.
	Describe() string
	// Start opens the stream. log is the source's own folder in the checkpoint, checkpoint/sources/N; the source makes
	// it when it keeps something there.
	Start(ctx context.Context, log string) (Stream, error)
}

// Option is the user's value, or what the catalog's row has as default; ok says that the user gave it.
func (e *Env) option(name string) (value string, ok bool) {
	// Two spellings of one option: the last in order wins, so that the answer does not depend on chance.
	keys := make([]string, 0, 1)
	for k := range e.Options {
		if strings.EqualFold(k, name) {
			keys = append(keys, k)
		}
	}
	if len(keys) == 0 {
		return "", false
	}
	sort.Strings(keys)
	return e.Options[keys[len(keys)-1]], true
}

func (e *Env) flag(name string, otherwise bool) (bool, error) {
	v, ok := e.option(name)
	if !ok {
		return otherwise, nil
	}
	switch strings.ToLower(v) {
	case "true":
		return true, nil
	case "false":
		return false, nil
	}
	return false, errs.New(errs.Unnamed+"OPTION_BOOL", "value", v, "option", name)
}

// whole reads an integer option as Java's toLong does.
func (e *Env) whole(name string, otherwise int64) (int64, error) {
	v, ok := e.option(name)
	if !ok {
		return otherwise, nil
	}
	n, err := strconv.ParseInt(v, 10, 64)
	if err != nil {
		return 0, errs.New(errs.Unnamed+"OPTION_NUMBER", "value", v, "option", name)
	}
	return n, nil
}

// paths are all paths given, the option's among them.
func (e *Env) paths() ([]string, error) {
	p, ok := e.option("path")
	if !ok {
		return e.Paths, nil
	}
	if len(e.Paths) > 0 {
		return nil, errs.New(errs.Unnamed + "PATH_TWICE")
	}
	return []string{p}, nil
}
