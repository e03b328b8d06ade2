package source

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"strconv"
	"strings"

	"pysparkcompat/engine/errs"
	"pysparkcompat/engine/state"
	"pysparkcompat/engine/types"
)

var stateOptions = []Option{
	{Name: "path", Doc: "the query's checkpoint"},
	{Name: "batchId", Default: "the last that was committed", Doc: "which version"},
	{Name: "operatorId", Default: "0", Doc: "which stateful operator"},
	{Name: "storeName", Default: "default", Doc: "which store of the operator"},
	{Name: "joinSide", Default: "none", Doc: "left or right: the rows of a side of a stream-stream join"},
	{Name: "readChangeFeed", Default: "false", Doc: "what epochs changed, not what they left"},
	{Name: "changeStartBatchId", Doc: "the feed's first epoch"},
	{Name: "changeEndBatchId", Default: "the last that was committed", Doc: "the feed's last epoch"},
	{Name: "snapshotStartBatchId", Doc: "not built: a version is always made from the newest snapshot", Refused: anyValue},
	{Name: "snapshotPartitionId", Doc: "not built", Refused: anyValue},
	{Name: "stateVarName", Doc: "of transformWithState, which is not built"},
	{Name: "readRegisteredTimers", Default: "false", Doc: "of transformWithState, which is not built"},
	{Name: "flattenCollectionTypes", Default: "true", Doc: "of transformWithState, no meaning here"},
}

func anyValue(string) bool { return true }

// stateTable is the rows of a store of a stateful query after an epoch, or what epochs changed in it.
type stateTable struct {
	env    *Env
	kept   *state.Kept
	spec   state.Spec
	dir    string // the checkpoint
	asked  stateAsked
	schema types.Struct
	// keys and values are the numbers of the table's columns that the key and value structs have.
	keys, values []int
	counts       bool // how many rows a join's side has of a key, not the rows
}

// stateAsked is what the options say.
type stateAsked struct {
	batch, operator int64
	store, side     string
	feed            bool
	from, to        int64
}

func (a stateAsked) text(dir string) string {
	return fmt.Sprintf("StateSourceOptions(checkpointLocation=file://%s, batchId=%d, operatorId=%d, storeName=%s, joinSide=%s, stateVarName=None, flattenCollectionTypes=true)",
		dir, a.batch, a.operator, a.store, a.side)
}

func openStateStore(_ context.Context, e *Env) (Table, error) {
	if e.Schema != nil {
		return nil, errs.New("_LEGACY_ERROR_TEMP_2242", "provider", "StateDataSource")
	}
	dir, err := e.checkpoint()
	if err != nil {
		return nil, err
	}
	asked, err := e.stateAsked(dir)
	if err != nil {
		return nil, err
	}
	kept, err := state.Look(e.FS, path.Join(dir, "state"))
	if err != nil {
		return nil, err
	}
	t := &stateTable{env: e, kept: kept, dir: dir, asked: asked}
	if err := t.find(); err != nil {
		return nil, err
	}
	return t, nil
}

// checkpoint is the one path that a reader of state is given.
func (e *Env) checkpoint() (string, error) {
	paths, err := e.paths()
	if err != nil {
		return "", err
	}
	if len(paths) == 0 {
		return "", errs.New("STDS_REQUIRED_OPTION_UNSPECIFIED", "optionName", "path")
	}
	return LocalPath(paths[0])
}

// stateAsked reads the options in the order in which PySpark refuses them.
func (e *Env) stateAsked(dir string) (a stateAsked, err error) {
	if a.operator, err = e.notNegativeState("operatorId", 0); err != nil {
		return a, err
	}
	a.store, a.side = "default", "none"
	if v, ok := e.option("storeName"); ok {
		if v == "" {
			return a, errs.New("STDS_INVALID_OPTION_VALUE.IS_EMPTY", "optionName", "storeName")
		}
		a.store = v
	}
	if v, ok := e.option("joinSide"); ok {
		a.side = strings.ToLower(v)
		if a.side != "left" && a.side != "right" && a.side != "none" {
			return a, stateOption("joinSide", "Valid values are left,right,none")
		}
	}
	if a.side != "none" && a.store != "default" {
		return a, stateConflict("joinSide", "storeName")
	}
	if a.feed, err = e.flag("readChangeFeed", false); err != nil {
		return a, err
	}
	last, err := e.lastCommitted(dir)
	if a.feed {
		return e.feedAsked(a, dir, last, err)
	}
	for _, name := range []string{"changeStartBatchId", "changeEndBatchId"} {
		if _, ok := e.option(name); ok {
			return a, stateOption(name, "Only specify this option when readChangeFeed is set to true.")
		}
	}
	if a.batch, err = e.notNegativeState("batchId", last); err != nil {
		return a, err
	}
	if last < 0 || a.batch > last {
		return a, errs.New("STDS_COMMITTED_BATCH_UNAVAILABLE", "checkpointLocation", "file://"+dir)
	}
	return a, nil
}

