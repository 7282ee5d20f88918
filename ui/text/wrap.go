package text

import "sort"

// maxWrapBytes is the longest line that wraps; a longer one is a single row that scrolls sideways.
const maxWrapBytes = 32 << 10

// wrap returns the offsets at which the rows of a line start, each at most width cells wide; the first is 0.
func wrap(line string, width int, mask string) []int {
	starts := []int{0}
	if len(line) > maxWrapBytes || width < 2 || len(line) < width && allPrintable(line) {
		return starts
	}
	used := 0
	for i := 0; i < len(line); {
		after := nextCluster(line, i)
		w := 1
		if after != i+1 || !isPrintable(line[i]) {
			w = displayCluster(line[i:after], mask).Width()
		}
		if used+w > width && used > 0 {
			starts = append(starts, i)
			used = 0
		}
		used += w
		i = after
	}
	if used >= width { // the cursor after the last character needs a row
		starts = append(starts, len(line))
	}
	return starts
}

func allPrintable(s string) bool {
	for i := range len(s) {
		if !isPrintable(s[i]) {
			return false
		}
	}
	return true
}

// rowOf returns the index of the row that contains an offset.
func rowOf(starts []int, offset int) int {
	return max(0, sort.SearchInts(starts, offset+1)-1)
}

// offsetAtCell returns the offset of the cluster drawn in a cell, or of the row's last one.
func offsetAtCell(line string, starts []int, row, goal int, mask string) int {
	i, end := starts[row], len(line)
	if row+1 < len(starts) {
		end = starts[row+1]
	}
	for used := 0; i < end; {
		after := nextCluster(line, i)
		used += displayCluster(line[i:after], mask).Width()
		if used > goal || after == end && row+1 < len(starts) {
			break
		}
		i = after
	}
	return i
}
