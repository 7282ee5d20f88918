package text

import (
	"unicode/utf8"

	"github.com/rivo/uniseg"
)

// maxLookback is the distance, in bytes, at which previousCluster starts to search.
// A longer cluster is split; only the cursor's position shows it.
const maxLookback = 128

// nextCluster returns the offset after the grapheme cluster at i.
func nextCluster(s string, i int) int {
	switch {
	case i >= len(s):
		return len(s)
	case isPrintable(s[i]) && (i+1 == len(s) || isPrintable(s[i+1])):
		return i + 1
	}
	cluster, _, _, _ := uniseg.FirstGraphemeClusterInString(s[i:], -1)
	return i + len(cluster)
}

// previousCluster returns the offset at which the grapheme cluster before i starts.
func previousCluster(s string, i int) int {
	switch {
	case i <= 0:
		return 0
	case isPrintable(s[i-1]) && (i == len(s) || isPrintable(s[i])):
		return i - 1
	}
	start := max(0, i-maxLookback)
	for start > 0 && start < i && !utf8.RuneStart(s[start]) {
		start++
	}
	for {
		after := nextCluster(s, start)
		if after >= i {
			return start
		}
		start = after
	}
}

// isPrintable reports whether a byte is printable ASCII: a cluster of one byte beside another such byte.
func isPrintable(b byte) bool { return b >= ' ' && b < 0x7f }

// nextWord returns the offset of the end of the word at or after i.
func nextWord(s string, i int) int {
	for i < len(s) && isSpace(s[i]) {
		i = nextCluster(s, i)
	}
	for i < len(s) && !isSpace(s[i]) {
		i = nextCluster(s, i)
	}
	return i
}

func previousWord(s string, i int) int {
	for i > 0 && isSpace(s[i-1]) {
		i = previousCluster(s, i)
	}
	for i > 0 && !isSpace(s[i-1]) {
		i = previousCluster(s, i)
	}
	return i
}

func isSpace(b byte) bool { return b == ' ' || b == '\t' || b == '\n' }
