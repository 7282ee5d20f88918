package workspace

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"go.mongodb.org/mongo-driver/v2/bson"

	"dossier/backend/api"
	"dossier/backend/app"
	"dossier/backend/store"
	"dossier/model"
)

// operatorSource is what the data source is called where no application directory names it.
const operatorSource = "mongodb-atlas"

// DeploymentOptions says which deployment to run the service on.
type DeploymentOptions struct {
	Options
	URI        string
	CustomData model.CustomDataConfig // without an application: the collection to look at
}

// OpenDeployment runs the service in this process on somebody's MongoDB.
//
// With an application, its accounts live in the deployment. Without one, whoever holds the connection string is the operator: OperatorCredential signs in as any user
// id of the collection, and the accounts live in a small embedded database below Dir, so that nothing but the person's own edits is written to the deployment.
func OpenDeployment(ctx context.Context, o DeploymentOptions) (*Workspace, error) {
	if o.App != nil {
		return o.openApplication(ctx)
	}
	return o.openOperator(ctx)
}

func (o DeploymentOptions) openApplication(ctx context.Context) (*Workspace, error) {
	w := &Workspace{app: o.App, options: o.Options, elsewhere: true}
	w.connect("", func(ctx context.Context) (*held, error) {
		d, err := store.Connect(ctx, store.Options{URI: o.URI, AppName: "dossier"})
		if err != nil {
			return nil, err
		}
		c := o.config()
		c.ServiceDeployment, c.Sources = d, sources(c, d)
		h, err := start(ctx, c, d, d.Close)
		if err != nil {
			return nil, errors.Join(err, d.Close(context.WithoutCancel(ctx)))
		}
		return h, nil
	})
	if _, err := w.ready(ctx); err != nil {
		return nil, err
	}
	w.name = "mongodb://" + w.share.holder().data.Name()
	return w, nil
}

func (o DeploymentOptions) openOperator(ctx context.Context) (*Workspace, error) {
	if !o.CustomData.Complete() {
		return nil, &model.Fault{
			Kind: model.InvalidInput, Op: "open the deployment", Message: "the collection of the custom data is not named",
			Advice: "name it with --database, --collection and --user-id-field, or give the application's directory with --app",
		}
	}
	if o.CustomData.Service == "" {
		o.CustomData.Service = operatorSource
	}
	o.App, o.known = app.ForCollection(o.CustomData.Service, o.CustomData), true
	dir, err := ownDir(filepath.Join(o.Dir, "deployments", o.key()))
	if err != nil {
		return nil, err
	}
	w := &Workspace{app: o.App, options: o.Options, name: "mongodb://" + hosts(o.URI), operator: filepath.Join(dir, "operator.key"), elsewhere: true}
	w.connect(filepath.Join(dir, "dossier.sock"), func(ctx context.Context) (*held, error) { return o.holdAccounts(ctx, dir, w.operator) })
	return w.ready(ctx)
}

// holdAccounts takes the embedded database with the accounts, connects to the deployment and starts the service on both. The operator's key is a new one each time.
func (o DeploymentOptions) holdAccounts(ctx context.Context, dir, keyFile string) (*held, error) {
	db, accounts, err := o.openEmbedded(ctx, filepath.Join(dir, "accounts.db"))
	if err != nil {
		return nil, err
	}
	end := func(ctx context.Context) error { return errors.Join(accounts.Close(ctx), db.Close()) }
	h, err := o.startOperator(ctx, accounts, keyFile, end)
	if err != nil {
		return nil, errors.Join(err, end(context.WithoutCancel(ctx)))
	}
	return h, nil
}

func (o DeploymentOptions) startOperator(ctx context.Context, accounts *store.Deployment, keyFile string, end func(context.Context) error) (*held, error) {
	d, err := store.Connect(ctx, store.Options{URI: o.URI, AppName: "dossier"})
	if err != nil {
		return nil, err
	}
	c := o.config()
	c.ServiceDeployment, c.Sources = accounts, sources(c, d)
	if c.OperatorKey, err = newKey(o.Random, keyFile); err == nil {
		var h *held
		if h, err = start(ctx, c, d, func(ctx context.Context) error { return errors.Join(d.Close(ctx), end(ctx)) }); err == nil {
			return h, nil
		}
	}
	return nil, errors.Join(err, d.Close(context.WithoutCancel(ctx)))
}

// newKey makes the operator's key and leaves it where the other processes of the same user find it.
func newKey(random io.Reader, path string) (string, error) {
	var key [32]byte
	if _, err := io.ReadFull(random, key[:]); err != nil {
		return "", fmt.Errorf("make the operator's key: %w", err)
	}
	text := hex.EncodeToString(key[:])
	fresh := path + ".new"
	if err := os.WriteFile(fresh, []byte(text), 0o600); err != nil {
		return "", fmt.Errorf("keep the operator's key: %w", err)
	}
	if err := os.Rename(fresh, path); err != nil {
		return "", fmt.Errorf("keep the operator's key: %w", err)
	}
	return text, nil
}

// OperatorCredential signs in as a user id of the collection; only a workspace opened on a deployment without an application has one.
func (w *Workspace) OperatorCredential(userID string) (model.Credential, error) {
	if w.operator == "" {
		return model.Credential{}, model.InvalidInputf("--as", "works on a deployment without an application directory")
	}
	key, err := os.ReadFile(w.operator)
	if err != nil {
		return model.Credential{}, faultOf("sign in as "+userID, err)
	}
	return model.Credential{Provider: api.Operator, Fields: bson.D{{Key: "key", Value: string(key)}, {Key: "user_id", Value: userID}}}, nil
}

// key names the directory for one collection of one deployment seen with one database user; the password is not part of it.
func (o DeploymentOptions) key() string {
	c := o.CustomData
	sum := sha256.Sum256([]byte(strings.Join([]string{withoutPassword(o.URI), c.Service, c.Database, c.Collection, c.UserIDField}, "\x00")))
	return hex.EncodeToString(sum[:8])
}

func withoutPassword(uri string) string {
	scheme, rest, ok := strings.Cut(uri, "://")
	authority, options, _ := strings.Cut(rest, "?")
	at := strings.LastIndexByte(authority, '@')
	if !ok || at < 0 {
		return uri
	}
	user, _, _ := strings.Cut(authority[:at], ":")
	return scheme + "://" + user + authority[at:] + "?" + options
}

// hosts is the part of a connection string that may be shown.
func hosts(uri string) string {
	_, rest, _ := strings.Cut(uri, "://")
	authority, _, _ := strings.Cut(rest, "?")
	authority = authority[strings.LastIndexByte(authority, '@')+1:]
	name, _, _ := strings.Cut(authority, "/")
	return name
}
