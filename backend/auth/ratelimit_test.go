package auth

import (
	"errors"
	"fmt"
	"net/http"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"dossier/backend/api"
	"dossier/backend/storetest"
)

// Of many concurrent requests exactly as many pass as the limit allows, the very first requests included.
func TestLimitIsExact(t *testing.T) {
	db := storetest.Open(t, time.Now)
	at := time.Date(2030, time.March, 14, 9, 26, 53, 0, time.UTC)
	rows := db.Collection("limits")
	l := rateLimiter{rows: rows, now: func() time.Time { return at }}
	for round := range 10 {
		var wait sync.WaitGroup
		var passed atomic.Int64
		for range 60 {
			wait.Go(func() {
				err := l.allow(t.Context(), "register", fmt.Sprint(round), 20)
				var refusal *api.Error
				switch {
				case err == nil:
					passed.Add(1)
				case !errors.As(err, &refusal) || refusal.Status != http.StatusTooManyRequests ||
					refusal.RetryAfter != 3*time.Minute+7*time.Second:
					t.Error(err)
				}
			})
		}
		wait.Wait()
		if n := passed.Load(); n != 20 {
			t.Errorf("%d requests passed", n)
		}
	}
}
