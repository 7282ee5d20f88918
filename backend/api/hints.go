package api

import (
	"encoding/json"

	"go.mongodb.org/mongo-driver/v2/bson"

	"dossier/model"
)

// Hint is a hint of one field of the custom data.
type Hint struct {
	Path     []string        `json:"path"`
	Types    []TypeShare     `json:"types"`
	Values   json.RawMessage `json:"values"` // an array in canonical extended JSON
	Required bool            `json:"required,omitempty"`
	Rule     string          `json:"rule,omitempty"`
	Sampled  int             `json:"sampled,omitempty"`
}

// TypeShare is a type and its share in percent.
type TypeShare struct {
	Type    string `json:"type"`
	Percent int    `json:"percent"`
}

// EncodeHints returns hints for a response.
func EncodeHints(hints model.Hints) []Hint {
	out := make([]Hint, len(hints))
	for i, h := range hints {
		out[i] = Hint{Path: h.Path, Types: make([]TypeShare, len(h.Types)), Required: h.Required, Rule: h.Rule,
			Sampled: h.Sampled}
		for j, t := range h.Types {
			out[i].Types[j] = TypeShare{string(t.Kind), t.Percent}
		}
		values := h.Values
		if values == nil {
			values = []bson.RawValue{}
		}
		out[i].Values = json.RawMessage(model.CanonicalValue(model.ValueOf(values)))
	}
	return out
}

// DecodeHints returns the hints of a response.
func DecodeHints(sent []Hint) (model.Hints, error) {
	hints := make(model.Hints, len(sent))
	for i, h := range sent {
		hints[i] = model.Hint{Path: h.Path, Required: h.Required, Rule: h.Rule, Sampled: h.Sampled}
		for _, t := range h.Types {
			hints[i].Types = append(hints[i].Types, model.TypeShare{Kind: model.Kind(t.Type), Percent: t.Percent})
		}
		if len(h.Values) == 0 {
			continue
		}
		list, err := model.ReadJSON(string(h.Values))
		if err != nil {
			return nil, err
		}
		if values, ok := list.ArrayOK(); ok {
			if hints[i].Values, err = values.Values(); err != nil {
				return nil, err
			}
		}
	}
	return hints, nil
}
