package embedded

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"hash/fnv"
	"os"
)

// maxChecked is the maximum file size for a full check at open; in larger files only the ends are checked.
const maxChecked = 256 << 20

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

// findDamage describes the first problem in a file; "" if none is found. Every page must have the expected type and
// position, lie within the file and be used once; keys must be in order; documents must have their stated length.
func findDamage(path string) string {
	f, err := os.Open(path)
	if err != nil {
		return err.Error()
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return err.Error()
	}
	w := &walker{file: f, size: info.Size()}
	if err := w.check(); err != nil {
		return err.Error()
	}
	return ""
}

type walker struct {
	file     *os.File
	size     int64
	pageSize uint64
	limit    uint64 // end of the used pages
	used     map[uint64]bool
}

type metaPage struct{ pageSize, root, freelist, limit, txid uint64 }

func (w *walker) check() error {
	meta, err := w.newestMeta()
	if err != nil {
		return err
	}
	w.pageSize, w.limit, w.used = meta.pageSize, meta.limit, map[uint64]bool{}
	if uint64(w.size) < w.limit*w.pageSize {
		return fmt.Errorf("the file is truncated: %d of %d bytes", w.size, w.limit*w.pageSize)
	}
	if w.size > maxChecked {
		return nil
	}
	if err := w.tree(meta.root, "", 0); err != nil {
		return err
	}
	return w.freelist(meta.freelist)
}

// newestMeta returns the meta page of the last commit; a crash may leave the other one invalid.
func (w *walker) newestMeta() (best metaPage, err error) {
	pageSize := uint64(os.Getpagesize())
	for i := range uint64(2) {
		b := make([]byte, pageHead+64)
		if _, err := w.file.ReadAt(b, int64(i*pageSize)); err != nil {
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
			txid: binary.NativeEndian.Uint64(b[48:]),
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

// page reads a page with its overflow pages.
func (w *walker) page(id uint64) ([]byte, error) {
	if id < 2 || id >= w.limit {
		return nil, fmt.Errorf("page %d is beyond the end of the file", id)
	}
	head := make([]byte, pageHead)
	if _, err := w.file.ReadAt(head, int64(id*w.pageSize)); err != nil {
		return nil, fmt.Errorf("page %d: %w", id, err)
	}
	more := uint64(binary.NativeEndian.Uint32(head[12:]))
	if got := binary.NativeEndian.Uint64(head); got != id {
		return nil, fmt.Errorf("page %d has the number %d", id, got)
	}
	if id+more >= w.limit {
		return nil, fmt.Errorf("page %d extends beyond the end of the file", id)
	}
	for i := id; i <= id+more; i++ {
		if w.used[i] {
			return nil, fmt.Errorf("page %d is used twice", i)
		}
		w.used[i] = true
	}
	b := make([]byte, (1+more)*w.pageSize)
	if _, err := w.file.ReadAt(b, int64(id*w.pageSize)); err != nil {
		return nil, fmt.Errorf("page %d: %w", id, err)
	}
	return b, nil
}

// tree checks a page and all pages below it; bucket is the name of their bucket.
func (w *walker) tree(id uint64, bucket string, depth int) error {
	if depth > 64 {
		return fmt.Errorf("page %d is nested too deeply", id)
	}
	b, err := w.page(id)
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
	b, err := w.page(id)
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
		if free < 2 || free >= w.limit || w.used[free] {
			return fmt.Errorf("page %d is free and in use, or beyond the end of the file", free)
		}
	}
	return nil
}
