package engine

import (
	"sort"

	"github.com/apache/arrow-go/v18/arrow"

	"pysparkcompat/engine/batch"
	"pysparkcompat/engine/conf"
	"pysparkcompat/engine/sql"
	"pysparkcompat/engine/types"
)

// undefined is what SET shows for a setting without a value.
const undefined = "<undefined>"

// setting runs SET and RESET: SET answers with the settings that it changed or was asked for.
func (s *Session) setting(c *sql.Setting) (*Frame, error) {
	switch {
	case c.Reset && c.Key == "":
		s.conf.Reset(s.initial)
		return s.RowsFrame(types.Struct{}, nil)
	case c.Reset:
		if err := s.conf.ResetKey(c.Key, s.initial); err != nil {
			return nil, err
		}
		return s.RowsFrame(types.Struct{}, nil)
	case c.Key == "":
		all := s.conf.All()
		keys := make([]string, 0, len(all))
		for key := range all {
			keys = append(keys, key)
		}
		sort.Strings(keys)
		return s.settingRows(keys)
	case c.Local:
		if err := s.conf.Unset(c.Key); err != nil {
			return nil, err
		}
	case c.Value != nil:
		if c.Key == "mapred.reduce.tasks" { // Hadoop's name of it
			c.Key = conf.ShufflePartitions
		}
		if err := s.conf.Set(c.Key, *c.Value); err != nil {
			return nil, err
		}
	}
	return s.settingRows([]string{c.Key})
}

func (s *Session) settingRows(keys []string) (*Frame, error) {
	schema := types.Struct{Fields: []types.Field{{Name: "key", Type: types.String}, {Name: "value", Type: types.String}}}
	mem, n := s.engine.mem, len(keys)
	names, values := batch.NewStrings(mem, n, n*32), batch.NewStrings(mem, n, n*16)
	for _, key := range keys {
		value, ok := s.conf.Get(key)
		if !ok {
			value = undefined
		}
		names.AppendString(key)
		values.AppendString(value)
	}
	b := batch.Make(types.ArrowSchema(schema), []arrow.Array{names.Done(arrow.BinaryTypes.String, nil), values.Done(arrow.BinaryTypes.String, nil)}, n)
	defer b.Release()
	return s.RowsFrame(schema, []arrow.RecordBatch{b})
}
