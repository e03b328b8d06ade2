package state

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strings"

	"github.com/apache/arrow-go/v18/arrow"

	"pysparkcompat/engine/errs"
	"pysparkcompat/engine/types"
	"pysparkcompat/engine/vfs"
)

// Provider is the name under which checkpoints and errors know this store: Spark refuses a class it cannot load.
const Provider = "pysparkcompat.state.ChangeLogStateStoreProvider"

const (
	formatVersion = 1
	metadataName  = "metadata"
	providerKey   = "spark.sql.streaming.stateStore.providerClass"
	partitionsKey = "spark.sql.shuffle.partitions"
)

// metadata is the file that says whose state lies in the folder.
type metadata struct {
	Provider   string          `json:"provider"`
	Version    int             `json:"version"`
	Partitions int             `json:"partitions"`
	Tables     []tableMetadata `json:"tables"`
}

type tableMetadata struct {
	Operator     int             `json:"operator"`
	Name         string          `json:"name"`
	OperatorName string          `json:"operatorName"`
	StoreName    string          `json:"storeName"`
	Keys         json.RawMessage `json:"keys"`
	Values       json.RawMessage `json:"values"`
	Due          DueBy           `json:"due"`
	PartitionBy  int             `json:"partitionBy"`
}

func (s *logStore) metadata() metadata {
	m := metadata{Provider: s.name, Version: formatVersion, Partitions: s.o.Partitions}
	for _, t := range s.tables {
		known := func(x tableMetadata) bool { return x.Operator == t.spec.Operator && x.Name == t.spec.Name }
		if !slices.ContainsFunc(m.Tables, known) {
			m.Tables = append(m.Tables, describeTable(t.spec))
		}
	}
	return m
}

func describeTable(s Spec) tableMetadata {
	return tableMetadata{Operator: s.Operator, Name: s.Name, OperatorName: s.OperatorName, StoreName: s.StoreName, Due: s.Due, PartitionBy: s.PartitionBy,
		Keys: json.RawMessage(types.JSON(types.Struct{Fields: s.Keys})), Values: json.RawMessage(types.JSON(types.Struct{Fields: s.Values}))}
}

// describe writes the metadata file before the first commit.
func (s *logStore) describe() error {
	if s.described {
		return nil
	}
	if err := s.o.FS.MkdirAll(s.o.Dir); err != nil {
		return err
	}
	if err := s.o.FS.SyncDir(path.Dir(s.o.Dir)); err != nil {
		return err
	}
	b, err := json.Marshal(s.metadata())
	if err != nil {
		return err
	}
	final := path.Join(s.o.Dir, metadataName)
	err = vfs.WriteFile(s.o.FS, final+partSuffix, append(b, '\n'), false)
	if err == nil {
		err = vfs.Replace(s.o.FS, final+partSuffix, final)
	}
	s.described = err == nil
	return err
}

// foreign is the refusal of a folder that another program's state lies in.
func foreign(dir, provider string) error {
	e := errs.New("STATE_STORE_INVALID_CONFIG_AFTER_RESTART", "configName", providerKey, "oldConfig", "another provider", "newConfig", provider)
	e.Detail = "The folder " + dir + " holds state that was not written by pyspark-compat."
	return e
}

// checkMetadata refuses state of another provider, format, partitioning or plan.
func (s *logStore) checkMetadata() error {
	file := path.Join(s.o.Dir, metadataName)
	b, err := vfs.ReadFile(s.o.FS, file)
	if errors.Is(err, fs.ErrNotExist) {
		return s.missing()
	}
	if err != nil {
		return loading(err, file)
	}
	var old metadata
	if err := json.Unmarshal(b, &old); err != nil {
		return loading(fmt.Errorf("%s: %w", file, err), file)
	}
	now := s.metadata()
	switch {
	case old.Provider != now.Provider:
		return errs.New("STATE_STORE_INVALID_CONFIG_AFTER_RESTART", "configName", providerKey, "oldConfig", old.Provider, "newConfig", now.Provider)
	case old.Version != now.Version:
		return errs.New("CANNOT_LOAD_STATE_STORE.INVALID_CHANGE_LOG_READER_VERSION", "version", itoa(int64(old.Version)))
	case old.Partitions != now.Partitions:
		return errs.New("STATE_STORE_INVALID_CONFIG_AFTER_RESTART", "configName", partitionsKey,
			"oldConfig", itoa(int64(old.Partitions)), "newConfig", itoa(int64(now.Partitions)))
	}
	return sameTables(old.Tables, now.Tables)
}

// missing is a stateful query restarted over a folder without state.
func (s *logStore) missing() error {
	return errs.New("STREAMING_STATEFUL_OPERATOR_MISSING_STATE_DIRECTORY", "OpsInCurBatchSeq", operators(s.metadata().Tables))
}

func operators(tables []tableMetadata) string {
	var out []string
	for _, t := range tables {
		out = append(out, fmt.Sprintf("(OperatorId: %d -> OperatorName: %s)", t.Operator, t.OperatorName))
	}
	return strings.Join(out, ", ")
}

func sameTables(old, now []tableMetadata) error {
	if len(old) != len(now) {
		return notSameOperators(old, now)
	}
	for _, n := range now {
		i := slices.IndexFunc(old, func(o tableMetadata) bool { return o.Operator == n.Operator && o.Name == n.Name })
		switch {
		case i < 0 || old[i].OperatorName != n.OperatorName:
			return notSameOperators(old, now)
		case !sameTypes(old[i].Keys, n.Keys):
			return errs.New("STATE_STORE_KEY_SCHEMA_NOT_COMPATIBLE", "storedKeySchema", string(old[i].Keys), "newKeySchema", string(n.Keys))
		case !sameTypes(old[i].Values, n.Values):
			return errs.New("STATE_STORE_VALUE_SCHEMA_NOT_COMPATIBLE", "storedValueSchema", string(old[i].Values), "newValueSchema", string(n.Values))
		case old[i].Due != n.Due || old[i].PartitionBy != n.PartitionBy:
			return errs.NotBuilt("a watermark that a stateful operator gained or lost between restarts")
		}
	}
	return nil
}

// sameTypes says that schemas are alike but for names and nullability.
func sameTypes(a, b json.RawMessage) bool {
	x, err := types.FromJSON(string(a))
	if err != nil {
		return false
	}
	y, err := types.FromJSON(string(b))
	return err == nil && arrow.TypeEqual(nameless(types.Arrow(x)), nameless(types.Arrow(y)))
}

// nameless is a type without the names of its fields.
func nameless(t arrow.DataType) arrow.DataType {
	switch t := t.(type) {
	case *arrow.StructType:
		var fields []arrow.Field
		for _, f := range t.Fields() {
			fields = append(fields, arrow.Field{Type: nameless(f.Type), Nullable: true})
		}
		return arrow.StructOf(fields...)
	case *arrow.ListType:
		return arrow.ListOf(nameless(t.Elem()))
	case *arrow.MapType:
		return arrow.MapOf(nameless(t.KeyType()), nameless(t.ItemType()))
	}
	return t
}

func notSameOperators(old, now []tableMetadata) error {
	return errs.New("STREAMING_STATEFUL_OPERATOR_NOT_MATCH_IN_STATE_METADATA", "OpsInMetadataSeq", operators(old), "OpsInCurBatchSeq", operators(now))
}
