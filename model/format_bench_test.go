package model

import (
	"testing"

	"dossier/model/testdocument"
)

// BenchmarkFormats measures what copying a document of 16 MB takes.
func BenchmarkFormats(b *testing.B) {
	doc := ValueOf(testdocument.ManyFields(testdocument.MaxBytes))
	for _, f := range []Format{Relaxed, Canonical, PlainJSON, Shell} {
		b.Run(string(f), func(b *testing.B) {
			b.SetBytes(int64(len(doc.Value)))
			for b.Loop() {
				f.Write(doc)
			}
		})
	}
}
