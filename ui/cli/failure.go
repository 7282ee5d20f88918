package cli

import (
	"fmt"
	"io"
	"slices"

	"github.com/spf13/cobra"

	"dossier/model"
)

// errorJSON is the JSON output of a command that failed.
type errorJSON struct {
	Error faultJSON `json:"error"`
}

type faultJSON struct {
	Message   string `json:"message"` // the text that is printed without --json
	Kind      string `json:"kind"`    // what the user can do about it, such as "conflict"
	ExitCode  int    `json:"exit_code"`
	Operation string `json:"operation,omitempty"`
	Location  string `json:"location,omitempty"` // of invalid input
	Line      int    `json:"line,omitempty"`     // of that input
	Column    int    `json:"column,omitempty"`
	Advice    string `json:"advice,omitempty"`
	ErrorCode string `json:"error_code,omitempty"` // of the service
}

// PrintError prints the error of a command line on one line: with --json as a JSON object, else as text. The text is
// sanitized, because it may come from a service or from data.
func PrintError(w io.Writer, root *cobra.Command, args []string, err error) {
	if !wantsJSON(root, args) {
		fmt.Fprintln(w, "dossier: "+model.Show(err.Error()).String())
		return
	}
	fault := model.AsFault("", err)
	text, failed := marshal(errorJSON{faultJSON{
		Message: err.Error(), Kind: string(fault.Kind), ExitCode: ExitCode(err), Operation: fault.Op,
		Location: fault.Location, Line: fault.Line, Column: fault.Column, Advice: fault.Advice, ErrorCode: fault.Code,
	}})
	if failed != nil { // a struct of strings and numbers can be marshalled
		text = `{"error":{}}`
	}
	fmt.Fprintln(w, escape(text))
}

// wantsJSON reports whether --json is set, also when another flag is wrong.
func wantsJSON(root *cobra.Command, args []string) bool {
	if flag := root.PersistentFlags().Lookup("json"); flag.Changed {
		return flag.Value.String() == "true"
	}
	if end := slices.Index(args, "--"); end >= 0 {
		args = args[:end]
	}
	return slices.Contains(args, "--json") || slices.Contains(args, "--json=true")
}
