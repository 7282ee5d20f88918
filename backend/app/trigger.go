package app

import (
	"fmt"
	"slices"

	"dossier/backend/query"

	"go.mongodb.org/mongo-driver/v2/bson"
)

// triggers reads triggers/*.json.
func (r *reader) triggers() { r.eachFile("triggers", "a trigger", r.trigger) }

func (r *reader) trigger(f *file) {
	t := Trigger{Name: f.baseName()}
	kind, place := "", "function_name"
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
				t.Function, place = *name, "event_processors.FUNCTION.config.function_name"
			}
		case "function_id", "id", "_id", "last_modified", "status":
		default:
			f.ignored(e.Key, e.Value)
		}
	}
	if !r.triggerEvent(f, &t, kind, config) {
		return
	}
	// Its name is the name of its lease: of two one would never run.
	if slices.ContainsFunc(r.app.Triggers, func(other Trigger) bool { return other.Name == t.Name }) {
		f.invalid("name", "the trigger %q is there twice", t.Name)
		return
	}
	// One that is off may have lost its function: it runs nothing.
	if !t.Disabled {
		r.requireFunction(f, place, t.Function)
	}
	r.app.Triggers = append(r.app.Triggers, t)
	f.works("", "%s", t.describe())
}

// functionProcessor gives the function that the events go to; nil: to none.
func functionProcessor(f *file, at string, v any) *string {
	var name *string
	for _, p := range f.objectValue(at, v) {
		key := joinKey(at, p.Key)
		if p.Key != "FUNCTION" {
			f.unsupported(key, "events go to functions only; it has no effect")
			continue
		}
		for _, e := range f.objectValue(key, p.Value) {
			if e.Key != "config" {
				f.ignored(joinKey(key, e.Key), e.Value)
				continue
			}
			for _, c := range f.objectValue(joinKey(key, e.Key), e.Value) {
				switch place := joinKey(joinKey(key, e.Key), c.Key); c.Key {
				case "function_name":
					text := f.stringValue(place, c.Value)
					name = &text
				case "function_id":
				default:
					f.ignored(place, c.Value)
				}
			}
		}
	}
	return name
}

// triggerEvent reads what a trigger waits for; false where dossier does not wait for that.
func (r *reader) triggerEvent(f *file, t *Trigger, kind string, config bson.D) bool {
	switch kind {
	case "AUTHENTICATION":
		t.Authentication = r.authentication(f, config)
	case "DATABASE":
		t.Database = r.database(f, config, t.Disabled)
		return t.Database != nil
	case "SCHEDULED":
		f.unsupported("type", "dossier runs nothing by the clock; it never runs")
		return false
	default:
		f.invalid("type", "wants AUTHENTICATION, DATABASE or SCHEDULED, has %q", kind)
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
		f.invalid("config.operation_type", "wants CREATE, LOGIN or DELETE, has %q", t.Event)
	}
	return t
}

// database reads which changes a trigger waits for; nil where dossier does not wait for them.
func (r *reader) database(f *file, config bson.D, disabled bool) *DatabaseTrigger {
	t := &DatabaseTrigger{}
	for _, e := range config {
		r.databaseKey(f, t, e)
	}
	switch n := t.Namespace; {
	case n.Collection == "":
		f.unsupported("config.collection", "dossier watches single collections only; it never runs")
		return nil
	case len(t.Events) == 0:
		f.invalid("config.operation_types", "is missing: INSERT, UPDATE, REPLACE or DELETE")
	case n.Database == "":
		f.invalid("config.database", "is missing")
	case r.app.DataSources[t.Service] == nil && !disabled:
		f.invalid("config.service_name", "there is no data source %q", t.Service)
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
				f.unsupported(fmt.Sprintf("%s[%d]", key, i), "dossier does not wait for %q", event)
			}
		}
	case "match":
		match := f.objectValue(key, e.Value)
		if _, err := query.ParseFilter(match, query.Env{}); err != nil {
			f.suspicious(key, "is not understood, so that it hardly ever runs: %v", err)
		}
		t.Match = orNil(match)
	case "project":
		project := f.objectValue(key, e.Value)
		id := lookup(project, "_id")
		if n, whole := query.WholeNumber(id); id == false || whole && n == 0 {
			f.suspicious(joinKey(key, "_id"), "never runs: without the _id of its event nobody knows how far the trigger came")
		}
		t.Project = orNil(project)
	case "full_document":
		t.FullDocument = f.boolValue(key, e.Value)
	case "unordered", "clusterName", "service_id":
	default:
		f.ignored(key, e.Value)
	}
}

// orNil gives an object as a filter or projection; an empty one is none.
func orNil(d bson.D) any {
	if len(d) == 0 {
		return nil
	}
	return d
}

// describe says for people what a trigger does.
func (t Trigger) describe() string {
	what := ""
	if a := t.Authentication; a != nil {
		what = map[string]string{EventCreate: "somebody signs in for the first time", EventLogin: "somebody signs in", EventDelete: "somebody is deleted"}[a.Event]
	} else {
		what = "a document of " + t.Database.Namespace.String() + " changes (needs change streams: a replica set, or the embedded database)"
	}
	off := ""
	if t.Disabled {
		off = "; it is off"
	}
	return fmt.Sprintf("runs %s after %s%s", t.Function, what, off)
}
