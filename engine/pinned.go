package engine

import (
	"hash/fnv"
	"strings"

	"github.com/google/uuid"

	"pysparkcompat/engine/checkpoint"
	"pysparkcompat/engine/conf"
	"pysparkcompat/engine/errs"
	"pysparkcompat/engine/query"
	"pysparkcompat/engine/state"
)

// providers are PySpark's classes of state, each with the name of ours that stands for it: a stateful checkpoint records
// our name, of which Spark finds no class, and refuses it.
var providers = map[string]string{
	"org.apache.spark.sql.execution.streaming.state.HDFSBackedStateStoreProvider": state.Provider,
	"org.apache.spark.sql.execution.streaming.state.RocksDBStateStoreProvider":    state.PebbleProvider,
}

// stores makes the store of each provider of ours.
var stores = map[string]func(state.Options) state.Store{state.Provider: state.NewMemory, state.PebbleProvider: state.NewPebble}

// provider is which of our providers the query's state has: what the checkpoint recorded, else what the session names.
func (s *Session) provider(h checkpoint.History) (string, error) {
	if h.Latest != nil {
		recorded := h.Latest.Conf[conf.StateProvider]
		if own, ok := providers[recorded]; ok { // of a query without state, or Spark's: the store will see
			recorded = own
		}
		if stores[recorded] == nil {
			return state.Provider, errs.New(errs.Unnamed+"FOREIGN_STATE", "provider", recorded)
		}
		return recorded, nil
	}
	named := s.conf.String(conf.StateProvider)
	if own, ok := providers[named]; ok {
		return own, nil
	}
	// PySpark tells a class that there is from one that there is not.
	for _, prefix := range []string{"java.", "scala.", "org.apache.spark."} {
		if strings.HasPrefix(named, prefix) {
			return state.Provider, errs.New("STATE_STORE_INVALID_PROVIDER", "inputClass", named)
		}
	}
	return state.Provider, errs.New(errs.Unnamed+"STATE_PROVIDER", "provider", named)
}

// orphans is the refusal of a query without state on a checkpoint that holds some.
func (s *Session) orphans(h checkpoint.History, dir string) error {
	if h.Latest == nil {
		return nil
	}
	kept, err := state.Look(s.engine.fs, dir)
	if err != nil || kept == nil {
		return err
	}
	return kept.Orphaned()
}

// openState makes the store that the query's plan declares its tables to.
func (s *Session) openState(provider, dir string, partitions int) state.Store {
	return stores[provider](state.Options{FS: s.engine.fs, Dir: dir, Mem: s.engine.mem, Partitions: max(partitions, 1),
		SnapshotEpochs: s.conf.Int(conf.SnapshotDeltas), MemoryBytes: int64(s.conf.Int(conf.StateMemory)) << 20})
}

// recorded are the settings that every entry of the offset log holds, with the values that Spark 4.3 writes for those
// that are not ours to choose.
var recorded = map[string]string{
	conf.StateProvider: "org.apache.spark.sql.execution.streaming.state.HDFSBackedStateStoreProvider",
	"spark.sql.dropDuplicates.deterministicKeyOrder.enabled":            "true",
	"spark.sql.streaming.stateStore.rocksdb.formatVersion":              "5",
	"spark.sql.streaming.statefulOperator.useStrictDistribution":        "true",
	"spark.sql.streaming.flatMapGroupsWithState.stateFormatVersion":     "2",
	"spark.sql.streaming.aggregation.stateFormatVersion":                "2",
	"spark.sql.streaming.join.stateFormatVersion":                       "2",
	"spark.sql.streaming.stateStore.compression.codec":                  "lz4",
	"spark.sql.streaming.stateStore.encodingFormat":                     "unsaferow",
	"spark.sql.optimizer.pruneFiltersCanPruneStreamingSubplan":          "false",
	"spark.sql.streaming.queryEvolution.enableSourceEvolution":          "false",
	"spark.sql.streaming.stateStore.rowChecksum.enabled":                "false",
	"spark.sql.streaming.statefulOperator.alwaysNullableOutput.enabled": "true",
	"spark.sql.streaming.stateStore.rocksdb.mergeOperatorVersion":       "2",
	"spark.sql.function.protobufExtensions.enabled":                     "false",
}

// pinned are the settings that the query keeps over restarts: what the checkpoint recorded, else the session's.
func (s *Session) pinned(h checkpoint.History) map[string]string {
	out := map[string]string{}
	for key, value := range recorded {
		out[key] = value
	}
	for _, key := range []string{conf.ShufflePartitions, conf.WatermarkPolicy} {
		out[key] = s.conf.String(key)
	}
	if h.Latest != nil {
		for key := range out {
			if value, ok := h.Latest.Conf[key]; ok {
				out[key] = value
			}
		}
	}
	return out
}

func (s *Session) querySettings(pinned map[string]string, provider string) query.Settings {
	if provider != "" {
		pinned[conf.StateProvider] = provider
	}
	return query.Settings{NoData: s.conf.Bool(conf.NoDataBatches), PolicyMax: strings.EqualFold(pinned[conf.WatermarkPolicy], "max"), Retain: s.conf.Int(conf.MinBatches),
		Recent: s.conf.Int(conf.RecentProgress), IdleEvery: s.conf.Millis(conf.NoDataInterval), Polling: s.conf.Millis(conf.PollingDelay), Pinned: pinned}
}

// seedOf is a query's seed: the same over restarts, so that an epoch run again gives the same rows.
func seedOf(id string) int64 {
	h := fnv.New64a()
	h.Write([]byte(id))
	return int64(h.Sum64())
}

func newID() string { return uuid.NewString() }
