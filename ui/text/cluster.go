package text

import (
	"unicode/utf8"

	"github.com/rivo/uniseg"
)

// lookBack is how far before a place the start of its cluster is looked for; longer clusters are taken apart, which only the cursor notices.
const lookBack = 128

// next is the place after the cluster at i.
func next(s string, i int) int {
	switch {
	case i >= len(s):
		return len(s)
	case plain(s[i]) && (i+1 == len(s) || plain(s[i+1])):
		return i + 1
	}
	cluster, _, _, _ := uniseg.FirstGraphemeClusterInString(s[i:], -1)
	return i + len(cluster)
}

// previous is where the cluster before i starts.
func previous(s string, i int) int {
	switch {
	case i <= 0:
		return 0
	case plain(s[i-1]) && (i == len(s) || plain(s[i])):
		return i - 1
	}
	at := max(0, i-lookBack)
	for at > 0 && at < i && !utf8.RuneStart(s[at]) {
		at++
	}
	for {
		after := next(s, at)
		if after >= i {
			return at
		}
		at = after
	}
}

// plain is a byte that is a cluster by itself beside another one.
func plain(b byte) bool { return b >= ' ' && b < 0x7f }

// nextWord is the end of the word at or after i; previousWord the start of the one before.
func nextWord(s string, i int) int {
	for i < len(s) && space(s[i]) {
		i = next(s, i)
	}
	for i < len(s) && !space(s[i]) {
		i = next(s, i)
	}
	return i
}

func previousWord(s string, i int) int {
	for i > 0 && space(s[i-1]) {
		i = previous(s, i)
	}
	for i > 0 && !space(s[i-1]) {
		i = previous(s, i)
	}
	return i
}

func space(b byte) bool { return b == ' ' || b == '\t' || b == '\n' }
