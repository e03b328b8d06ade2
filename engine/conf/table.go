package conf

import (
	"strings"
	"sync"
)

// Keys that the engine itself reads.
const (
	ANSI               = "spark.sql.ansi.enabled"
	CaseSensitive      = "spark.sql.caseSensitive"
	TimeZone           = "spark.sql.session.timeZone"
	ShufflePartitions  = "spark.sql.shuffle.partitions"
	DefaultParallelism = "spark.default.parallelism"
	Master             = "spark.master"
	AppName            = "spark.app.name"
	AppID              = "spark.app.id"
	CheckpointLocation = "spark.sql.streaming.checkpointLocation"
	ForceDelete        = "spark.sql.streaming.forceDeleteTempCheckpointLocation"
	SchemaInference    = "spark.sql.streaming.schemaInference"
	MinBatches         = "spark.sql.streaming.minBatchesToRetain"
	NoDataBatches      = "spark.sql.streaming.noDataMicroBatches.enabled"
	RecentProgress     = "spark.sql.streaming.numRecentProgressUpdates"
	NoDataInterval     = "spark.sql.streaming.noDataProgressEventInterval"
	PollingDelay       = "spark.sql.streaming.pollingDelay"
	StopTimeout        = "spark.sql.streaming.stopTimeout"
	StopActiveRun      = "spark.sql.streaming.stopActiveRunOnRestart"
	AllowMultiple      = "spark.sql.streaming.statefulOperator.allowMultiple"
	CheckCorrectness   = "spark.sql.streaming.statefulOperator.checkCorrectness.enabled"
	OperationCheck     = "spark.sql.streaming.unsupportedOperationCheck"
	WatermarkPolicy    = "spark.sql.streaming.multipleWatermarkPolicy"
	StateProvider      = "spark.sql.streaming.stateStore.providerClass"
	RDDMemory          = "spark.memory.engine"
	StateMemory        = "spark.sql.streaming.stateStore.rocksdb.maxMemoryUsageMB"
	SnapshotDeltas     = "spark.sql.streaming.stateStore.minDeltasForSnapshot"
	ArrowBatch         = "spark.sql.execution.arrow.maxRecordsPerBatch"
	MaxToStringFields  = "spark.sql.debug.maxToStringFields"
	EagerEval          = "spark.sql.repl.eagerEval.enabled"
	UDFPandasErrors    = "spark.sql.execution.pyspark.udf.simplifiedTraceback.enabled"
	WarehouseDir       = "spark.sql.warehouse.dir"
)

