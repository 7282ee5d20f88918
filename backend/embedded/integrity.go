package embedded

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"hash/fnv"
	"os"
)

// Layout of a bbolt file (bbolt v1.5, internal/common): pages with a header, trees of branch and leaf pages, two meta
// pages at the start. The check does not use bbolt, which trusts its pages and could follow a damaged one anywhere.
const (
	pageHead   = 16
	element    = 16
	bucketHead = 16

	isBranch   = 0x01
	isLeaf     = 0x02
	isFreelist = 0x10

	boltMagic  = 0xED0CDAED
	noFreelist = ^uint64(0)
)

// walker checks a file: every page must have the expected type and position, lie within the file and be used once; keys
// must be in order; documents must have their stated length.
type walker struct {
	file     *os.File
	meta     metaPage
	pageSize uint64
	limit    uint64   // end of the used pages
	used     []uint64 // a bit per page
	buffers  [][]byte // one per depth: a page stays in use while those below it are checked
	pages    int
	pause    func() error // called every stepPages pages; an error ends the check
}

// stepPages is the number of pages that are checked without a pause.
const stepPages = 512

type metaPage struct{ pageSize, root, freelist, limit, txid, sum uint64 }

// newWalker reads the file's meta pages. It fails if both are invalid or the file is too short.
func newWalker(f *os.File, pause func() error) (*walker, error) {
	meta, err := newestMeta(f)
	if err != nil {
		return nil, err
	}
	info, err := f.Stat()
	if err != nil {
		return nil, err
	}
	w := &walker{file: f, meta: meta, pageSize: meta.pageSize, limit: meta.limit, pause: pause}
	if size := uint64(info.Size()); size < w.limit*w.pageSize {
		return nil, fmt.Errorf("the file is truncated: %d of %d bytes", size, w.limit*w.pageSize)
	}
	w.used = make([]uint64, w.limit/64+1)
	return w, nil
}

// check returns the first problem in the file.
func (w *walker) check() error {
	if err := w.tree(w.meta.root, "", 0); err != nil {
		return err
	}
	return w.freelist(w.meta.freelist)
}

// newestMeta returns the meta page of the last commit; a crash may leave the other one invalid.
func newestMeta(f *os.File) (best metaPage, err error) {
	pageSize := uint64(os.Getpagesize())
	for i := range uint64(2) {
		b := make([]byte, pageHead+64)
		if _, err := f.ReadAt(b, int64(i*pageSize)); err != nil {
			return best, fmt.Errorf("meta page %d: %w", i, err)
		}
		b = b[pageHead:]
		sum := fnv.New64a()
		sum.Write(b[:56])
		if binary.NativeEndian.Uint32(b) != boltMagic || sum.Sum64() != binary.NativeEndian.Uint64(b[56:]) {
			continue
		}
		m := metaPage{
			pageSize: uint64(binary.NativeEndian.Uint32(b[8:])), root: binary.NativeEndian.Uint64(b[16:]),
			freelist: binary.NativeEndian.Uint64(b[32:]), limit: binary.NativeEndian.Uint64(b[40:]),
			txid: binary.NativeEndian.Uint64(b[48:]), sum: sum.Sum64(),
		}
		if best.pageSize == 0 || m.txid > best.txid {
			best = m
		}
	}
	if best.pageSize == 0 {
		return best, fmt.Errorf("both meta pages are invalid")
	}
	return best, nil
}

func (w *walker) isUsed(id uint64) bool { return w.used[id/64]&(1<<(id%64)) != 0 }

// page reads a page with its overflow pages. The bytes are valid until the next page at that depth.
func (w *walker) page(id uint64, depth int) ([]byte, error) {
	if id < 2 || id >= w.limit {
		return nil, fmt.Errorf("page %d is beyond the end of the file", id)
	}
	if w.pages++; w.pages%stepPages == 0 {
		if err := w.pause(); err != nil {
			return nil, err
		}
	}
	for len(w.buffers) <= depth {
		w.buffers = append(w.buffers, make([]byte, w.pageSize))
	}
	b := w.buffers[depth][:w.pageSize]
	if _, err := w.file.ReadAt(b, int64(id*w.pageSize)); err != nil {
		return nil, fmt.Errorf("page %d: %w", id, err)
	}
	more := uint64(binary.NativeEndian.Uint32(b[12:]))
	if got := binary.NativeEndian.Uint64(b); got != id {
		return nil, fmt.Errorf("page %d has the number %d", id, got)
	}
	if id+more >= w.limit {
		return nil, fmt.Errorf("page %d extends beyond the end of the file", id)
	}
	for i := id; i <= id+more; i++ {
		if w.isUsed(i) {
			return nil, fmt.Errorf("page %d is used twice", i)
		}
		w.used[i/64] |= 1 << (i % 64)
	}
	if more == 0 {
		return b, nil
	}
	long := make([]byte, (1+more)*w.pageSize)
	if _, err := w.file.ReadAt(long, int64(id*w.pageSize)); err != nil {
		return nil, fmt.Errorf("page %d: %w", id, err)
	}
	return long, nil
}

