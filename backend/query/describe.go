package query

import (
	"strconv"

	"go.mongodb.org/mongo-driver/v2/bson"
)

// Describe returns the updateDescription of a change event: the differences from old to new by dotted path.
func Describe(old, new bson.D) bson.D {
	c := &changeList{updated: bson.D{}, removed: bson.A{}, truncated: bson.A{}}
	c.documents("", old, new)
	return bson.D{{Key: "updatedFields", Value: c.updated}, {Key: "removedFields", Value: c.removed},
		{Key: "truncatedArrays", Value: c.truncated}}
}

type changeList struct {
	updated   bson.D
	removed   bson.A
	truncated bson.A
}

func (c *changeList) documents(prefix string, old, new bson.D) {
	before, after := NewFieldFinder(old), NewFieldFinder(new)
	for _, e := range old {
		if isMissing(after.stored(e.Key)) {
			c.removed = append(c.removed, prefix+e.Key)
		}
	}
	for _, e := range new {
		c.values(prefix+e.Key, before.stored(e.Key), e.Value)
	}
}

func (c *changeList) values(path string, old, new any) {
	switch x := new.(type) {
	case bson.D:
		if was, is := old.(bson.D); is && len(x) > 0 {
			c.documents(path+".", was, x)
			return
		}
	case bson.A:
		if was, is := old.(bson.A); is && len(x) > 0 {
			c.arrays(path, was, x)
			return
		}
	}
	if isMissing(old) || !Identical(old, new) {
		c.updated = append(c.updated, bson.E{Key: path, Value: new})
	}
}

func (c *changeList) arrays(path string, old, new bson.A) {
	for i := range min(len(old), len(new)) {
		c.values(path+"."+strconv.Itoa(i), old[i], new[i])
	}
	for i := len(old); i < len(new); i++ {
		c.updated = append(c.updated, bson.E{Key: path + "." + strconv.Itoa(i), Value: new[i]})
	}
	if len(new) < len(old) {
		c.truncated = append(c.truncated, bson.D{{Key: "field", Value: path}, {Key: "newSize", Value: int32(len(new))}})
	}
}
