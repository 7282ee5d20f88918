package functions

import "testing"

// BenchmarkCall is one call with nothing in it: a fresh runtime and its globals.
func BenchmarkCall(b *testing.B) {
	w := newFixture(b, map[string]string{"nothing": `exports = () => 1`, "query system": `exports = () => context.services.get("mongodb-atlas").db("app").collection("c").count({})`}, nil)
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
