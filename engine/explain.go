package engine

import (
	"pysparkcompat/engine/exec"
	"pysparkcompat/engine/logical"
	"pysparkcompat/engine/planner"
	"pysparkcompat/engine/sink"
	"pysparkcompat/engine/state"
	"pysparkcompat/engine/vfs"
)

// Explain is the text of explain(): the plans under PySpark's headings, by mode simple, extended, codegen, cost or
// formatted. Nothing is opened and nothing runs.
func (s *Session) Explain(f *Frame, mode string) (string, error) {
	optimized := logical.Optimize(s.cache.shown(f.plan), s.folding())
	env := s.plannerEnv()
	env.Mode = sink.Update
	env.Store = state.NewMemory(state.Options{FS: vfs.NewMemory(), Dir: "/state", Mem: s.engine.mem, Partitions: env.Partitions})
	plan, err := planner.Make(optimized, env)
	if err != nil {
		return "", err
	}
	pipeline, err := exec.New(plan.Root, exec.Config{Instance: s.instance(), Cores: s.cores})
	if err != nil {
		return "", err
	}
	physical := pipeline.Explain()
	if err := pipeline.Close(); err != nil {
		return "", err
	}
	parsed := f.parsed
	if parsed == nil {
		parsed = f.plan
	}
	return logical.Explain(logical.Plans{Parsed: parsed, Analyzed: f.plan, Optimized: optimized, Physical: physical}, mode)
}
