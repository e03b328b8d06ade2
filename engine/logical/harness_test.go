package logical_test

import (
	"pysparkcompat/engine/internal/testkit"
	"pysparkcompat/engine/logical"
)

var (
	schema, over, wantError = testkit.Columns, testkit.Over, testkit.WantError
	name, call, table       = testkit.Name, testkit.Call, testkit.Table
)

func analyzer() *logical.Analyzer { return testkit.Analyzer(testkit.Samples) }
