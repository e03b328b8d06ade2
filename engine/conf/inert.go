package conf

// inertDefaults are what settings without a meaning here show when a program reads them.
var inertDefaults = map[string]string{
	"spark.sql.adaptive.advisoryPartitionSizeInBytes":                                        "67108864b",
	"spark.sql.adaptive.coalescePartitions.enabled":                                          "true",
	"spark.sql.adaptive.coalescePartitions.maxReducerPartitionsPerTask":                      "2147483647",
	"spark.sql.adaptive.coalescePartitions.minPartitionSize":                                 "1048576b",
	"spark.sql.adaptive.coalescePartitions.parallelismFirst":                                 "true",
	"spark.sql.adaptive.convertSortMergeJoinToShuffledHashJoin.enabled":                      "true",
	"spark.sql.adaptive.convertSortMergeJoinToShuffledHashJoin.lookThroughOperators.enabled": "false",
	"spark.sql.adaptive.convertSortMergeJoinToShuffledHashJoin.minWideningFactor":            "1.0",
	"spark.sql.adaptive.costEvaluator.countLocalSort.enabled":                                "false",
	"spark.sql.adaptive.enabled":                                                             "true",
	"spark.sql.adaptive.forceOptimizeSkewedJoin":                                             "false",
	"spark.sql.adaptive.localShuffleReader.enabled":                                          "true",
	"spark.sql.adaptive.maxShuffledHashJoinLocalMapThreshold":                                "0b",
	"spark.sql.adaptive.optimizeSkewsInRebalancePartitions.enabled":                          "true",
	"spark.sql.adaptive.rebalancePartitionsSmallPartitionFactor":                             "0.2",
	"spark.sql.adaptive.skewJoin.enabled":                                                    "true",
	"spark.sql.adaptive.skewJoin.skewedPartitionFactor":                                      "5.0",
	"spark.sql.adaptive.skewJoin.skewedPartitionThresholdInBytes":                            "268435456b",
	"spark.sql.autoBroadcastJoinThreshold":                                                   "10485760b",
	"spark.sql.broadcastTimeout":                                                             "300000ms",
	"spark.sql.cbo.enabled":                                                                  "false",
	"spark.sql.cbo.joinReorder.dp.star.filter":                                               "false",
	"spark.sql.cbo.joinReorder.dp.threshold":                                                 "12",
	"spark.sql.cbo.joinReorder.enabled":                                                      "false",
	"spark.sql.cbo.planStats.enabled":                                                        "false",
	"spark.sql.cbo.starSchemaDetection":                                                      "false",
	"spark.sql.codegen.wholeStage":                                                           "true",
	"spark.sql.execution.arrow.enabled":                                                      "true",
	"spark.sql.execution.arrow.pyspark.enabled":                                              "true",
	"spark.sql.execution.arrow.pyspark.fallback.enabled":                                     "true",
	"spark.sql.execution.arrow.pyspark.selfDestruct.enabled":                                 "false",
	"spark.sql.execution.arrow.pyspark.validateSchema.enabled":                               "false",
	"spark.sql.files.maxPartitionBytes":                                                      "134217728b",
	"spark.sql.hive.convertMetastoreParquet":                                                 "true",
	"spark.sql.hive.metastorePartitionPruning":                                               "true",
	"spark.sql.inMemoryColumnarStorage.batchSize":                                            "10000",
	"spark.sql.inMemoryColumnarStorage.compressed":                                           "true",
	"spark.sql.inMemoryColumnarStorage.enableVectorizedReader":                               "true",
	"spark.sql.inMemoryColumnarStorage.hugeVectorReserveRatio":                               "1.2",
	"spark.sql.inMemoryColumnarStorage.hugeVectorThreshold":                                  "-1b",
	"spark.sql.optimizer.dynamicPartitionPruning.enabled":                                    "true",
	"spark.sql.streaming.continuous.epochBacklogQueueSize":                                   "10000",
	"spark.sql.streaming.disabledV2Writers":                                                  "",
	"spark.sql.streaming.metricsEnabled":                                                     "false",
	"spark.sql.streaming.sessionWindow.merge.sessions.in.local.partition":                    "false",
	"spark.sql.streaming.stateStore.stateSchemaCheck":                                        "true",
	"spark.sql.streaming.transformWithState.stateSchemaVersion":                              "3",
	"spark.sql.streaming.ui.enabled":                                                         "true",
	"spark.sql.streaming.ui.retainedProgressUpdates":                                         "100",
	"spark.sql.streaming.ui.retainedQueries":                                                 "100",
	"spark.sql.ui.explainMode":                                                               "FORMATTED",
	"spark.sql.ui.retainedExecutions":                                                        "1000",
}

// unset are those that are known and have no value, fixed those that only the first session is given, taken those of the
// machine beneath that Spark lets a session change.
var (
	fixed = []string{"spark.sql.extensions", "spark.sql.hive.metastore.", "spark.sql.streaming.ui.", "spark.sql.ui.retainedExecutions"}
	unset = []string{"spark.sql.adaptive.autoBroadcastJoinThreshold", "spark.sql.adaptive.coalescePartitions.initialPartitionNum", "spark.sql.adaptive.customCostEvaluatorClass", "spark.sql.adaptive.optimizer.excludedRules", "spark.sql.extensions", "spark.sql.optimizer.excludedRules"}
	taken = []string{"spark.yarn.", "spark.kubernetes.", "spark.hadoop.", "spark.logConf", "spark.local.dir", "spark.security.", "spark.python.worker.memory"}
)
