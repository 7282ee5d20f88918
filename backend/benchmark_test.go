package backend_test

import (
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"runtime"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"

	"dossier/backend"
	"dossier/backend/api"
	"dossier/backend/auth"
	"dossier/backend/backendtest"
	"dossier/backend/server"
	"dossier/backend/store"
)

// benchClient is one of many concurrent clients.
type benchClient struct {
	b                      *testing.B
	h                      *backendtest.Harness
	user, session          string
	access, refresh, email string
	turn                   int
}

// workload is one kind of request, and the driver calls that the service makes for it.
type workload struct {
	name    string
	request func(*benchClient)
	driver  func(*benchClient) // nil: no comparison with driver calls
}

// BenchmarkService compares requests with the driver calls in them, for 1, 8 and 64 concurrent clients. Both run in
// turns, so that a busy machine slows both, and so does the handler without HTTP. It reports the requests per second,
// the medians and the service's 99th percentile in ms, the ratios of the medians to that of the driver calls and of the
// 99th percentile to its median, and what one request allocates, client and database included.
func BenchmarkService(b *testing.B) {
	defer server.ReserveHeap()() // as the command serve does
	h := backendtest.StartWith(b, backendtest.Options{EditConfig: func(c *backend.Config) {
		c.Log, c.HashCost = slog.New(slog.DiscardHandler), auth.HashCost{} // the cost of production
	}})
	transport := &http.Transport{MaxIdleConnsPerHost: 100}
	defer transport.CloseIdleConnections()
	clients := make([]*benchClient, 64)
	for n := range clients {
		clients[n] = newBenchClient(b, h, transport, n)
	}
	direct := workloads(handlerTransport{h.Service.Handler()})
	for i, l := range workloads(transport) {
		for _, n := range []int{1, 8, 64} {
			b.Run(fmt.Sprintf("%s/%d", l.name, n), func(b *testing.B) { compare(b, clients[:n], l, direct[i].request) })
		}
	}
}

// handlerTransport passes requests to a handler in the caller's goroutine.
type handlerTransport struct{ http.Handler }

// RoundTrip returns the handler's response.
func (t handlerTransport) RoundTrip(r *http.Request) (*http.Response, error) {
	w := httptest.NewRecorder()
	t.ServeHTTP(w, r)
	return w.Result(), nil
}

// newBenchClient creates a user: concurrent sign-ins of one user would be throttled.
func newBenchClient(b *testing.B, h *backendtest.Harness, t http.RoundTripper, n int) *benchClient {
	g := &benchClient{b: b, h: h, email: fmt.Sprintf("bench%d@example.com", n)}
	h.CreateUser(b, g.email, "bench-password", nil)
	var login struct {
		Access  string `json:"access_token"`
		Refresh string `json:"refresh_token"`
		User    string `json:"user_id"`
	}
	g.request(t, "POST", api.LoginPath(h.AppID, api.Anonymous), "", "", &login)
	g.user, g.access, g.refresh = login.User, login.Access, login.Refresh
	h.InsertCustomData(b, g.user, bson.D{{Key: "favoriteColor", Value: "pink"}, {Key: "count", Value: int32(0)}})
	row, err := h.ServiceCollection("sessions").FindOne(b.Context(), bson.D{{Key: "user_id", Value: g.user}}, store.Find{})
	if err != nil || row == nil {
		b.Fatalf("find the session: %v, %v", row, err)
	}
	g.session = row.Lookup("_id").StringValue()
	return g
}

func workloads(t http.RoundTripper) []workload {
	call := func(body func(*benchClient) string) func(*benchClient) {
		return func(g *benchClient) { g.request(t, "POST", api.CallPath(g.h.AppID), g.access, body(g), nil) }
	}
	return []workload{
		{"health", func(g *benchClient) { g.request(t, "GET", "/healthz", "", "", nil) }, nil}, // the cost of HTTP
		{"refresh", func(g *benchClient) { g.request(t, "POST", api.SessionPath, g.refresh, "", nil) }, func(g *benchClient) {
			g.find(g.h.ServiceCollection("sessions"), "_id", g.session)
			g.find(g.h.ServiceCollection("users"), "_id", g.user)
			g.find(g.h.CustomData(), "userId", g.user)
			g.set(g.h.ServiceCollection("sessions"), "_id", g.session)
		}},
		{"profile", func(g *benchClient) { g.request(t, "GET", api.ProfilePath, g.access, "", nil) }, func(g *benchClient) {
			g.find(g.h.ServiceCollection("sessions"), "_id", g.session)
			g.find(g.h.ServiceCollection("users"), "_id", g.user)
		}},
		{"updateOne", call(func(g *benchClient) string {
			g.turn++
			return fmt.Sprintf(`{"name":"updateOne","service":"mongodb-atlas","arguments":[{"database":%q,"collection":"custom_user_data","query":{"userId":%q},"update":{"$set":{"count":%d}}}]}`,
				g.h.CustomDataConfig().Database, g.user, g.turn)
		}), func(g *benchClient) {
			g.find(g.h.ServiceCollection("sessions"), "_id", g.session)
			g.find(g.h.ServiceCollection("users"), "_id", g.user)
			g.find(g.h.CustomData(), "userId", g.user)
			g.set(g.h.CustomData(), "userId", g.user)
		}},
		{"function", call(func(g *benchClient) string {
			g.turn++
			return fmt.Sprintf(`{"name":"writeCustomUserData","arguments":[{"count":%d}]}`, g.turn)
		}), func(g *benchClient) {
			g.find(g.h.ServiceCollection("sessions"), "_id", g.session)
			g.find(g.h.ServiceCollection("users"), "_id", g.user)
			g.find(g.h.CustomData(), "userId", g.user)
			g.set(g.h.CustomData(), "userId", g.user)
		}},
		{"login-anonymous", func(g *benchClient) {
			g.request(t, "POST", api.LoginPath(g.h.AppID, api.Anonymous), "", "", nil)
		}, nil},
		{"login-password", func(g *benchClient) {
			g.request(t, "POST", api.LoginPath(g.h.AppID, api.EmailPassword), "",
				fmt.Sprintf(`{"username":%q,"password":"bench-password"}`, g.email), nil)
		}, nil},
	}
}