// tree checks a page and all pages below it; bucket is the name of their bucket.
func (w *walker) tree(id uint64, bucket string, depth int) error {
	if depth > 64 {
		return fmt.Errorf("page %d is nested too deeply", id)
	}
	b, err := w.page(id, depth)
	if err != nil {
		return err
	}
	switch flags := binary.NativeEndian.Uint16(b[8:]); flags {
	case isLeaf:
		err = w.leaf(b, bucket, depth)
	case isBranch:
		err = w.branch(b, bucket, depth)
	default:
		err = fmt.Errorf("unknown page type %#x", flags)
	}
	if err != nil {
		return fmt.Errorf("page %d: %w", id, err)
	}
	return nil
}

func (w *walker) branch(b []byte, bucket string, depth int) error {
	var before []byte
	for i := range int(binary.NativeEndian.Uint16(b[10:])) {
		at := pageHead + i*element
		if at+element > len(b) {
			return fmt.Errorf("entry %d is outside the page", i)
		}
		e := b[at:]
		key, err := within(e, binary.NativeEndian.Uint32(e), binary.NativeEndian.Uint32(e[4:]))
		if err != nil {
			return err
		}
		if i > 0 && bytes.Compare(before, key) >= 0 {
			return fmt.Errorf("entry %d is out of order", i)
		}
		before = key
		if err := w.tree(binary.NativeEndian.Uint64(e[8:]), bucket, depth+1); err != nil {
			return err
		}
	}
	return nil
}

func (w *walker) leaf(b []byte, bucket string, depth int) error {
	var before []byte
	for i := range int(binary.NativeEndian.Uint16(b[10:])) {
		at := pageHead + i*element
		if at+element > len(b) {
			return fmt.Errorf("entry %d is outside the page", i)
		}
		e := b[at:]
		pos, size := binary.NativeEndian.Uint32(e[4:]), binary.NativeEndian.Uint32(e[8:])
		key, err := within(e, pos, size)
		if err != nil {
			return err
		}
		value, err := within(e, pos+size, binary.NativeEndian.Uint32(e[12:]))
		if err != nil {
			return err
		}
		if i > 0 && bytes.Compare(before, key) >= 0 {
			return fmt.Errorf("entry %d is out of order", i)
		}
		before = key
		if err := w.entry(e, key, value, bucket, depth); err != nil {
			return err
		}
	}
	return nil
}

// entry checks a value in a leaf: a nested bucket, or a document in the document bucket.
func (w *walker) entry(e, key, value []byte, bucket string, depth int) error {
	switch flags := binary.NativeEndian.Uint32(e); {
	case flags > 1:
		return fmt.Errorf("unknown entry type %#x", flags)
	case flags == 0 && bucket == string(bucketDocs):
		if n := len(value); n < 5 || binary.LittleEndian.Uint32(value) != uint32(n) || value[n-1] != 0 {
			return fmt.Errorf("a document has an invalid length")
		}
		return nil
	case flags == 0:
		return nil
	}
	if len(value) < bucketHead {
		return fmt.Errorf("a bucket is truncated")
	}
	if root := binary.NativeEndian.Uint64(value); root != 0 {
		return w.tree(root, string(key), depth+1)
	}
	inline := value[bucketHead:]
	if len(inline) < pageHead || binary.NativeEndian.Uint16(inline[8:]) != isLeaf {
		return fmt.Errorf("an inline bucket is not a leaf page")
	}
	return w.leaf(inline, string(key), depth+1)
}

// within returns the bytes that an entry points to, relative to the entry.
func within(e []byte, pos, size uint32) ([]byte, error) {
	end := uint64(pos) + uint64(size)
	if uint64(pos) > uint64(len(e)) || end > uint64(len(e)) {
		return nil, fmt.Errorf("an entry points outside the page")
	}
	return e[pos:end], nil
}

// freelist checks that no free page is in use.
func (w *walker) freelist(id uint64) error {
	if id == noFreelist {
		return nil
	}
	b, err := w.page(id, 0)
	if err != nil {
		return err
	}
	if binary.NativeEndian.Uint16(b[8:]) != isFreelist {
		return fmt.Errorf("page %d is not the list of free pages", id)
	}
	count, at := uint64(binary.NativeEndian.Uint16(b[10:])), uint64(pageHead)
	if count == 0xFFFF {
		count, at = binary.NativeEndian.Uint64(b[pageHead:]), pageHead+8
	}
	if count > (uint64(len(b))-at)/8 {
		return fmt.Errorf("the list of free pages is truncated")
	}
	for i := range count {
		free := binary.NativeEndian.Uint64(b[at+8*i:])
		if free < 2 || free >= w.limit || w.isUsed(free) {
			return fmt.Errorf("page %d is free and in use, or beyond the end of the file", free)
		}
	}
	return nil
}
