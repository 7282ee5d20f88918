package store

import (
	"context"
	"errors"
	"net"
	"slices"
	"strings"
	"sync"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"
	"go.mongodb.org/mongo-driver/v2/mongo/readpref"
	"go.mongodb.org/mongo-driver/v2/mongo/writeconcern"
	"golang.org/x/sync/semaphore"
)

// DefaultTimeout is the default timeout for connecting and for server selection.
const DefaultTimeout = 5 * time.Second

// Options configures Connect.
type Options struct {
	// URI is the connection string; it is never shown in full because it may contain a password. Its read preference and
	// an unacknowledged write concern are ignored: reads go to the primary, and writes are acknowledged.
	URI    string
	Dialer interface {
		DialContext(ctx context.Context, network, address string) (net.Conn, error)
	} // nil: the network
	Timeout time.Duration // for connecting and server selection; 0: DefaultTimeout
	AppName string        // shown in the deployment's logs
}

// Capabilities are the features of a deployment, detected by Connect.
type Capabilities struct {
	ChangeStreams bool
	Transactions  bool
	Majority      bool // majority write concern is available
	Embedded      bool // dossier's own database: a find by _id takes a few microseconds
}

// Deployment is a connection to a replica set, a sharded cluster, a single server or the embedded database. It is safe
// for concurrent use.
type Deployment struct {
	client      *mongo.Client
	name        string // hosts of the connection string
	srv         bool   // name is an SRV record
	tls         bool
	replicaSet  string // from the connection string
	connected   bool   // Connect succeeded
	timeout     time.Duration
	can         Capabilities
	streamSlots *semaphore.Weighted // of open change streams

	mu          sync.Mutex
	collections map[[2]string]*Collection // by database and collection
}

// Connect connects to a deployment and detects its capabilities. It returns an *Error within the timeout.
func Connect(ctx context.Context, o Options) (*Deployment, error) {
	if o.Timeout <= 0 {
		o.Timeout = DefaultTimeout
	}
	name, err := checkURI(o.URI)
	if err != nil {
		return nil, err
	}
	d := &Deployment{name: name, srv: strings.HasPrefix(o.URI, "mongodb+srv:"), timeout: o.Timeout}
	ctx, cancel := context.WithTimeout(ctx, o.Timeout)
	defer cancel()
	opts, err := d.clientOptions(ctx, o)
	if err != nil {
		return nil, err
	}
	if d.client, err = mongo.Connect(opts); err != nil {
		return nil, uriError(o.URI, err)
	}
	if err := d.detectCapabilities(ctx); err != nil {
		bye, stop := context.WithTimeout(context.WithoutCancel(ctx), time.Second)
		defer stop()
		_ = d.client.Disconnect(bye)
		return nil, err
	}
	d.connected = true
	return d, nil
}

// clientOptions parses the connection string. A `mongodb+srv` one needs a DNS lookup, which has no deadline of its own.
func (d *Deployment) clientOptions(ctx context.Context, o Options) (*options.ClientOptions, error) {
	type parsed struct {
		opts *options.ClientOptions
		err  error
	}
	done := make(chan parsed, 1)
	go func() {
		opts := options.Client().ApplyURI(o.URI)
		done <- parsed{opts, opts.Validate()}
	}()
	var p parsed
	select {
	case p = <-done:
	case <-ctx.Done():
		return nil, &Error{Kind: Unreachable, Message: "DNS lookup of " + d.name + ": no reply within " + d.timeout.String(),
			Err: ctx.Err()}
	}
	if p.err != nil {
		return nil, uriError(o.URI, p.err)
	}
	d.tls = p.opts.TLSConfig != nil
	if p.opts.ReplicaSet != nil {
		d.replicaSet = *p.opts.ReplicaSet
	}
	if t := p.opts.ServerSelectionTimeout; t != nil && *t > 0 && *t < d.timeout {
		d.timeout = *t // the connection string has a shorter timeout
	}
	p.opts.SetServerSelectionTimeout(d.timeout).SetConnectTimeout(d.timeout)
	// Other processes read what was just written, and the result of a write decides the next step.
	p.opts.SetReadPreference(readpref.Primary())
	if c := p.opts.WriteConcern; c != nil && !c.Acknowledged() {
		p.opts.SetWriteConcern(writeconcern.W1())
	}
	if o.AppName != "" {
		p.opts.SetAppName(o.AppName)
	}
	if o.Dialer != nil {
		p.opts.SetDialer(o.Dialer)
	}
	d.limitStreams(p.opts)
	return p.opts, nil
}

// Default sizes of the connection pool, used if the connection string has no maxPoolSize.
const (
	maxStreams       = 1000
	maxOtherRequests = 100
)

