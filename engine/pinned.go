package engine

import (
	"hash/fnv"

	"github.com/google/uuid"

	"pysparkcompat/engine/checkpoint"
	"pysparkcompat/engine/conf"
	"pysparkcompat/engine/query"
)

// ownProvider is what a stateful checkpoint names as its state's provider: Spark finds no such class and refuses it.
const ownProvider = "pysparkcompat.state.ChangeLogStateStoreProvider"

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

func (s *Session) querySettings(pinned map[string]string, stateful bool) query.Settings {
	if stateful {
		pinned[conf.StateProvider] = ownProvider
	}
	return query.Settings{NoData: s.conf.Bool(conf.NoDataBatches), PolicyMax: pinned[conf.WatermarkPolicy] == "max", Retain: s.conf.Int(conf.MinBatches),
		Recent: s.conf.Int(conf.RecentProgress), IdleEvery: s.conf.Millis(conf.NoDataInterval), Pinned: pinned}
}

// seedOf is a query's seed: the same over restarts, so that an epoch run again gives the same rows.
func seedOf(id string) int64 {
	h := fnv.New64a()
	h.Write([]byte(id))
	return int64(h.Sum64())
}

func newID() string { return uuid.NewString() }
