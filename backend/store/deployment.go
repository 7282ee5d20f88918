package store

import (
	"context"
	"errors"
	"net"
	"slices"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"
	"go.mongodb.org/mongo-driver/v2/mongo/readpref"
	"go.mongodb.org/mongo-driver/v2/mongo/writeconcern"
)

// DefaultTimeout is how long connecting and finding a server may take when Options says nothing.
const DefaultTimeout = 5 * time.Second

// Options says which deployment to connect to and how.
type Options struct {
	// URI is the connection string; it is never shown in full, since it may hold a password. Its read preference and a write concern
	// that waits for nothing do not count: reads go to the primary, and writes are acknowledged.
	URI    string
	Dialer interface {
		DialContext(ctx context.Context, network, address string) (net.Conn, error)
	} // nil: the network
	Timeout time.Duration // for connecting and for finding a server; DefaultTimeout when 0
	AppName string        // shown in the deployment's own logs
}

// Capabilities is what a deployment can do, found out when connecting.
type Capabilities struct {
	ChangeStreams bool
	Transactions  bool
	Majority      bool // a write can wait for a majority of the members
}

// Deployment is a connection to a replica set, a sharded cluster, a single server or the embedded database.
type Deployment struct {
	client  *mongo.Client
	name    string
	timeout time.Duration
	can     Capabilities
	places  chan struct{} // one taken for each open change stream
}

// Connect connects and greets the deployment. It fails with *Error, in one sentence, within the timeout.
func Connect(ctx context.Context, o Options) (*Deployment, error) {
	if o.Timeout <= 0 {
		o.Timeout = DefaultTimeout
	}
	name, err := checkURI(o.URI)
	if err != nil {
		return nil, err
	}
	d := &Deployment{name: name, timeout: o.Timeout}
	ctx, cancel := context.WithTimeout(ctx, o.Timeout)
	defer cancel()
	opts, err := d.clientOptions(ctx, o)
	if err != nil {
		return nil, err
	}
	if d.client, err = mongo.Connect(opts); err != nil {
		return nil, uriError(o.URI, err)
	}
	if err := d.greet(ctx); err != nil {
		bye, stop := context.WithTimeout(context.WithoutCancel(ctx), time.Second)
		defer stop()
		_ = d.client.Disconnect(bye)
		return nil, err
	}
	return d, nil
}

// clientOptions reads the connection string; a `mongodb+srv` one asks the DNS, which knows no deadline of its own.
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
		return nil, &Error{Kind: Unreachable, Message: "the DNS did not answer for " + d.name + " within " + d.timeout.String(), Err: ctx.Err()}
	}
	if p.err != nil {
		return nil, uriError(o.URI, p.err)
	}
	if t := p.opts.ServerSelectionTimeout; t != nil && *t > 0 && *t < d.timeout {
		d.timeout = *t // the connection string asks for less patience
	}
	p.opts.SetServerSelectionTimeout(d.timeout).SetConnectTimeout(d.timeout)
	// What was just written is read again, by any process, and what a write did decides what comes next.
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
	d.divide(p.opts)
	return p.opts, nil
}

// The connections of a deployment, when its connection string does not say how many there may be.
const (
	maxStreams       = 1000
	maxOtherRequests = 100
)

// divide keeps connections for everything else: each open change stream has one that waits.
func (d *Deployment) divide(o *options.ClientOptions) {
	streams := uint64(maxStreams)
	switch {
	case o.MaxPoolSize == nil:
		o.SetMaxPoolSize(maxStreams + maxOtherRequests)
	case *o.MaxPoolSize > 0:
		streams = min(streams, max(1, *o.MaxPoolSize/2))
	}
	d.places = make(chan struct{}, streams)
}

// greet makes sure that somebody answers and accepts the credentials, and finds out what the deployment can do.
func (d *Deployment) greet(ctx context.Context) error {
	admin := d.client.Database("admin")
	hello, err := admin.RunCommand(ctx, bson.D{{Key: "hello", Value: 1}}).Raw()
	if err != nil {
		return d.explain("connect", "", err)
	}
	set, _ := hello.Lookup("setName").StringValueOK()
	msg, _ := hello.Lookup("msg").StringValueOK()
	replicated := set != "" || msg == "isdbgrid"
	d.can = Capabilities{Transactions: replicated, Majority: replicated}
	d.can.ChangeStreams = d.streams(ctx, replicated)
	return nil
}

// streams tries to open a change stream: only trying tells, since servers that resemble MongoDB differ here.
func (d *Deployment) streams(ctx context.Context, replicated bool) bool {
	pipeline := bson.A{bson.D{{Key: "$changeStream", Value: bson.D{}}}}
	answer, err := d.client.Database("dossier").RunCommand(ctx, bson.D{
		{Key: "aggregate", Value: "probe"}, {Key: "pipeline", Value: pipeline}, {Key: "cursor", Value: bson.D{{Key: "batchSize", Value: 0}}},
	}).Raw()
	if err != nil {
		var e *Error
		unsupported := errors.As(d.explain("watch", "", err), &e) && e.Kind == Unsupported
		return replicated && !unsupported
	}
	if id, ok := answer.Lookup("cursor", "id").AsInt64OK(); ok && id != 0 {
		_ = d.client.Database("dossier").RunCommand(ctx, bson.D{{Key: "killCursors", Value: "probe"}, {Key: "cursors", Value: bson.A{id}}}).Err()
	}
	return true
}

// Can tells what the deployment can do.
func (d *Deployment) Can() Capabilities { return d.can }

// Name is the deployment's hosts, for people; it never holds credentials.
func (d *Deployment) Name() string { return d.name }

// Ping asks for a sign of life, within the deployment's timeout.
func (d *Deployment) Ping(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, d.timeout)
	defer cancel()
	return d.explain("reach the database", "", d.client.Ping(ctx, nil))
}

// Close ends the connections.
func (d *Deployment) Close(ctx context.Context) error {
	err := d.client.Disconnect(ctx)
	if errors.Is(err, mongo.ErrClientDisconnected) {
		return nil
	}
	return d.explain("disconnect", "", err)
}

// Collections lists the names of a database's collections, sorted.
func (d *Deployment) Collections(ctx context.Context, database string) ([]string, error) {
	names, err := d.client.Database(database).ListCollectionNames(ctx, bson.D{})
	slices.Sort(names)
	return names, d.explain("list the collections", database, err)
}

// Databases lists the names of the databases, sorted.
func (d *Deployment) Databases(ctx context.Context) ([]string, error) {
	names, err := d.client.ListDatabaseNames(ctx, bson.D{})
	slices.Sort(names)
	return names, d.explain("list the databases", "", err)
}

// Collection is one collection; it need not exist. Its writes wait for a majority of the members where the deployment can.
func (d *Deployment) Collection(database, name string) *Collection {
	opts := options.Collection()
	if d.can.Majority {
		opts.SetWriteConcern(writeconcern.Majority())
	}
	return &Collection{deployment: d, coll: d.client.Database(database).Collection(name, opts), name: database + "." + name}
}
