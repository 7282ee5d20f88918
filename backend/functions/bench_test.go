package functions

import "testing"

// BenchmarkCall measures a call that does nothing, with its fresh runtime and globals, and one with a query.
func BenchmarkCall(b *testing.B) {
	w := newFixture(b, map[string]string{"nothing": `exports = () => 1`,
		"query system": `exports = () => context.services.get("mongodb-atlas").db("app").collection("c").count({})`}, nil)
	for _, name := range []string{"nothing", "query"} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, err := w.functions.Call(w.ctx, w.me, name, nil); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
