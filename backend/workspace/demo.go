package workspace

import (
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"

	"dossier/backend/api"
	"dossier/backend/directory"
)

// generatedUsers is the number of generated users in a demo workspace, besides the sample users.
const generatedUsers = 300

// newDemo returns a temporary workspace that no other process can use. Connect creates its users; Close deletes it.
func newDemo(o Options) (*Workspace, error) {
	if o.TokenLife == 0 {
		o.TokenLife = demoTokenLife
	}
	dir, err := os.MkdirTemp("", "dossier-demo-*") // MkdirTemp makes it 0700
	if err != nil {
		return nil, asFault("open the demo", err)
	}
	w := &Workspace{app: o.App, name: "demo", temporary: dir, options: o}
	w.initTransport("", func(ctx context.Context) (*instance, error) { return o.openInstance(ctx, "") })
	return w, nil
}

// seedDemo creates the sample users and the generated users.
func (o Options) seedDemo(ctx context.Context, h *instance) error {
	if err := o.seed(ctx, h); err != nil {
		return err
	}
	docs := make([]bson.Raw, 0, generatedUsers)
	random := rand.New(rand.NewPCG(2025, 9)) // the same users in every demo
	for n := range generatedUsers {
		id, email, doc := generateUser(random, n, o.Now())
		if err := insertUser(ctx, h.service.Directory(), id, email); err != nil {
			return err
		}
		if doc == nil {
			continue
		}
		raw, err := bson.Marshal(doc)
		if err != nil {
			return err
		}
		docs = append(docs, raw)
	}
	_, err := o.collection(h).InsertMany(ctx, docs, false)
	return err
}

// insertUser stores a user without a password: hashing one for each would only cost time.
func insertUser(ctx context.Context, users *directory.Directory, id, email string) error {
	i := directory.Identity{Provider: api.Anonymous, Subject: id, ID: id, UserID: id}
	if email != "" {
		data, err := bson.Marshal(bson.D{{Key: "email", Value: email}})
		if err != nil {
			return err
		}
		i = directory.Identity{Provider: api.EmailPassword, Subject: email, ID: id + "-demo", UserID: id, Data: data}
	}
	if err := users.AddIdentity(ctx, i); err != nil {
		return err
	}
	_, err := users.CreateUser(ctx, id, i)
	return err
}

var (
	givenNames = []string{"Ada", "Bruno", "Chiara", "Dmitri", "Elif", "Femi", "Greta", "Hiro", "Inés", "Jonas", "Kavya",
		"Liam", "Mina", "Nils", "Oluchi", "Priya", "Quentin", "Rosa", "Søren", "Tuğba", "Uma", "Viktor", "Wanda", "Xin",
		"Yusuf", "Zoë"}
	familyNames = []string{"Abbott", "Bianchi", "Costa", "Dvořák", "Eriksen", "Fontaine", "García", "Haddad", "Ivanova",
		"Jensen", "Kim", "López", "Müller", "Nakamura", "Okafor", "Petit", "Quist", "Rossi", "Sato", "Tremblay", "Ueda",
		"Varga", "Weber", "Xu", "Yılmaz", "Zieliński"}
	colors   = []string{"pink", "purple", "teal", "amber", "indigo", "coral", "olive", "navy", "crimson", "mint"}
	cities   = []string{"Lyon", "Kyoto", "Lagos", "Porto", "Oslo", "Kraków", "Lima", "Busan", "İzmir", "Halifax"}
	plans    = []string{"free", "free", "free", "plus", "family"}
	tagNames = []string{"beta", "newsletter", "early-adopter", "student", "vip", "churn-risk", "imported"}
)

func pick[T any](r *rand.Rand, from []T) T { return from[r.IntN(len(from))] }

// generateUser generates one user. Some are anonymous, some have no custom data, and the documents' fields vary, as in
// collections that have grown over time.
func generateUser(r *rand.Rand, n int, now time.Time) (id, email string, doc bson.D) {
	var oid bson.ObjectID
	for i := range oid {
		oid[i] = byte(r.UintN(256))
	}
	id = oid.Hex()
	given, family := pick(r, givenNames), pick(r, familyNames)
	if r.IntN(10) > 0 {
		email = fmt.Sprintf("user%03d@example.com", n)
	}
	if r.IntN(12) == 0 {
		return id, email, nil
	}
	var owner any = id
	if r.IntN(15) == 0 {
		owner = oid // like an import that stored ids as ObjectIds
	}
	doc = bson.D{
		{Key: "userId", Value: owner}, {Key: "favoriteColor", Value: pick(r, colors)},
		{Key: "displayName", Value: given + " " + family},
		{Key: "plan", Value: pick(r, plans)}, {Key: "memberSince", Value: day(now, -r.IntN(2000))},
		{Key: "address", Value: bson.D{{Key: "city", Value: pick(r, cities)},
			{Key: "zip", Value: fmt.Sprintf("%05d", r.IntN(100000))}}},
	}
	if r.IntN(2) == 0 {
		doc = append(doc, bson.E{Key: "balance", Value: decimal(fmt.Sprintf("%d.%02d", r.IntN(500), r.IntN(100)))})
	}
	if r.IntN(3) > 0 {
		tags := bson.A{}
		for range r.IntN(4) {
			tags = append(tags, pick(r, tagNames))
		}
		doc = append(doc, bson.E{Key: "tags", Value: tags})
	}
	if r.IntN(3) == 0 {
		doc = append(doc, bson.E{Key: "preferences", Value: bson.D{{Key: "theme", Value: pick(r, []string{"dark", "light"})},
			{Key: "push", Value: r.IntN(2) == 0}}})
	}
	if orders := r.IntN(5); orders > 0 {
		list := bson.A{}
		for i := range orders {
			list = append(list, order(int32(n*10+i), pick(r, []string{"delivered", "shipped", "returned"}),
				fmt.Sprintf("%d.%02d", r.IntN(200), r.IntN(100)), now, -r.IntN(300)))
		}
		doc = append(doc, bson.E{Key: "orders", Value: list})
	}
	return id, email, append(doc, bson.E{Key: "loginCount", Value: int32(r.IntN(1000))}, bson.E{Key: "lastSeen",
		Value: day(now, -r.IntN(60))})
}
