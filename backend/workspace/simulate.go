package workspace

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"

	"dossier/backend/store"
)

// The simulated app changes something this often.
const (
	shortestQuiet = 20 * time.Second
	longestQuiet  = 40 * time.Second
)

// SimulateApp is the mobile app of the demo user: every 20 to 40 seconds it changes their document as an app would, until ctx ends; it returns nil then.
func (w *Workspace) SimulateApp(ctx context.Context) error {
	h := w.share.holder()
	if w.demoUser == "" || h == nil {
		return errors.New("simulate the app: only a throw-away workspace has one")
	}
	var seed [16]byte
	if _, err := io.ReadFull(w.options.Random, seed[:]); err != nil {
		return fmt.Errorf("simulate the app: %w", err)
	}
	random := rand.New(rand.NewPCG(binary.LittleEndian.Uint64(seed[:8]), binary.LittleEndian.Uint64(seed[8:])))
	for n := 0; ; n++ {
		timer := time.NewTimer(shortestQuiet + time.Duration(random.Int64N(int64(longestQuiet-shortestQuiet))))
		select {
		case <-ctx.Done():
			timer.Stop()
			return nil
		case <-timer.C:
		}
		update := appChange(random, n, w.options.Now())
		filter := bson.D{{Key: w.app.CustomData.UserIDField, Value: w.demoUser}}
		if _, err := w.options.collection(h).UpdateOne(ctx, filter, update, store.Change{}); err != nil && ctx.Err() == nil {
			w.options.Log.Warn("the simulated app could not write", "error", err)
		}
	}
}

// appChange is one believable write of a mobile app: it was opened, and something happened in it.
func appChange(r *rand.Rand, n int, now time.Time) bson.D {
	set := bson.D{{Key: "lastSeen", Value: bson.NewDateTimeFromTime(now)}, {Key: "devices.0.lastSeen", Value: bson.NewDateTimeFromTime(now)}}
	inc := bson.D{{Key: "steps.today", Value: int32(40 + r.IntN(400))}}
	switch n % 4 {
	case 0:
		set = append(set, bson.E{Key: "cart.count", Value: int32(r.IntN(7))}, bson.E{Key: "cart.updatedAt", Value: bson.NewDateTimeFromTime(now)})
	case 1:
		set = append(set, bson.E{Key: "favoriteColor", Value: pick(r, colors)})
	case 2:
		inc = append(inc, bson.E{Key: "loyaltyPoints", Value: int64(10 * (1 + r.IntN(20)))}, bson.E{Key: "loginCount", Value: int32(1)})
	case 3:
		set = append(set, bson.E{Key: "preferences.theme", Value: pick(r, []string{"dark", "light"})}, bson.E{Key: "preferences.notifications.push", Value: r.IntN(2) == 0})
	}
	return bson.D{{Key: "$set", Value: set}, {Key: "$inc", Value: inc}}
}