// table is the settings that the engine or the Python side reads. Defaults are Spark 4.3's but for
// shuffle.partitions, whose default the session sets to its cores.
var table = []Row{
	{Key: ANSI, Default: "true", Kind: Bool, Doc: "errors instead of NULL for overflow, bad casts, division by zero"},
	{Key: CaseSensitive, Default: "false", Kind: Bool, Doc: "whether column names differ by case"},
	{Key: TimeZone, Optional: true, Doc: "zone of timestamps in text; the machine's unless set"},
	{Key: ShufflePartitions, Default: "200", Kind: Int, Least: 1, Rule: "The value of spark.sql.shuffle.partitions must be positive", Doc: "partitions of state, pinned by a checkpoint; the number of cores unless set"},
	{Key: DefaultParallelism, Optional: true, Kind: Int, Doc: "partitions of frames made from local data"},
	{Key: Master, Default: "local[*]", Static: true, Doc: "local, local[N], local[*]"},
	{Key: AppName, Optional: true, Static: true, Doc: "name of the application"},
	{Key: AppID, Optional: true, Static: true, Doc: "identifier of the application"},
	{Key: WarehouseDir, Default: "spark-warehouse", Static: true, Doc: "folder of managed tables"},
	{Key: CheckpointLocation, Optional: true, Doc: "root of the checkpoints of queries that name none"},
	{Key: ForceDelete, Default: "false", Kind: Bool, Doc: "delete a temporary checkpoint after a failure too"},
	{Key: SchemaInference, Default: "false", Kind: Bool, Doc: "file streams may infer their schema"},
	{Key: MinBatches, Default: "100", Kind: Int, Least: 1, Doc: "epochs that a checkpoint keeps"},
	{Key: NoDataBatches, Default: "true", Kind: Bool, Doc: "epochs without data that evict state"},
	{Key: RecentProgress, Default: "100", Kind: Int, Doc: "progress updates kept"},
	{Key: NoDataInterval, Default: "10000ms", Kind: Millis, Doc: "time between idle events"},
	{Key: PollingDelay, Default: "10ms", Kind: Millis, Doc: "time between looks at an idle source"},
	{Key: StopTimeout, Default: "0ms", Kind: Millis, Doc: "time stop() waits; 0 is for ever"},
	{Key: StopActiveRun, Default: "true", Kind: Bool, Doc: "a second start on an active checkpoint stops the first"},
	{Key: AllowMultiple, Default: "true", Kind: Bool, Doc: "each stateful operator has the watermark of its own input"},
	{Key: CheckCorrectness, Default: "true", Kind: Bool, Doc: "refuse a stateful operator over one whose rows it may take for late"},
	{Key: OperationCheck, Default: "true", Kind: Bool, Doc: "refuse at start() what streams cannot do"},
	{Key: "spark.sql.streaming.triggerAvailableNowWrapper.enabled", Default: "false", Kind: Bool, Refused: []string{"true"}, Doc: "freeze the end of sources that cannot do it"},
	{Key: "spark.sql.streaming.fileSource.schema.forceNullable", Default: "true", Kind: Bool, Refused: []string{"false"}, Doc: "columns of files may be null"},
	{Key: "spark.sql.streaming.queryEvolution.enableSourceEvolution", Default: "false", Kind: Bool, Refused: []string{"true"}, Doc: "sources have names in checkpoints"},
	{Key: WatermarkPolicy, Default: "min", Choices: []string{"MIN", "MAX"},
		Rule: "Invalid value for 'spark.sql.streaming.multipleWatermarkPolicy'. Valid values are 'min' and 'max'", Doc: "watermark of a query with several"},
	{Key: StateProvider, Default: "org.apache.spark.sql.execution.streaming.state.HDFSBackedStateStoreProvider",
		Doc: "where state lies: in memory, or with the RocksDB provider's name on disk"},
	{Key: RDDMemory, Default: "512m", Kind: Bytes, Static: true, Doc: "what RDDs' cached blocks and shuffles hold in the engine's memory; what is beyond lies in files"},
	{Key: StateMemory, Default: "500", Kind: Int, Doc: "megabytes that state on disk holds in memory"},
	{Key: SnapshotDeltas, Default: "10", Kind: Int, Doc: "epochs between snapshots of state"},
	{Key: ArrowBatch, Default: "10000", Kind: Int, Doc: "rows of a batch that Python functions get"},
	{Key: MaxToStringFields, Default: "25", Kind: Int, Doc: "fields shown in plans"},
	{Key: EagerEval, Default: "false", Kind: Bool, Doc: "frames show their rows as their repr"},
	{Key: "spark.sql.repl.eagerEval.maxNumRows", Default: "20", Kind: Int},
	{Key: "spark.sql.repl.eagerEval.truncate", Default: "20", Kind: Int},
	{Key: UDFPandasErrors, Default: "true", Kind: Bool, Doc: "tracebacks show the user's frames only"},
	{Key: "spark.sql.execution.pythonUDF.arrow.enabled", Default: "true", Kind: Bool, Refused: []string{"false"}},
	{Key: "spark.sql.execution.pyspark.binaryAsBytes", Default: "true", Kind: Bool},
	{Key: "spark.sql.pyspark.inferNestedDictAsStruct.enabled", Default: "false", Kind: Bool},
	{Key: "spark.sql.pyspark.legacy.inferArrayTypeFromFirstElement.enabled", Default: "false", Kind: Bool},
	{Key: "spark.sql.pyspark.legacy.inferMapTypeFromFirstPair.enabled", Default: "false", Kind: Bool},
	{Key: "spark.sql.timestampType", Default: "TIMESTAMP_LTZ", Choices: []string{"TIMESTAMP_LTZ", "TIMESTAMP_NTZ"}},
	{Key: "spark.sql.execution.pandas.convertToArrowArraySafely", Default: "false", Kind: Bool},
	{Key: "spark.sql.execution.pandas.structHandlingMode", Default: "legacy", Choices: []string{"LEGACY", "ROW", "DICT"}},
	{Key: "spark.sql.session.localRelationCacheThreshold", Default: "1048576", Kind: Int},
	{Key: "spark.sql.columnNameOfCorruptRecord", Default: "_corrupt_record", Doc: "column that holds malformed records"},
	{Key: "spark.sql.sources.default", Default: "parquet", Doc: "format of load and save that name none"},
	{Key: "spark.sql.sources.partitionColumnTypeInference.enabled", Default: "true", Kind: Bool},
	{Key: "spark.sql.sources.partitionOverwriteMode", Default: "STATIC", Choices: []string{"STATIC", "DYNAMIC"}},
	{Key: "spark.sql.files.ignoreMissingFiles", Default: "false", Kind: Bool},
	{Key: "spark.sql.files.ignoreCorruptFiles", Default: "false", Kind: Bool},
	{Key: "spark.sql.files.maxRecordsPerFile", Default: "0", Kind: Int, Refused: nil},
	{Key: "spark.sql.parquet.compression.codec", Default: "snappy"},
	{Key: "spark.sql.parquet.mergeSchema", Default: "false", Kind: Bool},
	{Key: "spark.sql.json.filterPushdown.enabled", Default: "true", Kind: Bool},
	{Key: "spark.sql.csv.filterPushdown.enabled", Default: "true", Kind: Bool},
	{Key: "spark.sql.csv.parser.columnPruning.enabled", Default: "true", Kind: Bool},
	{Key: "spark.sql.jsonGenerator.ignoreNullFields", Default: "true", Kind: Bool},
	{Key: "spark.sql.streaming.fileSource.log.deletion", Default: "true", Kind: Bool},
	{Key: "spark.sql.streaming.fileSource.log.compactInterval", Default: "10", Kind: Int},
	{Key: "spark.sql.streaming.fileSource.log.cleanupDelay", Default: "600000ms", Kind: Millis},
	{Key: "spark.sql.streaming.fileSink.log.deletion", Default: "true", Kind: Bool},
	{Key: "spark.sql.streaming.fileSink.log.compactInterval", Default: "10", Kind: Int},
	{Key: "spark.sql.streaming.fileSink.log.cleanupDelay", Default: "600000ms", Kind: Millis},
	{Key: "spark.sql.legacy.timeParserPolicy", Default: "CORRECTED", Choices: []string{"CORRECTED", "EXCEPTION", "LEGACY"}, Refused: []string{"LEGACY"}},
	{Key: "spark.sql.groupByOrdinal", Default: "true", Kind: Bool},
	{Key: "spark.sql.orderByOrdinal", Default: "true", Kind: Bool},
	{Key: "spark.sql.crossJoin.enabled", Default: "true", Kind: Bool},
	{Key: "spark.sql.mapKeyDedupPolicy", Default: "EXCEPTION", Choices: []string{"EXCEPTION", "LAST_WIN"}},
	{Key: "spark.sql.catalogImplementation", Default: "in-memory", Static: true},
}

