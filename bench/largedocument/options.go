package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"

	"dossier/backend/client"
	"dossier/model"
	"dossier/model/testdocument"
)

// options are the flags.
type options struct {
	shape, url, app, user, password string
	size                            int
}

func (o options) run() error {
	size := o.size
	if size == 0 {
		size = testdocument.MaxBytes
	}
	var fields bson.D
	switch o.shape {
	case "fields":
		fields = testdocument.ManyFields(size)
	case "text", "lines":
		fields = bson.D{{Key: "text", Value: testdocument.LongText(size-1<<10, o.shape == "lines")}}
	default:
		return fmt.Errorf("unknown shape %q (available: fields, text, lines)", o.shape)
	}
	if o.url == "" {
		raw, err := bson.Marshal(fields)
		if err != nil {
			return err
		}
		_, err = os.Stdout.WriteString(model.JSON(bson.RawValue{Type: bson.TypeEmbeddedDocument, Value: raw}) + "\n")
		return err
	}
	return o.store(context.Background(), fields)
}

// store replaces the document of the user.
func (o options) store(ctx context.Context, fields bson.D) error {
	ctx, cancel := context.WithTimeout(ctx, 5*time.Minute)
	defer cancel()
	service := client.New(client.Options{BaseURL: o.url, AppID: o.app, Now: time.Now, Timeout: time.Minute})
	user, err := service.SignIn(ctx, model.Credential{Provider: "local-userpass",
		Fields: bson.D{{Key: "username", Value: o.user}, {Key: "password", Value: o.password}}})
	if err != nil {
		return err
	}
	profile, err := user.Profile(ctx)
	if err != nil {
		return err
	}
	c := profile.App.CustomData
	if !c.Complete() {
		return errors.New("the service does not say where the custom data is stored")
	}
	collection := user.MongoClient(c.Service).Database(c.Database).Collection(c.Collection)
	if _, err := collection.DeleteOne(ctx, bson.D{{Key: c.UserIDField, Value: user.ID()}}); err != nil {
		return err
	}
	_, err = collection.InsertOne(ctx, append(bson.D{{Key: c.UserIDField, Value: user.ID()}}, fields...))
	return err
}
