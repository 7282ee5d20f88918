package keys

import "slices"

// The scopes of the dialog that calls functions.
const (
	FunctionPicker Scope = "functions"       // the list of functions, found by typing
	Arguments      Scope = "arguments"       // of a function, on one line
	ArgumentLines  Scope = "argument-lines"  // of a function, on several lines
	FunctionResult Scope = "function-result" // what a function returned, as a tree
	CallHistory    Scope = "calls"           // the calls of this run
)

// ShowHistory shows the calls of this run.
const ShowHistory Action = "calls"

// functionKeys returns the keys of the dialog that calls functions.
func functionKeys() Map {
	m := Map{
		inFooter(bind(FunctionPicker, Accept, "choose", "enter")),
		inFooter(bind(FunctionPicker, ShowHistory, "calls of this run", "ctrl+r")),
		inFooter(bind(FunctionPicker, Cancel, "close", "esc")),
		inFooter(bind(Arguments, Accept, "call", "enter", "ctrl+s")),
		inFooter(bind(Arguments, ShowHistory, "calls of this run", "ctrl+r")),
		inFooter(bind(Arguments, Cancel, "back", "esc")),
		inFooter(bind(ArgumentLines, Accept, "call", "ctrl+s")),
		inFooter(bind(ArgumentLines, ShowHistory, "calls of this run", "ctrl+r")),
		inFooter(bind(ArgumentLines, Cancel, "back", "esc")),
		inFooter(bind(FunctionResult, EditField, "call again", "e", "enter")),
		inFooter(bind(FunctionResult, ShowHistory, "calls of this run", "ctrl+r")),
		inFooter(bind(FunctionResult, Cancel, "close", "esc")),
		inFooter(bind(CallHistory, Accept, "edit and call again", "enter")),
		inFooter(bind(CallHistory, Cancel, "back", "esc", "ctrl+r")),
	}
	return slices.Concat(m, resultKeys(), movementKeys(FunctionResult), movementKeys(CallHistory),
		arrowKeys(FunctionPicker))
}

// resultKeys returns the keys of the custom data pane that change nothing, for the tree of a function's result.
func resultKeys() (m Map) {
	for _, e := range documentKeys() {
		switch e.Action {
		case RevealValue, Cancel, NextOutdated, PreviousOutdated:
			continue
		}
		if e.Task == Editing && e.Action != SelectRow {
			continue
		}
		e.Scope, e.Task = FunctionResult, ""
		m = append(m, e)
	}
	return m
}
