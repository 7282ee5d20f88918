package workspace

import (
	"math"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"
)

// sampleUsers returns the users of a new workspace. Together their documents contain every kind of value that the
// screen has to handle.
func sampleUsers(now time.Time) []sampleUser {
	now = now.UTC().Truncate(time.Millisecond)
	return []sampleUser{
		{email: DemoEmail, password: DemoPassword, documents: func(id string) []bson.D {
			return []bson.D{demoDocument(id,
				now)}
		}},
		{email: "aiko.tanaka@example.com", password: DemoPassword,
			documents: func(id string) []bson.D { return []bson.D{wideDocument(id, now)} }},
		{email: "noor.haddad@example.com", password: DemoPassword,
			documents: func(id string) []bson.D { return []bson.D{numbersDocument(id, now)} }},
		{email: "bobby.tables@example.com", password: DemoPassword,
			documents: func(id string) []bson.D { return []bson.D{hostileDocument(id)} }},
		{email: "pat.doubled@example.com", password: DemoPassword, anonymous: true,
			documents: func(id string) []bson.D { return duplicateDocuments(id, now) }},
		{email: "newcomer@example.com", password: DemoPassword},
		{anonymous: true},
	}
}

func day(now time.Time, days int) bson.DateTime {
	return bson.NewDateTimeFromTime(now.AddDate(0, 0, days))
}

func decimal(text string) bson.Decimal128 {
	d, err := bson.ParseDecimal128(text)
	if err != nil {
		panic("workspace: invalid decimal in the sample data: " + text)
	}
	return d
}

// demoDocument is the demo user's document (seed: `favoriteColor: "pink"`).
func demoDocument(id string, now time.Time) bson.D {
	return bson.D{
		{Key: "userId", Value: id},
		{Key: "favoriteColor", Value: "pink"},
		{Key: "displayName", Value: "Dana Moreau"},
		{Key: "email", Value: DemoEmail},
		{Key: "phone", Value: "+1 555 0142"},
		{Key: "birthday", Value: bson.NewDateTimeFromTime(time.Date(1992, 4, 17, 0, 0, 0, 0, time.UTC))},
		{Key: "memberSince", Value: day(now, -740)},
		{Key: "plan", Value: "family"},
		{Key: "verified", Value: true},
		{Key: "loyaltyPoints", Value: int64(48250)},
		{Key: "balance", Value: decimal("127.40")},
		{Key: "rating", Value: 4.8},
		{Key: "referredBy", Value: nil},
		{Key: "address", Value: bson.D{
			{Key: "street", Value: "14 Rue des Lilas"}, {Key: "city", Value: "Lyon"}, {Key: "zip", Value: "69003"},
			{Key: "country", Value: "FR"},
			{Key: "geo", Value: bson.D{{Key: "type", Value: "Point"}, {Key: "coordinates", Value: bson.A{4.8357, 45.764}}}},
		}},
		{Key: "preferences", Value: bson.D{
			{Key: "theme", Value: "dark"}, {Key: "language", Value: "en"}, {Key: "currency", Value: "EUR"},
			{Key: "notifications", Value: bson.D{{Key: "email", Value: true}, {Key: "push", Value: false},
				{Key: "sms", Value: false}}},
		}},
		{Key: "tags", Value: bson.A{"early-adopter", "beta", "newsletter"}},
		{Key: "cart", Value: bson.D{
			{Key: "count", Value: int32(2)}, {Key: "updatedAt", Value: day(now, -1)},
			{Key: "items", Value: bson.A{
				bson.D{{Key: "sku", Value: "TEA-104"}, {Key: "name", Value: "Jasmine tea"}, {Key: "quantity", Value: int32(1)},
					{Key: "price", Value: decimal("8.90")}},
				bson.D{{Key: "sku", Value: "MUG-031"}, {Key: "name", Value: "Stoneware mug"}, {Key: "quantity", Value: int32(1)},
					{Key: "price", Value: decimal("14.50")}},
			}},
		}},
		{Key: "orders", Value: bson.A{order(1042, "delivered", "52.10", now, -31), order(1077, "delivered", "19.99", now,
			-12), order(1093, "shipped", "64.00", now, -2)}},
		{Key: "devices", Value: bson.A{
			bson.D{{Key: "model", Value: "Pixel 8"}, {Key: "os", Value: "Android 15"}, {Key: "lastSeen", Value: day(now, 0)}},
			bson.D{{Key: "model", Value: "iPad Air"}, {Key: "os", Value: "iPadOS 18.1"}, {Key: "lastSeen", Value: day(now, -6)}},
		}},
		{Key: "steps", Value: bson.D{{Key: "today", Value: int32(4210)}, {Key: "goal", Value: int32(8000)},
			{Key: "week", Value: bson.A{6120, 9034, 7450, 8802, 3977, 10211, 4210}}}},
		{Key: "household", Value: bson.NewObjectIDFromTimestamp(now)},
		{Key: "consent", Value: bson.D{{Key: "terms", Value: "2024-11"}, {Key: "marketing", Value: false},
			{Key: "at", Value: day(now, -200)}}},
		{Key: "notes", Value: "Prefers delivery after six. The bell is broken: please knock."},
		{Key: "lastSeen", Value: day(now, 0)},
		{Key: "loginCount", Value: int32(311)},
		{Key: "schemaVersion", Value: int32(3)},
	}
}

