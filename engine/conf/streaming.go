package conf

import (
	"strconv"
	"strings"
	"time"
)

// Keys of StreamingContext and its receivers.
const (
	ConcurrentJobs   = "spark.streaming.concurrentJobs"
	BlockInterval    = "spark.streaming.blockInterval"
	Unpersist        = "spark.streaming.unpersist"
	GracefulStop     = "spark.streaming.gracefulStopTimeout"
	RememberFiles    = "spark.streaming.fileStream.minRememberDuration"
	ReceiverMaxRate  = "spark.streaming.receiver.maxRate"
	RestartDelay     = "spark.streaming.receiverRestartDelay"
	ReceiverLog      = "spark.streaming.receiver.writeAheadLog.enable"
	LogRolling       = "spark.streaming.receiver.writeAheadLog.rollingIntervalSecs"
	Backpressure     = "spark.streaming.backpressure.enabled"
	InitialRate      = "spark.streaming.backpressure.initialRate"
	PIDProportional  = "spark.streaming.backpressure.pid.proportional"
	PIDIntegral      = "spark.streaming.backpressure.pid.integral"
	PIDDerived       = "spark.streaming.backpressure.pid.derived"
	PIDMinRate       = "spark.streaming.backpressure.pid.minRate"
	CheckpointFolder = "spark.streaming.checkpoint.directory"
)

// streamingRows are Spark core's settings: a session knows a value only where one was set, so they are optional.
var streamingRows = []Row{
	{Key: ConcurrentJobs, Default: "1", Kind: Int, Optional: true, Doc: "output operations that run at the same time"},
	{Key: BlockInterval, Default: "200ms", Kind: Millis, Optional: true, Doc: "time in which what a receiver gets becomes a block"},
	{Key: Unpersist, Default: "true", Kind: Bool, Optional: true, Doc: "RDDs that no batch needs any more are unpersisted"},
	{Key: GracefulStop, Default: "0", Kind: Millis, Optional: true, Doc: "how long a graceful stop waits for what was received; 0 is ten batches"},
	{Key: RememberFiles, Default: "60s", Optional: true, Doc: "how old a new file of textFileStream may be"},
	{Key: ReceiverMaxRate, Default: "0", Kind: Int, Optional: true, Doc: "records a second that a receiver takes at most; 0 is no limit"},
	{Key: RestartDelay, Default: "2000", Kind: Millis, Optional: true, Doc: "pause before a receiver connects again"},
	{Key: ReceiverLog, Default: "false", Kind: Bool, Optional: true, Doc: "received data is logged to the checkpoint folder and replayed after a crash"},
	{Key: LogRolling, Default: "60", Optional: true, Doc: "seconds until the log of received data begins a new file"},
	{Key: Backpressure, Default: "false", Kind: Bool, Optional: true, Doc: "receivers take what the batches can process"},
	{Key: InitialRate, Default: "0", Kind: Int, Optional: true, Doc: "records a second of a receiver's first batches; 0 is no limit"},
	{Key: PIDProportional, Default: "1.0", Kind: Float, Optional: true, Doc: "backpressure: how far the last error counts"},
	{Key: PIDIntegral, Default: "0.2", Kind: Float, Optional: true, Doc: "backpressure: how far piled-up work counts"},
	{Key: PIDDerived, Default: "0.0", Kind: Float, Optional: true, Doc: "backpressure: how far the error's change counts"},
	{Key: PIDMinRate, Default: "100", Kind: Float, Optional: true, Doc: "backpressure: records a second at least"},
	{Key: CheckpointFolder, Optional: true, Doc: "folder of checkpoints of a StreamingContext that sets none"},
}

// Float reads a setting of the table that is a number with a fraction.
func (c *Conf) Float(key string) float64 {
	f, _ := strconv.ParseFloat(strings.TrimSpace(c.String(key)), 64)
	return f
}

// Seconds reads a duration whose bare number is in seconds.
func (c *Conf) Seconds(key string) time.Duration {
	text := strings.TrimSpace(c.String(key))
	if n, err := strconv.ParseInt(text, 10, 64); err == nil {
		return time.Duration(n) * time.Second
	}
	d, _ := ParseMillis(text)
	return d
}