// inert are settings that Spark knows and that mean nothing without executors, a JVM or a web page. A key that
// ends in a dot stands for all that begin so.
var inert = []string{"spark.driver.", "spark.executor.", "spark.jars", "spark.jars.", "spark.ui.", "spark.eventLog.", "spark.submit.",
	"spark.yarn.", "spark.kubernetes.", "spark.memory.", "spark.network.", "spark.rpc.", "spark.shuffle.", "spark.serializer",
	"spark.kryo", "spark.kryoserializer.", "spark.dynamicAllocation.", "spark.speculation", "spark.locality.", "spark.hadoop.",
	"spark.cores.max", "spark.task.", "spark.sql.adaptive.", "spark.sql.autoBroadcastJoinThreshold", "spark.sql.broadcastTimeout",
	"spark.sql.codegen.", "spark.sql.extensions", "spark.sql.catalog.", "spark.sql.ui.", "spark.sql.files.maxPartitionBytes",
	"spark.sql.files.openCostInBytes", "spark.sql.execution.arrow.pyspark.", "spark.sql.execution.arrow.enabled",
	"spark.sql.inMemoryColumnarStorage.", "spark.sql.cbo.", "spark.sql.optimizer.", "spark.python.worker.", "spark.sql.streaming.metricsEnabled",
	"spark.sql.streaming.stateStore.rocksdb.", "spark.sql.streaming.stateStore.maintenanceInterval", "spark.sql.streaming.stateStore.stateSchemaCheck",
	"spark.sql.streaming.stateStore.formatValidation.", "spark.sql.streaming.maxBatchesToRetainInMemory", "spark.sql.streaming.ui.", "spark.sql.streaming.continuous.",
	"spark.sql.streaming.asyncLogPurge.", "spark.sql.streaming.checkpointFileManagerClass", "spark.sql.streaming.commitProtocolClass",
	"spark.sql.streaming.disabledV2Writers", "spark.sql.streaming.disabledV2MicroBatchReaders", "spark.sql.streaming.optimizeOneRowPlan.", "spark.sql.streaming.kafka.",
	"spark.sql.streaming.aggregation.stateFormatVersion", "spark.sql.streaming.join.stateFormatVersion", "spark.sql.streaming.flatMapGroupsWithState.stateFormatVersion",
	"spark.sql.streaming.sessionWindow.", "spark.sql.streaming.transformWithState.", "spark.sql.streaming.stateStore.compression.codec", "spark.log.", "spark.logConf",
	"spark.cleaner.", "spark.scheduler.", "spark.broadcast.", "spark.io.", "spark.rdd.", "spark.local.dir", "spark.sql.hive.", "spark.security."}

var (
	once  sync.Once
	byKey map[string]*Row
)

// Find gives the row of a key, or nil for one that Spark does not know either.
func Find(key string) *Row {
	once.Do(func() {
		byKey = make(map[string]*Row, len(table)+len(streamingRows))
		for _, rows := range [][]Row{table, streamingRows} {
			for i := range rows {
				byKey[rows[i].Key] = &rows[i]
			}
		}
	})
	if row, ok := byKey[key]; ok {
		return row
	}
	if matches(inert, key) {
		value, ok := inertDefaults[key]
		return &Row{Key: key, Inert: true, Default: value, Optional: !ok, Static: matches(fixed, key)}
	}
	return nil
}

// matches says whether a key is one of the names or begins as one that ends in a dot.
func matches(names []string, key string) bool {
	for _, name := range names {
		if key == name || strings.HasSuffix(name, ".") && strings.HasPrefix(key, name) {
			return true
		}
	}
	return false
}

// Rows gives the whole table, for COMPATIBILITY.md; Inert the keys and prefixes that mean nothing here.
func Rows() []Row     { return append(append([]Row(nil), table...), streamingRows...) }
func Inert() []string { return append([]string(nil), inert...) }
