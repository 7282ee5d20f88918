package functions

import (
	"encoding/json"
	"errors"

	"github.com/dop251/goja"

	"dossier/backend/api"
)

// ejson is the global EJSON: parse and stringify.
func (r *run) ejson() goja.Value {
	return r.newLazyObject(nil, []string{"parse", "stringify"}, func(name string) goja.Value {
		if name == "parse" {
			return r.vm.ToValue(r.parseEJSON)
		}
		return r.vm.ToValue(r.stringifyEJSON)
	})
}

func (r *run) parseEJSON(call goja.FunctionCall) goja.Value {
	v, err := parseEJSON(call.Argument(0).String())
	if err != nil {
		panic(r.vm.NewTypeError("EJSON.parse: " + err.Error()))
	}
	return r.decode(v)
}

func (r *run) stringifyEJSON(call goja.FunctionCall) goja.Value {
	v, err := r.encode(call.Argument(0), forDatabase)
	if err != nil {
		panic(r.vm.NewTypeError("EJSON.stringify: " + err.Error()))
	}
	text, err := stringify(v, r.isCanonical(call.Arguments))
	if err != nil {
		panic(r.vm.NewTypeError("EJSON.stringify: " + err.Error()))
	}
	return r.vm.ToValue(text)
}

// limitJSONParse makes JSON.parse reject what encoding/json rejects, which limits the nesting: goja's parser recurses
// for each level, so a caller's text of many brackets would end the process.
func (r *run) limitJSONParse() error {
	o := r.vm.Get("JSON").ToObject(r.vm)
	parse, _ := goja.AssertFunction(o.Get("parse"))
	return o.Set("parse", func(call goja.FunctionCall) goja.Value {
		if text := call.Argument(0).String(); !json.Valid([]byte(text)) {
			e, err := r.vm.New(r.vm.Get("SyntaxError"),
				r.vm.ToValue("JSON.parse: the text is not JSON, or is nested too deeply"))
			if err != nil {
				panic(err)
			}
			panic(e)
		}
		v, err := parse(call.This, call.Arguments...)
		if err != nil {
			panic(err)
		}
		return v
	})
}

// isCanonical reports whether an argument after the first is {relaxed: false}.
func (r *run) isCanonical(args []goja.Value) bool {
	for _, a := range args[min(1, len(args)):] {
		if o, ok := a.(*goja.Object); ok {
			if v := o.Get("relaxed"); v != nil && !goja.IsUndefined(v) {
				return !v.ToBoolean()
			}
		}
	}
	return false
}

func parseEJSON(text string) (any, error) {
	if !json.Valid([]byte(text)) {
		return nil, errors.New("the text is not JSON")
	}
	return api.DecodeValue([]byte(text))
}

func stringify(v any, canonical bool) (string, error) {
	text, err := api.EncodeValue(v, canonical)
	return string(text), err
}
