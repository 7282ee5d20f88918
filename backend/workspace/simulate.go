package workspace

import (
	"context"
	"errors"
	"fmt"

	"go.mongodb.org/mongo-driver/v2/bson"

	"dossier/backend/store"
)

// WriteAsApp sets top-level fields of a user's document in the database, as the mobile app on another device does.
// Only a demo workspace has a simulated app.
func (w *Workspace) WriteAsApp(ctx context.Context, userID string, fields bson.D) error {
	h := w.handover.instance()
	if !w.options.Demo || h == nil {
		return errors.New("simulate the app: this is not a demo workspace")
	}
	filter := bson.D{{Key: w.app.CustomData.UserIDField, Value: userID}}
	update := bson.D{{Key: "$set", Value: fields}}
	if _, err := w.options.collection(h).UpdateOne(ctx, filter, update, store.Change{}); err != nil {
		return fmt.Errorf("simulate the app: %w", err)
	}
	return nil
}
