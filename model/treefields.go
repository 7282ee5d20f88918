package model

import (
	"fmt"

	"go.mongodb.org/mongo-driver/v2/bson"
)

// fieldBlock is the number of fields per offset that a fieldList keeps: a quarter of a byte for each field.
const fieldBlock = 16

// fieldList gives access to the fields of an object or array by their index. It keeps the offset of every sixteenth
// field. Fields that are read one after the other are each read once.
type fieldList struct {
	bytes  []byte
	array  bool
	count  int
	nested int      // the number of fields that are objects or arrays
	blocks []uint32 // the offsets
	next   int      // the index after the field read last
	nextAt int      // its offset
}

// readFields returns the fields of an object or array; of malformed BSON those before the error.
func readFields(v bson.RawValue) (fieldList, error) {
	f := fieldList{bytes: v.Value, array: v.Type == bson.TypeArray, nextAt: 4}
	if len(v.Value) == 0 {
		return f, nil
	}
	if err := wellFramed(f.bytes); err != nil {
		return f, err
	}
	for at := 4; at < len(f.bytes)-1; f.count++ {
		e, err := elementAt(f.bytes, at)
		if err != nil {
			return f, err
		}
		if f.count%fieldBlock == 0 {
			f.blocks = append(f.blocks, uint32(at))
		}
		if isContainer(e.value) {
			f.nested++
		}
		at = e.end
	}
	return f, nil
}

// at returns a field.
func (f *fieldList) at(index int) element {
	from, at := index/fieldBlock*fieldBlock, f.nextAt
	if f.next > index || f.next < from {
		at = int(f.blocks[index/fieldBlock])
	} else {
		from = f.next
	}
	for {
		e, err := elementAt(f.bytes, at)
		if err != nil {
			panic(fmt.Sprintf("model: the document of a tree was changed: %v", err))
		}
		if from == index {
			f.next, f.nextAt = index+1, e.end
			return e
		}
		from, at = from+1, e.end
	}
}
