package sql

import (
	"regexp"
	"strings"

	"pysparkcompat/engine/conf"
	"pysparkcompat/engine/errs"
)

// Setting is SET and RESET: without a Key all settings are meant, without a Value SET only shows. Local is SET TIME ZONE
// LOCAL, the machine's zone.
type Setting struct {
	Key          string
	Value        *string
	Reset, Local bool
}

func (*Setting) command() {}

var (
	settingStatement = regexp.MustCompile(`(?is)^\s*(SET|RESET)(?:\s+(.*?))?\s*;*\s*$`)
	otherSet         = regexp.MustCompile(`(?is)^(-v|(VAR|VARIABLE|CATALOG|ROLE|SESSION|PATH)\s[^=]*(=.*)?|TIME\s+ZONE\s+INTERVAL\s.*)$`)
	setZone          = regexp.MustCompile(`(?is)^TIME\s+ZONE\s+(?:(LOCAL)|'([^']*)'|"([^"]*)")$`)
	quotedSetting    = regexp.MustCompile("(?s)^`([^`]+)`\\s*(?:=(.*))?$")
	plainSetting     = regexp.MustCompile(`(?s)^([\w.:]+)\s*(?:=([^;]*))?$`)
)

// parseSetting reads a SET or RESET. What follows is no SQL: a value is the text behind the equals sign, whatever is in it.
// It gives nil for other statements.
func parseSetting(src string) (Command, error) {
	m := settingStatement.FindStringSubmatch(src)
	if m == nil || otherSet.MatchString(m[2]) {
		return nil, nil
	}
	reset, rest := strings.EqualFold(m[1], "RESET"), m[2]
	if rest == "" {
		return &Setting{Reset: reset}, nil
	}
	if z := setZone.FindStringSubmatch(rest); z != nil && !reset {
		value := z[2] + z[3]
		return &Setting{Key: conf.TimeZone, Value: &value, Local: z[1] != ""}, nil
	}
	for _, form := range []*regexp.Regexp{quotedSetting, plainSetting} {
		found := form.FindStringSubmatchIndex(rest)
		if found == nil || reset && found[4] >= 0 {
			continue
		}
		out := &Setting{Key: rest[found[2]:found[3]], Reset: reset}
		if found[4] >= 0 {
			value := strings.TrimSpace(rest[found[4]:found[5]])
			out.Value = &value
		}
		return out, nil
	}
	if reset {
		return nil, errs.New("INVALID_RESET_COMMAND_FORMAT")
	}
	return nil, errs.New("INVALID_SET_SYNTAX")
}
