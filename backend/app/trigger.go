package app

import (
	"fmt"
	"slices"

	"go.mongodb.org/mongo-driver/v2/bson"

	"dossier/backend/query"
)

// triggers reads triggers/*.json.
func (r *reader) triggers() { r.eachFile("triggers", "a trigger", r.trigger) }

func (r *reader) trigger(f *file) {
	t := Trigger{Name: f.baseName()}
	kind, location := "", "function_name"
	var config bson.D
	for _, e := range f.topLevel() {
		switch e.Key {
		case "name":
			t.Name = f.stringValue(e.Key, e.Value)
		case "type":
			kind = f.stringValue(e.Key, e.Value)
		case "disabled":
			t.Disabled = f.boolValue(e.Key, e.Value)
		case "config":
			config = f.objectValue(e.Key, e.Value)
		case "function_name": // older exports
			t.Function = f.stringValue(e.Key, e.Value)
		case "event_processors":
			if name := functionProcessor(f, e.Key, e.Value); name != nil {
				t.Function, location = *name, "event_processors.FUNCTION.config.function_name"
			}
		case "function_id", "id", "_id", "last_modified", "status":
		default:
			f.ignored(e.Key, e.Value)
		}
	}
	if !r.triggerEvent(f, &t, kind, config) {
		return
	}
	// The name is the name of the lease: of two triggers with one name, one would never run.
	if slices.ContainsFunc(r.app.Triggers, func(other Trigger) bool { return other.Name == t.Name }) {
		f.invalid("name", "duplicate trigger %q", t.Name)
		return
	}
	// A disabled trigger may refer to a deleted function.
	if !t.Disabled {
		r.requireFunction(f, location, t.Function)
	}
	r.app.Triggers = append(r.app.Triggers, t)
	f.works("", "%s", t.describe())
}

// functionProcessor returns the function that the events go to; nil: none.
func functionProcessor(f *file, at string, v any) *string {
	var name *string
	for _, p := range f.objectValue(at, v) {
		key := joinKey(at, p.Key)
		if p.Key != "FUNCTION" {
			f.unsupported(key, "only functions can process events; it has no effect")
			continue
		}
		for _, e := range f.objectValue(key, p.Value) {
			if e.Key != "config" {
				f.ignored(joinKey(key, e.Key), e.Value)
				continue
			}
			for _, c := range f.objectValue(joinKey(key, e.Key), e.Value) {
				switch location := joinKey(joinKey(key, e.Key), c.Key); c.Key {
				case "function_name":
					text := f.stringValue(location, c.Value)
					name = &text
				case "function_id":
				default:
					f.ignored(location, c.Value)
				}
			}
		}
	}
	return name
}

// triggerEvent reads the event of a trigger; false when it is not supported.
func (r *reader) triggerEvent(f *file, t *Trigger, kind string, config bson.D) bool {
	switch kind {
	case "AUTHENTICATION":
		t.Authentication = r.authentication(f, config)
	case "DATABASE":
		t.Database = r.database(f, config, t.Disabled)
		return t.Database != nil
	case "SCHEDULED":
		f.unsupported("type", "scheduled triggers are not supported; it never runs")
		return false
	default:
		f.invalid("type", "expected AUTHENTICATION, DATABASE or SCHEDULED, got %q", kind)
		return false
	}
	return true
}

func (r *reader) authentication(f *file, config bson.D) *AuthenticationTrigger {
	t := &AuthenticationTrigger{}
	for _, e := range config {
		switch key := joinKey("config", e.Key); e.Key {
		case "operation_type":
			t.Event = f.stringValue(key, e.Value)
		case "providers":
			t.Providers = f.stringList(key, e.Value)
			for i, name := range t.Providers {
				if _, there := r.app.Providers[name]; !there {
					f.suspicious(fmt.Sprintf("%s[%d]", key, i), "auth/providers.json has no provider %q", name)
				}
			}
		default:
			f.ignored(key, e.Value)
		}
	}
	if !slices.Contains([]string{EventCreate, EventLogin, EventDelete}, t.Event) {
		f.invalid("config.operation_type", "expected CREATE, LOGIN or DELETE, got %q", t.Event)
	}
	return t
}

// database reads the changes of a trigger; nil when they are not supported.
func (r *reader) database(f *file, config bson.D, disabled bool) *DatabaseTrigger {
	t := &DatabaseTrigger{}
	for _, e := range config {
		r.databaseKey(f, t, e)
	}
	switch n := t.Namespace; {
	case n.Collection == "":
		f.unsupported("config.collection", "only triggers on a single collection are supported; it never runs")
		return nil
	case len(t.Events) == 0:
		f.invalid("config.operation_types", "is missing: INSERT, UPDATE, REPLACE or DELETE")
	case n.Database == "":
		f.invalid("config.database", "is missing")
	case r.app.DataSources[t.Service] == nil && !disabled:
		f.invalid("config.service_name", "unknown data source %q", t.Service)
	default:
		if err := checkDatabase(n.Database); err != nil {
			f.invalid("config.database", "%v", err)
		}
	}
	return t
}

func (r *reader) databaseKey(f *file, t *DatabaseTrigger, e bson.E) {
	switch key := joinKey("config", e.Key); e.Key {
	case "service_name":
		t.Service = f.stringValue(key, e.Value)
	case "database":
		t.Namespace.Database = f.stringValue(key, e.Value)
	case "collection":
		t.Namespace.Collection = f.stringValue(key, e.Value)
	case "operation_types":
		for i, event := range f.stringList(key, e.Value) {
			if slices.Contains([]string{EventInsert, EventUpdate, EventReplace, EventDelete}, event) {
				t.Events = append(t.Events, event)
			} else {
				f.unsupported(fmt.Sprintf("%s[%d]", key, i), "the operation type %q is not supported", event)
			}
		}
	case "match":
		match := f.objectValue(key, e.Value)
		if _, err := query.ParseFilter(match, query.Env{}); err != nil {
			f.suspicious(key, "is invalid, so the trigger does not run as intended: %v", err)
		}
		t.Match = orNil(match)
	case "project":
		project := f.objectValue(key, e.Value)
		id := lookup(project, "_id")
		if n, whole := query.WholeNumber(id); id == false || whole && n == 0 {
			f.suspicious(joinKey(key, "_id"), "never runs: the _id of the event is the resume token and must not be excluded")
		}
		t.Project = orNil(project)
	case "full_document":
		t.FullDocument = f.boolValue(key, e.Value)
	case "unordered", "clusterName", "service_id":
	default:
		f.ignored(key, e.Value)
	}
}

// orNil returns an object as a filter or projection; nil for an empty one.
func orNil(d bson.D) any {
	if len(d) == 0 {
		return nil
	}
	return d
}

// describe is the text of the finding about a trigger.
func (t Trigger) describe() string {
	event := ""
	if a := t.Authentication; a != nil {
		event = map[string]string{EventCreate: "a user signs in for the first time", EventLogin: "a user signs in",
			EventDelete: "a user is deleted"}[a.Event]
	} else {
		event = "a document of " + t.Database.Namespace.String() +
			" changes (needs change streams: a replica set, or the embedded database)"
	}
	state := ""
	if t.Disabled {
		state = "; it is disabled"
	}
	return fmt.Sprintf("runs %s after %s%s", t.Function, event, state)
}
