package logical

import "strings"

// Named is a table or view by name.
type Named struct {
	node
	Parts      []string
	Options    map[string]string
	Streaming_ bool
}

func (n *Named) Children() []Plan   { return nil }
func (n *Named) With(_ []Plan) Plan { return n }
func (n *Named) Streaming() bool    { return n.Streaming_ }
func (n *Named) Line() string {
	stream := "false"
	if n.Streaming_ {
		stream = "true"
	}
	return "'UnresolvedRelation [" + strings.Join(n.Parts, ", ") + "], [], " + stream
}
