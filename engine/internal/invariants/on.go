//go:build invariants

package invariants

// Enabled is the build tag.
const Enabled = true
