package checkpoint

import (
	"encoding/json"
	"strconv"

	"pysparkcompat/engine/errs"
)

// History is what the logs hold of the last epochs.
type History struct {
	// Latest is the last entry of the offset log, nil in a new checkpoint, and LatestID its epoch.
	Latest   *Offsets
	LatestID int64
	// Before is the entry before Latest, if it is kept.
	Before *Offsets
	// Commit is the last entry of the commit log and CommitID its epoch; nil where there is none.
	Commit   *Commit
	CommitID int64
}

// Resume is how a query goes on.
type Resume struct {
	// Next is the epoch to run, from 0.
	Next int64
	// Logged is set where Next's offsets stand in the log: they are to be run as they are.
	Logged *Offsets
	// Starts are the positions where Next begins, nil before the first epoch.
	Starts []json.RawMessage
	// Watermark is that of Next in milliseconds; LateBelow that of the epoch before it.
	Watermark, LateBelow int64
	// State is the version of state to load: the epoch before Next, -1 for none.
	State int64
	// Pinned are the settings that the first epoch recorded.
	Pinned map[string]string
}

// Decide says how to go on. An epoch whose offsets are logged and whose commit is not is run again with the same
// offsets; one that is committed is done. It fails when the logs contradict each other.
func Decide(h History) (Resume, error) {
	if h.Latest == nil {
		if h.Commit != nil {
			return Resume{}, contradiction(h.CommitID, -1)
		}
		return Resume{State: -1}, nil
	}
	if h.Commit != nil && h.CommitID > h.LatestID {
		return Resume{}, contradiction(h.CommitID, h.LatestID)
	}
	if h.LatestID > 0 && h.Before == nil {
		return Resume{}, errs.New(errs.Unnamed+"CHECKPOINT_GAP", "missing", strconv.FormatInt(h.LatestID-1, 10), "latest", strconv.FormatInt(h.LatestID, 10))
	}
	if h.Commit != nil && h.CommitID == h.LatestID {
		r := Resume{Next: h.LatestID + 1, Starts: h.Latest.Ends, State: h.LatestID, Pinned: h.Latest.Conf,
			Watermark: h.Latest.Watermark, LateBelow: h.Latest.Watermark}
		r.Watermark = max(r.Watermark, h.Commit.NextWatermark)
		return r, nil
	}
	if h.LatestID > 0 && (h.Commit == nil || h.CommitID < h.LatestID-1) {
		return Resume{}, contradiction(commitOf(h), h.LatestID)
	}
	r := Resume{Next: h.LatestID, Logged: h.Latest, State: h.LatestID - 1, Pinned: h.Latest.Conf,
		Watermark: h.Latest.Watermark, LateBelow: h.Latest.Watermark}
	if h.Before != nil { // none before epoch 0
		r.Starts, r.LateBelow = h.Before.Ends, h.Before.Watermark
	}
	return r, nil
}

func commitOf(h History) int64 {
	if h.Commit == nil {
		return -1
	}
	return h.CommitID
}
