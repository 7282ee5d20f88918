package client

import (
	"cmp"
	"encoding/json"
	"strings"

	"dossier/backend/api"
)

// parseFailure reads an error response; zero when the body is not one. Services use different fields, and a proxy may
// respond itself.
func parseFailure(body []byte) (failure api.ErrorResponse) {
	var fields map[string]any
	if json.Unmarshal(body, &fields) != nil {
		return failure
	}
	text := func(key string) string { s, _ := fields[key].(string); return s }
	failure.ErrorCode, failure.Link = text("error_code"), text("link")
	failure.Error = cmp.Or(errorText(fields), failure.ErrorCode)
	return failure
}

// unescapeHTML replaces the escape sequences with which JSON encoders protect HTML.
var unescapeHTML = strings.NewReplacer(`\u003c`, "<", `\u003e`, ">", `\u0026`, "&", `\u0027`, "'", `\u003d`, "=",
	`\u003C`, "<", `\u003E`, ">", `\u003D`, "=")

// errorText returns the text of an error in a response. Services nest it in objects, lists and JSON texts, such as
// `{"error":"{\"message\":\"…\",\"name\":\"TypeError\"}"}`. Without a text it returns "".
func errorText(v any) string {
	switch v := v.(type) {
	case string:
		return textOf(v)
	case []any:
		if len(v) > 0 {
			return errorText(v[0])
		}
	case map[string]any:
		summary, detail := errorText(v["error"]), ""
		for _, key := range []string{"message", "error_description", "detail", "title", "errors"} {
			detail = cmp.Or(detail, errorText(v[key]))
		}
		if name, _ := v["name"].(string); summary == "" && detail != "" && name != "Error" {
			summary = name
		}
		return join(summary, detail)
	}
	return ""
}

// textOf returns a text with the JSON object at its end, if any, replaced by the error text in that object.
func textOf(text string) string {
	if at := strings.IndexByte(text, '{'); at >= 0 {
		var nested map[string]any
		if json.Unmarshal([]byte(text[at:]), &nested) == nil {
			if inner := errorText(nested); inner != "" {
				return text[:at] + inner
			}
		}
	}
	return unescapeHTML.Replace(text)
}

// join returns "summary: detail", or the longer text if it contains the other.
func join(summary, detail string) string {
	switch {
	case strings.Contains(summary, detail):
		return summary
	case strings.Contains(detail, summary):
		return detail
	}
	return summary + ": " + detail
}
