package model

import (
	"regexp"
	"testing"
)

// Every text of up to six of these characters is recognized as the grammar has it.
func TestNumberGrammar(t *testing.T) {
	decimal := regexp.MustCompile(`^[-+]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][-+]?[0-9]+)?$`)
	integer := regexp.MustCompile(`^[-+]?[0-9]+$`)
	texts := []string{""}
	for range 6 {
		var longer []string
		for _, text := range texts {
			for _, c := range []string{"+", "-", ".", "0", "7", "e", "E", "x"} {
				longer = append(longer, text+c)
			}
		}
		for _, text := range longer {
			if isDecimal(text) != decimal.MatchString(text) || isInteger(text) != integer.MatchString(text) {
				t.Fatalf("%q: decimal %v, integer %v", text, isDecimal(text), isInteger(text))
			}
		}
		texts = longer
	}
	if isDecimal("") || isInteger("") || isInteger("٣") {
		t.Error("a text without ASCII digits is not a number")
	}
}
