package app

import (
	"fmt"
	"slices"

	"dossier/backend/query"

	"go.mongodb.org/mongo-driver/v2/bson"
)

// triggers reads triggers/*.json.
func (r *reader) triggers() { r.each("triggers", "a trigger", r.trigger) }

func (r *reader) trigger(f *file) {
	t := Trigger{Name: f.stem()}
	kind, place := "", "function_name"
	var config bson.D
	for _, e := range f.top() {
		switch e.Key {
		case "name":
			t.Name = f.text(e.Key, e.Value)
		case "type":
			kind = f.text(e.Key, e.Value)
		case "disabled":
			t.Disabled = f.truth(e.Key, e.Value)
		case "config":
			config = f.object(e.Key, e.Value)
		case "function_name": // older exports
			t.Function = f.text(e.Key, e.Value)
		case "event_processors":
			if name := processor(f, e.Key, e.Value); name != nil {
				t.Function, place = *name, "event_processors.FUNCTION.config.function_name"
			}
		case "function_id", "id", "_id", "last_modified", "status":
		default:
			f.ignore(e.Key, e.Value)
		}
	}
	if !r.event(f, &t, kind, config) {
		return
	}
	// Its name is the name of its lease: of two one would never run.
	if slices.ContainsFunc(r.app.Triggers, func(other Trigger) bool { return other.Name == t.Name }) {
		f.wrong("name", "the trigger %q is there twice", t.Name)
		return
	}
	// One that is off may have lost its function: it runs nothing.
	if !t.Disabled {
		r.named(f, place, t.Function)
	}
	r.app.Triggers = append(r.app.Triggers, t)
	f.works("", "%s", t.describe())
}

// processor gives the function that the events go to; nil: to none.
func processor(f *file, at string, v any) *string {
	var name *string
	for _, p := range f.object(at, v) {
		key := under(at, p.Key)
		if p.Key != "FUNCTION" {
			f.missing(key, "events go to functions only; it has no effect")
			continue
		}
		for _, e := range f.object(key, p.Value) {
			if e.Key != "config" {
				f.ignore(under(key, e.Key), e.Value)
				continue
			}
			for _, c := range f.object(under(key, e.Key), e.Value) {
				switch place := under(under(key, e.Key), c.Key); c.Key {
				case "function_name":
					text := f.text(place, c.Value)
					name = &text
				case "function_id":
				default:
					f.ignore(place, c.Value)
				}
			}
		}
	}
	return name
}

// event reads what a trigger waits for; false where dossier does not wait for that.
func (r *reader) event(f *file, t *Trigger, kind string, config bson.D) bool {
	switch kind {
	case "AUTHENTICATION":
		t.Authentication = r.authentication(f, config)
	case "DATABASE":
		t.Database = r.database(f, config, t.Disabled)
		return t.Database != nil
	case "SCHEDULED":
		f.missing("type", "dossier runs nothing by the clock; it never runs")
		return false
	default:
		f.wrong("type", "wants AUTHENTICATION, DATABASE or SCHEDULED, has %q", kind)
		return false
	}
	return true
}

func (r *reader) authentication(f *file, config bson.D) *AuthenticationTrigger {
	t := &AuthenticationTrigger{}
	for _, e := range config {
		switch key := under("config", e.Key); e.Key {
		case "operation_type":
			t.Event = f.text(key, e.Value)
		case "providers":
			t.Providers = f.texts(key, e.Value)
			for i, name := range t.Providers {
				if _, there := r.app.Providers[name]; !there {
					f.suspect(fmt.Sprintf("%s[%d]", key, i), "auth/providers.json has no provider %q", name)
				}
			}
		default:
			f.ignore(key, e.Value)
		}
	}
	if !slices.Contains([]string{EventCreate, EventLogin, EventDelete}, t.Event) {
		f.wrong("config.operation_type", "wants CREATE, LOGIN or DELETE, has %q", t.Event)
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
		f.missing("config.collection", "dossier watches single collections only; it never runs")
		return nil
	case len(t.Events) == 0:
		f.wrong("config.operation_types", "is missing: INSERT, UPDATE, REPLACE or DELETE")
	case n.Database == "":
		f.wrong("config.database", "is missing")
	case r.app.DataSources[t.Service] == nil && !disabled:
		f.wrong("config.service_name", "there is no data source %q", t.Service)
	default:
		if err := checkName(n.Database); err != nil {
			f.wrong("config.database", "%v", err)
		}
	}
	return t
}

func (r *reader) databaseKey(f *file, t *DatabaseTrigger, e bson.E) {
	switch key := under("config", e.Key); e.Key {
	case "service_name":
		t.Service = f.text(key, e.Value)
	case "database":
		t.Namespace.Database = f.text(key, e.Value)
	case "collection":
		t.Namespace.Collection = f.text(key, e.Value)
	case "operation_types":
		for i, event := range f.texts(key, e.Value) {
			if slices.Contains([]string{EventInsert, EventUpdate, EventReplace, EventDelete}, event) {
				t.Events = append(t.Events, event)
			} else {
				f.missing(fmt.Sprintf("%s[%d]", key, i), "dossier does not wait for %q", event)
			}
		}
	case "match":
		match := f.object(key, e.Value)
		if _, err := query.ParseFilter(match, query.Env{}); err != nil {
			f.suspect(key, "is not understood, so that it hardly ever runs: %v", err)
		}
		t.Match = some(match)
	case "project":
		project := f.object(key, e.Value)
		id := find(project, "_id")
		if n, whole := query.WholeNumber(id); id == false || whole && n == 0 {
			f.suspect(under(key, "_id"), "never runs: without the _id of its event nobody knows how far the trigger came")
		}
		t.Project = some(project)
	case "full_document":
		t.FullDocument = f.truth(key, e.Value)
	case "unordered", "clusterName", "service_id":
	default:
		f.ignore(key, e.Value)
	}
}

// some gives an object as a filter or projection; an empty one is none.
func some(d bson.D) any {
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