func (e *Env) feedAsked(a stateAsked, dir string, last int64, err error) (stateAsked, error) {
	if a.side != "none" {
		return a, stateConflict("joinSide", "readChangeFeed")
	}
	if _, ok := e.option("batchId"); ok {
		return a, stateConflict("batchId", "readChangeFeed")
	}
	if _, ok := e.option("changeStartBatchId"); !ok {
		return a, errs.New("STDS_REQUIRED_OPTION_UNSPECIFIED", "optionName", "changeStartBatchId")
	}
	if a.from, err = e.notNegativeState("changeStartBatchId", 0); err != nil {
		return a, err
	}
	if a.to, err = e.notNegativeState("changeEndBatchId", last); err != nil {
		return a, err
	}
	if last < 0 || a.to > last {
		return a, errs.New("STDS_COMMITTED_BATCH_UNAVAILABLE", "checkpointLocation", "file://"+dir)
	}
	if a.to < a.from {
		return a, stateOption("changeEndBatchId", fmt.Sprintf("changeEndBatchId cannot be smaller than changeStartBatchId; without it, changeStartBatchId must be at most %d.", a.to))
	}
	a.batch = a.to
	return a, nil
}

func stateOption(name, message string) error {
	return errs.New("STDS_INVALID_OPTION_VALUE.WITH_MESSAGE", "optionName", name, "message", message)
}

func stateConflict(a, b string) error {
	return errs.New("STDS_CONFLICT_OPTIONS", "options", "['"+a+"', '"+b+"']")
}

func (e *Env) notNegativeState(name string, otherwise int64) (int64, error) {
	n, err := e.whole(name, otherwise)
	if _, given := e.option(name); err == nil && given && n < 0 {
		err = errs.New("STDS_INVALID_OPTION_VALUE.IS_NEGATIVE", "optionName", name)
	}
	return n, err
}

// committed are the epochs whose commit entries a checkpoint holds; first is greater than last where there are none.
func (e *Env) committed(dir string) (first, last int64, err error) {
	entries, err := e.FS.ReadDir(path.Join(dir, "commits"))
	if errors.Is(err, fs.ErrNotExist) {
		return 0, -1, nil
	}
	first, last = 0, -1
	for _, x := range entries {
		n, bad := strconv.ParseInt(x.Name(), 10, 64)
		if bad != nil {
			continue
		}
		if last < 0 || n < first {
			first = n
		}
		last = max(last, n)
	}
	return first, last, err
}

func (e *Env) lastCommitted(dir string) (int64, error) {
	_, last, err := e.committed(dir)
	return last, err
}

// find chooses the store and makes the schema.
func (t *stateTable) find() error {
	store := t.asked.store
	if t.asked.side != "none" {
		store = t.asked.side + state.JoinRows
	}
	known, found := false, false
	if t.kept != nil {
		for _, s := range t.kept.Tables {
			if int64(s.Operator) != t.asked.operator {
				continue
			}
			known = true
			if storeName(s) == strings.Replace(store, state.JoinCounts, state.JoinRows, 1) {
				t.spec, found = s, true
			}
		}
	}
	for _, name := range []string{"stateVarName", "readRegisteredTimers"} {
		if v, ok := t.env.option(name); ok && known && v != "false" {
			return stateOption(name, "Only transformWithState has it.")
		}
	}
	if !found {
		return errs.New("STDS_FAILED_TO_READ_STATE_SCHEMA", "sourceOptions", t.asked.text(t.dir))
	}
	t.layout()
	return nil
}

func storeName(s state.Spec) string {
	if s.StoreName == "" {
		return "default"
	}
	return s.StoreName
}

// layout makes the schema: a struct of the keys, one of the values, and the partition. A join's side is its rows, without
// what the join needs to find them.
func (t *stateTable) layout() {
	var key, value types.Struct
	t.counts = strings.HasSuffix(t.asked.store, state.JoinCounts)
	width := len(t.spec.Keys)
	for i, f := range t.spec.Keys {
		if t.asked.side == "none" && !t.counts || i < width-1 {
			key.Fields, t.keys = append(key.Fields, types.Field{Name: f.Name, Type: f.Type, Nullable: true}), append(t.keys, i)
		}
	}
	if t.counts {
		value.Fields, t.values = []types.Field{{Name: "value", Type: types.Long, Nullable: true}}, []int{width - 1}
	}
	for i, f := range t.spec.Values {
		if t.counts {
			break
		}
		if t.asked.side == "none" || f.Name != "matched" {
			value.Fields, t.values = append(value.Fields, types.Field{Name: f.Name, Type: f.Type, Nullable: true}), append(t.values, width+i)
		}
	}
	if len(key.Fields) == 0 {
		key.Fields, t.keys = []types.Field{{Name: "key", Type: types.Null, Nullable: true}}, []int{-1}
	}
	if len(value.Fields) == 0 {
		value.Fields, t.values = []types.Field{{Name: "__dummy__", Type: types.Null, Nullable: true}}, []int{-1}
	}
	if t.asked.feed {
		t.schema.Fields = []types.Field{{Name: "batch_id", Type: types.Long, Nullable: true}, {Name: "change_type", Type: types.String, Nullable: true}}
	}
	t.schema.Fields = append(t.schema.Fields, types.Field{Name: "key", Type: key, Nullable: true}, types.Field{Name: "value", Type: value, Nullable: true},
		types.Field{Name: "partition_id", Type: types.Int, Nullable: true})
}

func (t *stateTable) Schema() types.Struct { return t.schema }

func (t *stateTable) Describe() string {
	return fmt.Sprintf("StateTable [stateCkptLocation=file:%s/state][batchId=%d][operatorId=%d][storeName=%s]", t.dir, t.asked.batch, t.asked.operator, t.asked.store)
}

func (t *stateTable) Splits(context.Context) ([]Split, error) { return []Split{&stateSplit{t}}, nil }
