package model

import (
	"bytes"
	"cmp"
	"slices"
	"sort"
)

// sequence is the order in which a branch shows its slots. position returns -1 for a slot that is not shown.
type sequence interface {
	len() int
	slot(position int) int
	position(slot int) int
}

// documentSequence shows all fields in the order of the document, with the ghosts at their places.
type documentSequence struct {
	fields int
	ghosts []ghostField
}

func (s documentSequence) len() int { return s.fields + len(s.ghosts) }

func (s documentSequence) slot(position int) int {
	if len(s.ghosts) == 0 {
		return position
	}
	// Ghost n is shown after its field and the n ghosts before it.
	n := sort.Search(len(s.ghosts), func(n int) bool { return s.ghosts[n].after+1+n >= position })
	if n < len(s.ghosts) && s.ghosts[n].after+1+n == position {
		return s.fields + n
	}
	return position - n
}

func (s documentSequence) position(slot int) int {
	if n := slot - s.fields; n >= 0 {
		return s.ghosts[n].after + 1 + n
	}
	return slot + sort.Search(len(s.ghosts), func(n int) bool { return s.ghosts[n].after >= slot })
}

// listSequence shows some slots in any order.
type listSequence struct {
	slots     []uint32
	positions map[uint32]int // by slot; nil: not needed yet
}

func (s *listSequence) len() int { return len(s.slots) }

func (s *listSequence) slot(position int) int { return int(s.slots[position]) }

func (s *listSequence) position(slot int) int {
	if s.positions == nil {
		s.positions = make(map[uint32]int, len(s.slots))
		for position, slot := range s.slots {
			s.positions[slot] = position
		}
	}
	if position, ok := s.positions[uint32(slot)]; ok {
		return position
	}
	return -1
}

// Order is the order in which the fields of each object are shown. Arrays keep the order of their elements.
type Order uint8

// The orders.
const (
	DocumentOrder Order = iota
	NameOrder           // ignoring the case of ASCII letters
	TypeOrder           // as Kinds lists them
	ChangedFirst        // the fields given to SetOrder, and those that contain one, come first
)

// SetOrder sets the order of fields; changed are the fields that ChangedFirst shows first. Fields that are equal in an
// order are shown in the order of the document. Expanded rows stay expanded.
func (t *Tree) SetOrder(o Order, changed *PathSet) {
	t.rebuild(func() {
		t.order, t.changed = o, nil
		if o == ChangedFirst {
			t.changed = changed
		}
	})
}

// SetFilter shows only the fields at some paths, with their ancestors, which are expanded. What is inside one of the
// paths is shown if no other of the paths is inside it.
func (t *Tree) SetFilter(paths []Path) {
	if t.only = NewPathSet(paths); t.only == nil {
		t.only = &PathSet{}
	}
	t.readRoot()
	t.rows = t.expandFiltered(t.root)
}

// ClearFilter shows all fields again. Expanded rows stay expanded.
func (t *Tree) ClearFilter() {
	if t.only != nil {
		t.rebuild(func() { t.only = nil })
	}
}

// expandFiltered expands the fields of a branch that contain a path of the filter, and returns the rows of the branch.
func (t *Tree) expandFiltered(b *branch) int {
	for position := range b.shown.len() {
		f := b.field(position)
		levels := b.levels.child(f.key())
		if levels.only == nil || len(levels.only.fields) == 0 || !isContainer(f.value) {
			continue
		}
		inner := t.read(b, position, f.value, f.origin, levels)
		rows := t.expandFiltered(inner)
		b.expanded = append(b.expanded, expandedField{position: uint32(position), rows: uint32(rows), branch: inner})
	}
	return b.sumRows()
}

// arrange sets the sequence of a branch.
func (t *Tree) arrange(b *branch) {
	if b.levels.ghosts != nil {
		b.placeGhosts(func() Path {
			if b.parent == nil {
				return nil
			}
			return b.parent.path(b.position)
		})
	}
	b.shown = documentSequence{b.fields.count, b.ghosts}
	if only := b.levels.only; only != nil && (len(only.fields) > 0 || b.parent == nil) {
		b.shown = b.filtered()
	}
	if t.order != DocumentOrder && !b.fields.array {
		b.shown = b.ordered(t.order)
	}
}

// filtered returns the slots in the filter, in the order in which they are shown now.
func (b *branch) filtered() *listSequence {
	only, s := b.levels.only, &listSequence{}
	if b.fields.array {
		for _, key := range only.keys {
			if slot := b.slotOf(key); slot >= 0 {
				s.slots = append(s.slots, uint32(slot))
			}
		}
		slices.Sort(s.slots)
		return s
	}
	for position := range b.shown.len() {
		slot := b.shown.slot(position)
		if f := b.slot(slot); only.has(&f) {
			s.slots = append(s.slots, uint32(slot))
		}
	}
	return s
}

// ordered returns the slots that are shown now, in an order.
func (b *branch) ordered(o Order) *listSequence {
	type sortKey struct {
		slot uint32
		rank int
		name []byte
	}
	ranks := kindRanks()
	list := make([]sortKey, b.shown.len())
	for position := range list {
		slot := b.shown.slot(position)
		f := b.slot(slot)
		list[position].slot = uint32(slot)
		switch o {
		case NameOrder:
			list[position].name = f.name
		case TypeOrder:
			list[position].rank = ranks[KindOf(f.value)]
		case ChangedFirst:
			if list[position].rank = 1; b.levels.changed.has(&f) {
				list[position].rank = 0
			}
		}
	}
	slices.SortStableFunc(list, func(x, y sortKey) int {
		if x.rank != y.rank {
			return cmp.Compare(x.rank, y.rank)
		}
		return compareNames(x.name, y.name)
	})
	s := &listSequence{slots: make([]uint32, len(list))}
	for i, k := range list {
		s.slots[i] = k.slot
	}
	return s
}

// kindRanks returns the place of each kind in Kinds.
func kindRanks() map[Kind]int {
	ranks := map[Kind]int{}
	for i, k := range Kinds() {
		ranks[k] = i
	}
	return ranks
}

// compareNames compares two keys, first without regard to the case of ASCII letters.
func compareNames(a, b []byte) int {
	for i := range min(len(a), len(b)) {
		if x, y := lowerASCII(a[i]), lowerASCII(b[i]); x != y {
			return cmp.Compare(x, y)
		}
	}
	if len(a) != len(b) {
		return cmp.Compare(len(a), len(b))
	}
	return bytes.Compare(a, b)
}

func lowerASCII(c byte) byte {
	if c >= 'A' && c <= 'Z' {
		return c + 'a' - 'A'
	}
	return c
}
