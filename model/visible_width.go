package model

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/charmbracelet/x/ansi"
	"github.com/rivo/uniseg"
)

// Width returns the number of terminal cells.
func (v Visible) Width() int {
	if plainASCII(v.text) {
		return len(v.text)
	}
	width := 0
	for rest := v.text; rest != ""; {
		var c string
		c, rest = nextCluster(rest)
		width += clusterWidth(c)
	}
	return width
}

// Clip shortens the text to at most width cells. Cut text ends in …; clusters are never split.
func (v Visible) Clip(width int) Visible {
	if width <= 0 {
		return Visible{}
	}
	if len(v.text) <= width && plainASCII(v.text) {
		return v
	}
	used, fits := 0, 0 // fits: length in bytes that leaves a cell for …
	for at := 0; at < len(v.text); {
		c, _ := nextCluster(v.text[at:])
		used += clusterWidth(c)
		if used > width {
			return Visible{v.text[:fits] + "…"}
		}
		at += len(c)
		if used < width {
			fits = at
		}
	}
	return v
}

// ClipMiddle shortens the text to at most width cells: … stands for what is cut from its middle.
func (v Visible) ClipMiddle(width int) Visible {
	if width < 3 || v.Width() <= width {
		return v.Clip(width)
	}
	var clusters []string
	for rest := v.text; rest != ""; {
		var c string
		c, rest = nextCluster(rest)
		clusters = append(clusters, c)
	}
	head, tail, used := 0, len(clusters), 1
	for front := true; head < tail; front = !front {
		c := clusters[tail-1]
		if front {
			c = clusters[head]
		}
		if used += clusterWidth(c); used > width {
			break
		}
		if front {
			head++
		} else {
			tail--
		}
	}
	return Visible{strings.Join(clusters[:head], "") + "…" + strings.Join(clusters[tail:], "")}
}

// Clip is Show(text).Clip(width), but reads no more of the text than fits.
func Clip(text string, width int) Visible {
	if len(text) <= width && plainASCII(text) {
		return Visible{text}
	}
	s := sanitizer{}
	for used := 0; text != "" && used <= width; {
		start := s.out.Len()
		var c string
		c, text = nextCluster(text)
		s.writeCluster(c)
		if used += (Visible{s.out.String()[start:]}).Width(); used > width {
			used = Visible{s.out.String()}.Width() // smaller where a cluster joined the previous one
		}
	}
	return Visible{s.out.String()}.Clip(width)
}

// Pad shortens or pads the text with spaces to exactly width cells.
func (v Visible) Pad(width int) Visible {
	v = v.Clip(width)
	return Visible{v.text + strings.Repeat(" ", max(0, width-v.Width()))}
}

// Wrap breaks the text into lines of at most width cells (at least 1), at spaces if possible, and drops the space at a
// break. Empty text is one empty line.
func (v Visible) Wrap(width int) []Visible {
	width = max(1, width)
	var lines []Visible
	var line strings.Builder
	used := 0
	space, before := -1, 0          // offset of the line's last space, and the cells up to and including it
	flush := func(end, cells int) { // ends the line at a byte offset; the rest starts the next line
		text := line.String()
		lines = append(lines, Visible{strings.TrimRight(text[:end], " ")})
		line.Reset()
		line.WriteString(strings.TrimPrefix(text[end:], " "))
		used, space = cells, -1
	}
	for rest := v.text; rest != ""; {
		var c string
		c, rest = nextCluster(rest)
		w := clusterWidth(c)
		if w > width {
			c, w = "…", 1
		}
		switch {
		case used+w <= width:
		case c == " ":
			flush(line.Len(), 0)
			continue
		case space >= 0:
			flush(space, used-before)
			if used+w > width {
				flush(line.Len(), 0)
			}
		default:
			flush(line.Len(), 0)
		}
		if c == " " && used > 0 {
			space, before = line.Len(), used+1
		}
		line.WriteString(c)
		used += w
	}
	return append(lines, Visible{line.String()})
}

// nextCluster splits off the first grapheme cluster. In addition to uniseg's rules it keeps consonants that a virama
// joins together, as newer Unicode (rule GB9c) and the renderer do.
func nextCluster(text string) (cluster, rest string) {
	if len(text) > 1 && text[0] >= ' ' && text[0] <= '~' && text[1] < utf8.RuneSelf {
		return text[:1], text[1:]
	}
	cluster, rest, _, _ = uniseg.FirstGraphemeClusterInString(text, -1)
	for rest != "" && conjunct(cluster, rest) {
		more, after, _, _ := uniseg.FirstGraphemeClusterInString(rest, -1)
		cluster, rest = text[:len(cluster)+len(more)], after
	}
	return cluster, rest
}

// conjunct reports whether a cluster ends in a consonant with a virama and the rest starts with a consonant to join.
func conjunct(cluster, rest string) bool {
	next, _ := utf8.DecodeRuneInString(rest)
	if next < 0x0900 || !unicode.Is(consonant, next) {
		return false
	}
	for linked := false; cluster != ""; {
		r, size := utf8.DecodeLastRuneInString(cluster)
		switch {
		case unicode.Is(virama, r):
			linked = true
		case unicode.Is(consonant, r):
			return linked
		case !extends(r):
			return false
		}
		cluster = cluster[:len(cluster)-size]
	}
	return false
}

// extends reports whether a character only extends the previous one (Grapheme_Cluster_Break=Extend, width 0 in uniseg).
func extends(r rune) bool {
	return r == zwj || unicode.Is(extending, r) || r != 0x1171e && uniseg.StringWidth(string(r)) == 0
}

// pictographic reports whether a character is a pictograph of emoji sequences.
func pictographic(r rune) bool { return r >= 0xa9 && unicode.Is(extendedPictographic, r) }

// clusterWidth returns the number of cells of one cluster: the sum over its characters, as terminals count that do not
// know clusters, and the renderer does.
func clusterWidth(c string) int {
	if len(c) == 1 {
		return 1
	}
	return ansi.StringWidthWc(c)
}
