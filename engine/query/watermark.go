package query

// tracker follows the event time of each watermark in the plan and chooses the query's. Values are milliseconds.
type tracker struct {
	global int64
	byNode map[int]int64
	max    bool // spark.sql.streaming.multipleWatermarkPolicy = max
}

func newTracker(global int64, policyMax bool) *tracker {
	return &tracker{global: global, byNode: map[int]int64{}, max: policyMax}
}

// observe takes what an epoch saw. A node that has seen no row yet counts as 0, so that under the min policy an
// idle stream holds the others; the query's watermark never goes back.
func (t *tracker) observe(seen []EventTime) {
	if len(seen) == 0 {
		return
	}
	for i, e := range seen {
		known, ok := t.byNode[i]
		switch {
		case e.Count > 0:
			if at := floorMillis(e.Max) - e.Delay/1000; !ok || at > known {
				t.byNode[i] = at
			}
		case !ok:
			t.byNode[i] = 0
		}
	}
	first := true
	var chosen int64
	for _, at := range t.byNode {
		if first || t.max && at > chosen || !t.max && at < chosen {
			chosen = at
		}
		first = false
	}
	t.global = max(t.global, chosen)
}

// floorMillis is microseconds to milliseconds, towards the past.
func floorMillis(micros int64) int64 {
	ms := micros / 1000
	if micros%1000 < 0 {
		ms--
	}
	return ms
}
