package source

// LocalPath turns a path or file URI into an absolute slash path; other schemes are refused by name.
func LocalPath(p string) (string, error) { return localPath(p) }
