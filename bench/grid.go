package main

import (
	"fmt"
	"io"
	"slices"
	"strings"
)

// sample is the values of one figure, one for each run.
type sample []float64

// median returns the middle value; 0 without values.
func (s sample) median() float64 {
	if len(s) == 0 {
		return 0
	}
	sorted := slices.Sorted(slices.Values(s))
	return (sorted[(len(sorted)-1)/2] + sorted[len(sorted)/2]) / 2
}

// String returns the median with the least and the greatest value: "12.1 (10.9–14.0)".
func (s sample) String() string {
	switch {
	case len(s) == 0:
		return "–"
	case slices.Min(s) == slices.Max(s):
		return number(s[0])
	}
	return fmt.Sprintf("%s (%s–%s)", number(s.median()), number(slices.Min(s)), number(slices.Max(s)))
}

// number writes a value with three digits, or all digits before the point.
func number(v float64) string {
	if v >= 100 {
		return fmt.Sprintf("%.0f", v)
	}
	return fmt.Sprintf("%.3g", v)
}

// grid is a table of samples: a row for each figure, a column for each measured program. The zero value is empty.
type grid struct {
	rows, columns []string
	cells         map[[2]string]sample
}

// add adds a value to a cell. New rows and columns come last.
func (g *grid) add(row, column string, value float64) {
	if g.cells == nil {
		g.cells = map[[2]string]sample{}
	}
	if !slices.Contains(g.rows, row) {
		g.rows = append(g.rows, row)
	}
	if !slices.Contains(g.columns, column) {
		g.columns = append(g.columns, column)
	}
	g.cells[[2]string{row, column}] = append(g.cells[[2]string{row, column}], value)
}

// print writes the grid in Markdown, followed by the ratios of the first column's medians to those of the others.
func (g *grid) print(out io.Writer, title string) {
	if len(g.rows) == 0 {
		return
	}
	header := append([]string{""}, g.columns...)
	for _, c := range g.columns[1:] {
		header = append(header, "÷ "+c)
	}
	line := func(cells []string) { fmt.Fprintln(out, "| "+strings.Join(cells, " | ")+" |") }
	fmt.Fprintf(out, "### %s\n\n", title)
	line(header)
	line(slices.Repeat([]string{"---"}, len(header)))
	for _, r := range g.rows {
		cells := []string{r}
		for _, c := range g.columns {
			cells = append(cells, g.cells[[2]string{r, c}].String())
		}
		for _, c := range g.columns[1:] {
			ratio, first := "–", g.cells[[2]string{r, g.columns[0]}].median()
			if m := g.cells[[2]string{r, c}].median(); m != 0 && first != 0 {
				ratio = fmt.Sprintf("%.2f", first/m)
			}
			cells = append(cells, ratio)
		}
		line(cells)
	}
	fmt.Fprintln(out)
}
