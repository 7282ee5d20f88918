package themes

import (
	"fmt"
	"strings"

	"github.com/pelletier/go-toml/v2/unstable"
)

// invalidColors parses a well-formed theme again for what the decoder does not check: every string below a table
// must be a colour. Each fault starts with its line.
func invalidColors(text []byte) []error {
	var p unstable.Parser
	p.Reset(text)
	var faults []error
	var table string
	for p.NextExpression() {
		switch e := p.Expression(); e.Kind {
		case unstable.Table:
			table = dottedKey(e)
		case unstable.KeyValue:
			faults = append(faults, checkColor(&p, table, e)...)
		}
	}
	return faults
}

// checkColor checks one key and its value, or the keys of an inline table.
func checkColor(p *unstable.Parser, table string, keyValue *unstable.Node) []error {
	key := strings.TrimPrefix(table+"."+dottedKey(keyValue), ".")
	value := keyValue.Value()
	switch {
	case value.Kind == unstable.InlineTable:
		var faults []error
		for inner := value.Children(); inner.Next(); {
			faults = append(faults, checkColor(p, key, inner.Node())...)
		}
		return faults
	case value.Kind != unstable.String || !strings.Contains(key, "."):
		return nil
	}
	if _, _, _, ok := Color(value.Data).rgb(); ok {
		return nil
	}
	return []error{fmt.Errorf("%d: %s: expected a colour #rrggbb, got %q", p.Shape(value.Raw).Start.Line, key, value.Data)}
}

func dottedKey(n *unstable.Node) string {
	var parts []string
	for key := n.Key(); key.Next(); {
		parts = append(parts, string(key.Node().Data))
	}
	return strings.Join(parts, ".")
}
