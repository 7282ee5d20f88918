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

// defaultDataSource is the name of the data source where no application directory names it.
const defaultDataSource = "mongodb-atlas"

// DeploymentOptions configure running the service on a deployment.
type DeploymentOptions struct {
	Options
	URI        string
	CustomData model.CustomDataConfig // without an application: the collection to show
}

// OpenDeployment returns the service on a MongoDB deployment after Connect.
func OpenDeployment(ctx context.Context, o DeploymentOptions) (*Workspace, error) {
	w, err := NewDeployment(o)
	if err != nil {
		return nil, err
	}
	return connected(ctx, w)
}

// NewDeployment returns the service in this process on a MongoDB deployment. It connects to nothing: Connect does, or
// the first request.
//
// With an application, its users are stored in the deployment. Without one, the process is an operator's:
// OperatorCredential signs in as any user id of the collection, and the service's own data is in a small embedded
// database below Dir, so that only the user's edits are written to the deployment.
func NewDeployment(o DeploymentOptions) (*Workspace, error) {
	if o.App != nil {
		return o.newApplication()
	}
	return o.newOperator()
}

func (o DeploymentOptions) newApplication() (*Workspace, error) {
	hosts, err := store.Hosts(o.URI)
	if err != nil {
		return nil, asFault("open the deployment", err)
	}
	w := &Workspace{app: o.App, options: o.Options, name: "mongodb://" + hosts, onDeployment: true}
	w.initTransport("", func(ctx context.Context) (*instance, error) {
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
	return w, nil
}

func (o DeploymentOptions) newOperator() (*Workspace, error) {
	if !o.CustomData.Complete() {
		return nil, &model.Fault{
			Kind: model.InvalidInput, Op: "open the deployment", Message: "the collection of the custom data is not named",
			Advice: "name it with --database, --collection and --user-id-field, or give the application's directory with --app",
		}
	}
	if o.CustomData.Service == "" {
		o.CustomData.Service = defaultDataSource
	}
	a, err := app.ForCollection(o.CustomData.Service, o.CustomData)
	if err != nil {
		return nil, &model.Fault{Kind: model.InvalidInput, Op: "open the deployment", Message: err.Error(), Err: err}
	}
	o.App, o.publicCredentials = a, true
	dir, err := privateDir(filepath.Join(o.Dir, "deployments", o.directoryName()))
	if err != nil {
		return nil, err
	}
	w := &Workspace{app: o.App, options: o.Options, name: "mongodb://" + hosts(o.URI), operatorKeyFile: filepath.Join(dir,
		"operator.key"), onDeployment: true}
	w.initTransport(filepath.Join(dir, "dossier.sock"), func(ctx context.Context) (*instance,
		error) {
		return o.openWithAccounts(ctx, dir, w.operatorKeyFile)
	})
	return w, nil
}

// openWithAccounts opens the embedded database for the service's own data, connects to the deployment and starts the
// service on both, with a new operator key.
func (o DeploymentOptions) openWithAccounts(ctx context.Context, dir, keyFile string) (*instance, error) {
	db, accounts, err := o.openEmbedded(ctx, filepath.Join(dir, "accounts.db"))
	if err != nil {
		return nil, err
	}
	end := func(ctx context.Context) error { return errors.Join(accounts.Close(ctx), db.Close()) }
	h, err := o.startOnDeployment(ctx, accounts, keyFile, end)
	if err != nil {
		return nil, errors.Join(err, end(context.WithoutCancel(ctx)))
	}
	return h, nil
}

func (o DeploymentOptions) startOnDeployment(ctx context.Context, accounts *store.Deployment, keyFile string,
	end func(context.Context) error) (*instance, error) {
	d, err := store.Connect(ctx, store.Options{URI: o.URI, AppName: "dossier"})
	if err != nil {
		return nil, err
	}
	c := o.config()
	c.ServiceDeployment, c.Sources = accounts, sources(c, d)
	if c.OperatorKey, err = writeOperatorKey(o.Random, keyFile); err == nil {
		var h *instance
		if h, err = start(ctx, c, d, func(ctx context.Context) error {
			return errors.Join(d.Close(ctx),
				end(ctx))
		}); err == nil {
			return h, nil
		}
	}
	return nil, errors.Join(err, d.Close(context.WithoutCancel(ctx)))
}

// writeOperatorKey creates an operator key and writes it to a file that the other processes of the same user read.
func writeOperatorKey(random io.Reader, path string) (string, error) {
	var key [32]byte
	if _, err := io.ReadFull(random, key[:]); err != nil {
		return "", fmt.Errorf("create the operator key: %w", err)
	}
	text := hex.EncodeToString(key[:])
	temporary := path + ".new"
	if err := os.WriteFile(temporary, []byte(text), 0o600); err != nil {
		return "", fmt.Errorf("write the operator key: %w", err)
	}
	if err := os.Rename(temporary, path); err != nil {
		return "", fmt.Errorf("write the operator key: %w", err)
	}
	return text, nil
}

// OperatorCredential signs in as a user id of the collection. Only a workspace on a deployment without an application
// directory has one.
func (w *Workspace) OperatorCredential(userID string) (model.Credential, error) {
	if w.operatorKeyFile == "" {
		return model.Credential{}, model.InvalidInputf("--as", "requires a deployment without an application directory")
	}
	key, err := os.ReadFile(w.operatorKeyFile)
	if err != nil {
		return model.Credential{}, asFault("sign in as "+userID, err)
	}
	return model.Credential{Provider: api.Operator, Fields: bson.D{{Key: "key", Value: string(key)},
		{Key: "user_id", Value: userID}}}, nil
}

// directoryName is the hash of the collection, the deployment and the database user; the password is not part of it.
func (o DeploymentOptions) directoryName() string {
	c := o.CustomData
	sum := sha256.Sum256([]byte(strings.Join([]string{withoutPassword(o.URI), c.Service, c.Database, c.Collection,
		c.UserIDField}, "\x00")))
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

// hosts returns the hosts of a connection string, without credentials.
func hosts(uri string) string {
	_, rest, _ := strings.Cut(uri, "://")
	authority, _, _ := strings.Cut(rest, "?")
	authority = authority[strings.LastIndexByte(authority, '@')+1:]
	name, _, _ := strings.Cut(authority, "/")
	return name
}
