package functions

import (
	"encoding/base64"
	"errors"
	"strings"

	"github.com/dop251/goja"
)

// defineBase64 defines the globals atob and btoa.
func (r *run) defineBase64() error {
	return errors.Join(
		r.vm.Set("atob", func(call goja.FunctionCall) goja.Value {
			text := strings.TrimRight(strings.Join(strings.Fields(call.Argument(0).String()), ""), "=")
			raw, err := base64.RawStdEncoding.DecodeString(text)
			if err != nil {
				panic(r.vm.NewTypeError("atob: the string is not base64"))
			}
			out := make([]rune, len(raw)) // one character for each byte
			for i, b := range raw {
				out[i] = rune(b)
			}
			return r.vm.ToValue(string(out))
		}),
		r.vm.Set("btoa", func(call goja.FunctionCall) goja.Value {
			var raw []byte
			for _, c := range call.Argument(0).String() {
				if c > 0xff {
					panic(r.vm.NewTypeError("btoa: the string has characters above U+00FF"))
				}
				raw = append(raw, byte(c))
			}
			return r.vm.ToValue(base64.StdEncoding.EncodeToString(raw))
		}),
	)
}
