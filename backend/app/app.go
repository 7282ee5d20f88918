package app

import (
	"io/fs"
	"time"

	"dossier/backend/rules"
	"dossier/model"

	"go.mongodb.org/mongo-driver/v2/bson"
)

// App is an application as its directory describes it.
type App struct {
	ID, Name       string
	Providers      map[string]Provider // by type: "anon-user", "local-userpass", "api-key", …
	CustomData     model.CustomDataConfig
	OnUserCreation string // the function that runs before a new user exists; empty: none
	DataSources    map[string]*DataSource
	Functions      map[string]*Function
	Modules        fs.FS // what require finds: the directory functions, with node_modules in it; nil: nothing
	Values         map[string]bson.RawValue
	Environment    rules.Environment
	Triggers       []Trigger
	Hosting        Hosting  // where the hosted service ran it, which some SDKs ask
	Origins        []string // browsers may use the API from pages of these origins only ("https://example.com"); empty: from any
	Notices        []Notice // what the directory holds but dossier does not do
	// TokenLife and RefreshLife are how long tokens live; zero: the service's own default. The directory's layout has
	// no place for them.
	TokenLife, RefreshLife time.Duration
}

// Hosting is where the hosted service ran an application.
type Hosting struct {
	DeploymentModel string // "GLOBAL" or "LOCAL"; empty: the directory does not say
	Location        string // such as "US-VA"; empty: the directory does not say
}

// DataSource is a data source: what may be seen and changed in which of its collections.
type DataSource struct {
	Name       string
	Config     bson.Raw // the data source's own settings; nil: none
	Namespaces map[Namespace]*Collection
	Default    *rules.Namespace // for collections without rules of their own; nil: they are closed
}

// Namespace names a collection.
type Namespace struct{ Database, Collection string }

// String gives "database.collection".
func (n Namespace) String() string { return n.Database + "." + n.Collection }

// Collection is what the directory says about one collection.
type Collection struct {
	Rules  *rules.Namespace // nil: the data source's default rules
	Schema bson.Raw         // for $jsonSchema; nil: none
}

// Rules gives the rules for a collection: its own, else the data source's default; nil: none, everything is denied.
func (s *DataSource) Rules(n Namespace) *rules.Namespace {
	if c := s.Namespaces[n]; c != nil && c.Rules != nil {
		return c.Rules
	}
	return s.Default
}

// Function is a JavaScript function that runs on the service.
type Function struct {
	Name, Source string
	File         string // that holds the source, in the directory
	Private      bool   // not for clients
	RunAsSystem  bool   // past the rules
	// RunAsUserID is the user id under whose rules it runs, and RunAsUserScript the source of a function that returns it; empty: the caller's.
	RunAsUserID, RunAsUserScript string
	CanEvaluate                  *rules.Expression
}

// CustomDataNamespace is the collection that holds custom user data; zero where there is none.
func (a *App) CustomDataNamespace() Namespace {
	return Namespace{Database: a.CustomData.Database, Collection: a.CustomData.Collection}
}
