package app

import (
	"io/fs"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"

	"dossier/backend/rules"
	"dossier/model"
)

// App is an application as its directory describes it.
type App struct {
	ID, Name       string
	Providers      map[string]Provider // by type: "anon-user", "local-userpass", "api-key", …
	CustomData     model.CustomDataConfig
	OnUserCreation string // the function that runs before a new user exists; empty: none
	DataSources    map[string]*DataSource
	Functions      map[string]*Function
	Modules        fs.FS // the directory functions with node_modules, for require; nil: no modules
	Values         map[string]bson.RawValue
	Environment    rules.Environment
	Triggers       []Trigger
	Hosting        Hosting  // where the hosted service ran it, which some SDKs request
	Origins        []string // origins that may use the API from browsers ("https://example.com"); empty: any
	// TokenLife and RefreshLife are the lifetimes of tokens; zero: the service's default. The layout has no key for them.
	TokenLife, RefreshLife time.Duration
}

// Hosting is where the hosted service ran an application.
type Hosting struct {
	DeploymentModel string // "GLOBAL" or "LOCAL"; empty: not specified
	Location        string // such as "US-VA"; empty: not specified
}

// DataSource is a data source: the rules and schemas of its collections.
type DataSource struct {
	Name       string
	Config     bson.Raw // the data source's own settings; nil: none
	Namespaces map[Namespace]*Collection
	Default    *rules.Namespace // rules of collections without rules; nil: access is denied
}

// Namespace is a database and a collection.
type Namespace struct{ Database, Collection string }

// String returns "database.collection".
func (n Namespace) String() string { return n.Database + "." + n.Collection }

// Collection is the configuration of one collection.
type Collection struct {
	Rules  *rules.Namespace // nil: the data source's default rules
	Schema bson.Raw         // for $jsonSchema; nil: none
}

// Rules returns the rules of a collection, or the data source's default; nil: access is denied.
func (s *DataSource) Rules(n Namespace) *rules.Namespace {
	if c := s.Namespaces[n]; c != nil && c.Rules != nil {
		return c.Rules
	}
	return s.Default
}

// Function is a JavaScript function that runs on the service.
type Function struct {
	Name, Source string
	File         string // path of the source in the directory
	Private      bool   // not callable by clients
	RunAsSystem  bool   // rules do not apply
	// RunAsUserID is the user id that it runs as; RunAsUserScript is the source of a function that returns the id. Both
	// empty: the caller.
	RunAsUserID, RunAsUserScript string
	CanEvaluate                  *rules.Expression
}

// CustomDataNamespace is the collection of the custom data; zero: none.
func (a *App) CustomDataNamespace() Namespace {
	return Namespace{Database: a.CustomData.Database, Collection: a.CustomData.Collection}
}
