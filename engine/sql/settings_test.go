package sql

import (
	"testing"

	"pysparkcompat/engine/errs"
)

func TestSettings(t *testing.T) {
	text := func(s string) *string { return &s }
	for src, want := range map[string]*Setting{
		"SET":                           {},
		" set a.b = it's 1 ; ":          {Key: "a.b", Value: text("it's 1")},
		"set `a b`":                     {Key: "a b"},
		"set k=":                        {Key: "k", Value: text("")},
		"SET TIME ZONE LOCAL":           {Key: "spark.sql.session.timeZone", Value: text(""), Local: true},
		"SET time zone \"UTC\"":         {Key: "spark.sql.session.timeZone", Value: text("UTC")},
		"RESET":                         {Reset: true},
		"reset a.b;":                    {Key: "a.b", Reset: true},
		"SET VAR a = 1":                 nil,
		"SET -v":                        nil,
		"SET TIME ZONE INTERVAL 1 HOUR": nil,
		"select 1":                      nil,
		"settle":                        nil,
	} {
		c, err := parseSetting(src)
		got, _ := c.(*Setting)
		same := got == nil && want == nil || got != nil && want != nil && got.Key == want.Key && got.Reset == want.Reset && got.Local == want.Local &&
			(got.Value == nil) == (want.Value == nil) && (got.Value == nil || *got.Value == *want.Value)
		if err != nil || !same {
			t.Errorf("%s: %+v, %v", src, got, err)
		}
	}
	for src, condition := range map[string]string{"set x-y=1": "INVALID_SET_SYNTAX", "RESET a=1": "INVALID_RESET_COMMAND_FORMAT"} {
		if _, err := parseSetting(src); errs.As(err) == nil || errs.As(err).Name != condition {
			t.Errorf("%s: %v", src, err)
		}
	}
}