// limitStreams reserves connections for other requests: each open change stream occupies one.
func (d *Deployment) limitStreams(o *options.ClientOptions) {
	streams := uint64(maxStreams)
	switch {
	case o.MaxPoolSize == nil:
		o.SetMaxPoolSize(maxStreams + maxOtherRequests)
	case *o.MaxPoolSize > 0:
		streams = min(streams, max(1, *o.MaxPoolSize/2))
	}
	d.streamSlots = semaphore.NewWeighted(int64(streams))
}

// detectCapabilities checks that the server replies and accepts the credentials, and detects the capabilities.
func (d *Deployment) detectCapabilities(ctx context.Context) error {
	admin := d.client.Database("admin")
	hello, err := admin.RunCommand(ctx, bson.D{{Key: "hello", Value: 1}}).Raw()
	if err != nil {
		return d.explain("connect", "", err)
	}
	set, _ := hello.Lookup("setName").StringValueOK()
	msg, _ := hello.Lookup("msg").StringValueOK()
	replicated := set != "" || msg == "isdbgrid"
	embedded, _ := hello.Lookup("dossierEmbedded").BooleanOK()
	d.can = Capabilities{Transactions: replicated, Majority: replicated, Embedded: embedded}
	d.can.ChangeStreams = d.canStream(ctx, replicated)
	return nil
}

// canStream reports whether a change stream can be opened. It opens one, because servers that emulate MongoDB differ
// here.
func (d *Deployment) canStream(ctx context.Context, replicated bool) bool {
	pipeline := bson.A{bson.D{{Key: "$changeStream", Value: bson.D{}}}}
	answer, err := d.client.Database("dossier").RunCommand(ctx, bson.D{
		{Key: "aggregate", Value: "probe"}, {Key: "pipeline", Value: pipeline},
		{Key: "cursor", Value: bson.D{{Key: "batchSize", Value: 0}}},
	}).Raw()
	if err != nil {
		var e *Error
		unsupported := errors.As(d.explain("watch", "", err), &e) && e.Kind == Unsupported
		return replicated && !unsupported
	}
	if id, ok := answer.Lookup("cursor", "id").AsInt64OK(); ok && id != 0 {
		_ = d.client.Database("dossier").RunCommand(ctx, bson.D{{Key: "killCursors", Value: "probe"},
			{Key: "cursors", Value: bson.A{id}}}).Err()
	}
	return true
}

// Can returns the capabilities of the deployment.
func (d *Deployment) Can() Capabilities { return d.can }

// Name returns the deployment's hosts for display, without credentials.
func (d *Deployment) Name() string { return d.name }

// Ping checks that the deployment replies within its timeout.
func (d *Deployment) Ping(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, d.timeout)
	defer cancel()
	return d.explain("reach the database", "", d.client.Ping(ctx, nil))
}

// Close closes the connections.
func (d *Deployment) Close(ctx context.Context) error {
	err := d.client.Disconnect(ctx)
	if errors.Is(err, mongo.ErrClientDisconnected) {
		return nil
	}
	return d.explain("disconnect", "", err)
}

// Collections returns the sorted names of a database's collections.
func (d *Deployment) Collections(ctx context.Context, database string) ([]string, error) {
	names, err := d.client.Database(database).ListCollectionNames(ctx, bson.D{})
	slices.Sort(names)
	return names, d.explain("list the collections", database, err)
}

// Databases returns the sorted names of the databases.
func (d *Deployment) Databases(ctx context.Context) ([]string, error) {
	names, err := d.client.ListDatabaseNames(ctx, bson.D{})
	slices.Sort(names)
	return names, d.explain("list the databases", "", err)
}

// maxKeptCollections is how many collections a Deployment keeps for further calls of Collection.
const maxKeptCollections = 1000

// Deployment returns the deployment of a collection.
func (c *Collection) Deployment() *Deployment { return c.deployment }

// Collection returns a collection, which need not exist. Its writes use majority write concern if available.
func (d *Deployment) Collection(database, name string) *Collection {
	key := [2]string{database, name}
	d.mu.Lock()
	defer d.mu.Unlock()
	if c := d.collections[key]; c != nil {
		return c
	}
	opts := options.Collection()
	if d.can.Majority {
		opts.SetWriteConcern(writeconcern.Majority())
	}
	c := &Collection{deployment: d, coll: d.client.Database(database).Collection(name, opts),
		name: database + "." + name}
	if d.connected && len(d.collections) < maxKeptCollections { // before that, the capabilities are not known
		if d.collections == nil {
			d.collections = map[[2]string]*Collection{}
		}
		d.collections[key] = c
	}
	return c
}