func order(number int32, status, total string, now time.Time, days int) bson.D {
	return bson.D{{Key: "number", Value: number}, {Key: "status", Value: status}, {Key: "total", Value: decimal(total)},
		{Key: "placed", Value: day(now, days)}}
}

// wideDocument has scripts with wide, combining and right-to-left characters.
func wideDocument(id string, now time.Time) bson.D {
	return bson.D{
		{Key: "userId", Value: id},
		{Key: "名前", Value: "田中 愛子"},
		{Key: "favoriteColor", Value: "茜色"},
		{Key: "mood", Value: "🌸 👩‍👩‍👧‍👦 🏳️‍🌈 👍🏽"},
		{Key: "motto", Value: "Crème brûlée für alle, e\u0301 too"},
		{Key: "شعار", Value: "السلام عليكم"},
		{Key: "city", Value: bson.D{{Key: "ja", Value: "京都市"}, {Key: "ko", Value: "교토"}, {Key: "en", Value: "Kyoto"}}},
		{Key: "history", Value: bson.A{"抹茶", "せんべい", "ラムネ"}},
		{Key: "memberSince", Value: day(now, -90)},
	}
}

// numbersDocument has numbers and types that a careless conversion changes.
func numbersDocument(id string, now time.Time) bson.D {
	return bson.D{
		{Key: "userId", Value: id},
		{Key: "favoriteColor", Value: "teal"},
		{Key: "int", Value: int32(42)},
		{Key: "long", Value: int64(9007199254740993)},
		{Key: "double", Value: 42.0},
		{Key: "tiny", Value: 5e-324},
		{Key: "notANumber", Value: math.NaN()},
		{Key: "endless", Value: math.Inf(1)},
		{Key: "minusZero", Value: math.Copysign(0, -1)},
		{Key: "decimal", Value: decimal("0.10000000000000000000000000001")},
		{Key: "uuid", Value: bson.Binary{Subtype: 4, Data: []byte{0x12, 0x3e, 0x45, 0x67, 0xe8, 0x9b, 0x42, 0xd3, 0xa4, 0x56,
			0x42, 0x66, 0x14, 0x17, 0x40, 0x00}}},
		{Key: "fingerprint", Value: bson.Binary{Data: []byte{0xde, 0xad, 0xbe, 0xef}}},
		{Key: "pattern", Value: bson.Regex{Pattern: "^dossier-\\d+$", Options: "i"}},
		{Key: "clock", Value: bson.Timestamp{T: uint32(now.Unix()), I: 1}},
		{Key: "longAgo", Value: bson.DateTime(-62135596800000)},
		{Key: "nothing", Value: nil},
		{Key: "team", Value: bson.NewObjectIDFromTimestamp(now)},
		{Key: "empty", Value: bson.D{{Key: "object", Value: bson.D{}}, {Key: "array", Value: bson.A{}},
			{Key: "text", Value: ""}}},
		{Key: "nested", Value: bson.A{bson.A{1, bson.A{2, bson.A{3}}},
			bson.D{{Key: "deep", Value: bson.D{{Key: "deeper", Value: bson.A{true, false}}}}}}},
	}
}

// hostileDocument has terminal escape sequences and other attacks, and keys that no update path can name.
func hostileDocument(id string) bson.D {
	return bson.D{
		{Key: "userId", Value: id},
		{Key: "favoriteColor", Value: "\x1b[31mred\x1b[0m"},
		{Key: "displayName", Value: "Robert'); DROP TABLE students;--"},
		{Key: "title", Value: "\x1b]0;all your terminal\x07"},
		{Key: "link", Value: "\x1b]8;;http://example.com/\x1b\\click here\x1b]8;;\x1b\\"},
		{Key: "unfinished", Value: "\x1b]0;never closed"},
		{Key: "clear", Value: "\x1b[2J\x1b[Hnothing to see\r\nreally"},
		{Key: "reversed", Value: "invoice\u202Efdp.exe"},
		{Key: "invisible", Value: "pass\u200Bword\u2060\uFEFF \U000E0041\U000E0042"},
		{Key: "c1", Value: "\u009b31mstill red"},
		{Key: "formula", Value: "=HYPERLINK(\"http://example.com\",\"open\")"},
		{Key: "settings", Value: bson.D{
			{Key: "price.eur", Value: decimal("9.99")}, {Key: "with space", Value: 1}, {Key: "back\\slash", Value: 2},
			{Key: "colon:equals=", Value: 3},
			{Key: "$cost", Value: 4}, {Key: "", Value: "a key of nothing"},
		}},
	}
}

// duplicateDocuments are two documents of one user: one with the id as a string, which counts, and an imported one with
// an ObjectId.
func duplicateDocuments(id string, now time.Time) []bson.D {
	docs := []bson.D{{{Key: "userId", Value: id}, {Key: "favoriteColor", Value: "green"}, {Key: "source", Value: "app"},
		{Key: "updatedAt", Value: day(now, -3)}}}
	if oid, err := bson.ObjectIDFromHex(id); err == nil {
		docs = append(docs, bson.D{{Key: "userId", Value: oid}, {Key: "favoriteColor", Value: "yellow"},
			{Key: "source", Value: "import"}, {Key: "updatedAt", Value: day(now, -1)}})
	}
	return docs
}
