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

// The interval between changes of the simulated app.
const (
	minChangeInterval = 20 * time.Second
	maxChangeInterval = 40 * time.Second
)

// SimulateApp acts as the demo user's mobile app: every 20 to 40 seconds it changes the user's document, until ctx
// ends; then it returns nil.
func (w *Workspace) SimulateApp(ctx context.Context) error {
	h := w.handover.instance()
	if w.demoUser == "" || h == nil {
		return errors.New("simulate the app: this is not a demo workspace")
	}
	var seed [16]byte
	if _, err := io.ReadFull(w.options.Random, seed[:]); err != nil {
		return fmt.Errorf("simulate the app: %w", err)
	}
	random := rand.New(rand.NewPCG(binary.LittleEndian.Uint64(seed[:8]), binary.LittleEndian.Uint64(seed[8:])))
	for n := 0; ; n++ {
		timer := time.NewTimer(minChangeInterval + time.Duration(random.Int64N(int64(maxChangeInterval-minChangeInterval))))
		select {
		case <-ctx.Done():
			timer.Stop()
			return nil
		case <-timer.C:
		}
		update := randomUpdate(random, n, w.options.Now())
		filter := bson.D{{Key: w.app.CustomData.UserIDField, Value: w.demoUser}}
		if _, err := w.options.collection(h).UpdateOne(ctx, filter, update, store.Change{}); err != nil && ctx.Err() == nil {
			w.options.Log.Warn("the simulated app could not write", "error", err)
		}
	}
}

// randomUpdate returns one plausible write of a mobile app.
func randomUpdate(r *rand.Rand, n int, now time.Time) bson.D {
	set := bson.D{{Key: "lastSeen", Value: bson.NewDateTimeFromTime(now)}, {Key: "devices.0.lastSeen",
		Value: bson.NewDateTimeFromTime(now)}}
	inc := bson.D{{Key: "steps.today", Value: int32(40 + r.IntN(400))}}
	switch n % 4 {
	case 0:
		set = append(set, bson.E{Key: "cart.count", Value: int32(r.IntN(7))}, bson.E{Key: "cart.updatedAt",
			Value: bson.NewDateTimeFromTime(now)})
	case 1:
		set = append(set, bson.E{Key: "favoriteColor", Value: pick(r, colors)})
	case 2:
		inc = append(inc, bson.E{Key: "loyaltyPoints", Value: int64(10 * (1 + r.IntN(20)))}, bson.E{Key: "loginCount",
			Value: int32(1)})
	case 3:
		set = append(set, bson.E{Key: "preferences.theme", Value: pick(r, []string{"dark", "light"})},
			bson.E{Key: "preferences.notifications.push", Value: r.IntN(2) == 0})
	}
	return bson.D{{Key: "$set", Value: set}, {Key: "$inc", Value: inc}}
}