// request sends a request that must succeed and decodes the response.
func (g *benchClient) request(t http.RoundTripper, method, path, token, body string, into any) {
	r, err := http.NewRequest(method, g.h.URL+path, strings.NewReader(body))
	if err != nil {
		g.b.Error(err)
		return
	}
	if token != "" {
		r.Header.Set("Authorization", "Bearer "+token)
	}
	got, err := t.RoundTrip(r)
	if err != nil {
		g.b.Error(err)
		return
	}
	defer func() { _ = got.Body.Close() }()
	text, err := io.ReadAll(got.Body)
	if err != nil || got.StatusCode >= 300 {
		g.b.Errorf("%s %s: %d %s %v", method, path, got.StatusCode, text, err)
		return
	}
	if into != nil {
		if err := json.Unmarshal(text, into); err != nil {
			g.b.Error(err)
		}
	}
}

func (g *benchClient) find(c *store.Collection, key, value string) {
	if doc, err := c.FindOne(g.b.Context(), bson.D{{Key: key, Value: value}}, store.Find{}); err != nil || doc == nil {
		g.b.Errorf("find %s: %v, %v", value, doc, err)
	}
}

func (g *benchClient) set(c *store.Collection, key, value string) {
	g.turn++
	if _, err := c.UpdateOne(g.b.Context(), bson.D{{Key: key, Value: value}},
		bson.D{{Key: "$set", Value: bson.D{{Key: "bench", Value: g.turn}}}}, store.Change{}); err != nil {
		g.b.Error(err)
	}
}

// roundLength is how many requests run before the driver calls take their turn.
const roundLength = 200

// compare runs b.N requests of a workload, as many without a network by the handler alone, and as many times its driver
// calls, in turns.
func compare(b *testing.B, clients []*benchClient, l workload, handler func(*benchClient)) {
	var requests, handled, calls timings
	b.ResetTimer()
	for left := b.N; left > 0; left -= roundLength {
		requests.run(b, clients, min(left, roundLength), l.request)
		if l.driver != nil {
			handled.run(b, clients, min(left, roundLength), handler)
			calls.run(b, clients, min(left, roundLength), l.driver)
		}
	}
	b.StopTimer()
	b.ReportMetric(float64(b.N)/requests.elapsed.Seconds(), "req/s")
	b.ReportMetric(requests.ms(0.5), "p50-ms")
	b.ReportMetric(requests.ms(0.99), "p99-ms")
	b.ReportMetric(requests.ms(0.99)/requests.ms(0.5), "p99/p50")
	b.ReportMetric(float64(requests.allocations)/float64(b.N), "allocs/req")
	b.ReportMetric(float64(requests.bytes)/float64(b.N)/1024, "KiB/req")
	b.ReportMetric(0, "ns/op")
	if l.driver != nil {
		b.ReportMetric(calls.ms(0.5), "driver-p50-ms")
		b.ReportMetric(requests.ms(0.5)/calls.ms(0.5), "ratio")
		b.ReportMetric(handled.ms(0.5), "handler-p50-ms")
		b.ReportMetric(handled.ms(0.5)/calls.ms(0.5), "handler-ratio")
	}
}

// timings are the durations of one kind of operation, and what they allocated.
type timings struct {
	each               []time.Duration
	elapsed            time.Duration
	allocations, bytes uint64
}

// run divides n operations among the clients.
func (t *timings) run(b *testing.B, clients []*benchClient, n int, do func(*benchClient)) {
	took := make([]time.Duration, n)
	var next atomic.Int64
	var all sync.WaitGroup
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	start := time.Now()
	for _, g := range clients {
		all.Go(func() {
			g.b = b
			for i := next.Add(1) - 1; i < int64(n); i = next.Add(1) - 1 {
				began := time.Now()
				do(g)
				took[i] = time.Since(began)
			}
		})
	}
	all.Wait()
	t.elapsed += time.Since(start)
	runtime.ReadMemStats(&after)
	t.allocations, t.bytes = t.allocations+after.Mallocs-before.Mallocs, t.bytes+after.TotalAlloc-before.TotalAlloc
	t.each = append(t.each, took...)
}

// ms returns a quantile of the durations in ms.
func (t *timings) ms(share float64) float64 {
	slices.Sort(t.each)
	return t.each[min(len(t.each)-1, int(share*float64(len(t.each))))].Seconds() * 1000
}
