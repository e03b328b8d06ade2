package planner

import (
	"pysparkcompat/engine/exec"
	"pysparkcompat/engine/logical"
)

// horizon is the watermark of the rows that a plan gives, for the stateful operator above it.
func (b *build) horizon(logical.Plan) (exec.Horizon, error) { return nil, nil }
