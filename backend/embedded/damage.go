package embedded

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"hash/fnv"
	"os"
)

// maxChecked is the size up to which a file is read through when it is opened; beyond, only its ends are looked at.
const maxChecked = 256 << 20

// The layout of a bbolt file (bbolt v1.5, internal/common): pages with a header, trees of branch and leaf pages, two
// meta pages in front. It is read here without bbolt, which trusts its pages and so could follow a damaged one anywhere.
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

// damage looks for what is wrong with a file; "" is nothing found. Every page must be what and where it says, within
// the file, used once; keys in order; documents as long as they say.
func damage(path string) string {
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
	limit    uint64 // pages from here on are not in use
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
		return fmt.Errorf("it is cut short: %d bytes of %d", w.size, w.limit*w.pageSize)
	}
	if w.size > maxChecked {
		return nil
	}
	if err := w.tree(meta.root, "", 0); err != nil {
		return err
	}
	return w.freelist(meta.freelist)
}

// newestMeta gives the meta page of the last commit; a broken other one is what a crash may leave.
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
			freelist: binary.NativeEndian.Uint64(b[32:]), limit: binary.NativeEndian.Uint64(b[40:]), txid: binary.NativeEndian.Uint64(b[48:]),
		}
		if best.pageSize == 0 || m.txid > best.txid {
			best = m
		}
	}
	if best.pageSize == 0 {
		return best, fmt.Errorf("neither meta page is whole")
	}
	return best, nil
}

// page reads a page with what runs over into the next ones.
func (w *walker) page(id uint64) ([]byte, error) {
	if id < 2 || id >= w.limit {
		return nil, fmt.Errorf("page %d is outside of the file", id)
	}
	head := make([]byte, pageHead)
	if _, err := w.file.ReadAt(head, int64(id*w.pageSize)); err != nil {
		return nil, fmt.Errorf("page %d: %w", id, err)
	}
	more := uint64(binary.NativeEndian.Uint32(head[12:]))
	if got := binary.NativeEndian.Uint64(head); got != id {
		return nil, fmt.Errorf("page %d says it is page %d", id, got)
	}
	if id+more >= w.limit {
		return nil, fmt.Errorf("page %d runs over the end of the file", id)
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

// tree checks a page and all below it; bucket is the name of the bucket they make up.
func (w *walker) tree(id uint64, bucket string, depth int) error {
	if depth > 64 {
		return fmt.Errorf("page %d lies too deep", id)
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
		err = fmt.Errorf("it is of no known kind: %#x", flags)
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
			return fmt.Errorf("entry %d is outside of the page", i)
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
			return fmt.Errorf("entry %d is outside of the page", i)
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

// entry checks a leaf's value: a bucket inside, or a document of the bucket of documents.
func (w *walker) entry(e, key, value []byte, bucket string, depth int) error {
	switch flags := binary.NativeEndian.Uint32(e); {
	case flags > 1:
		return fmt.Errorf("an entry is of no known kind: %#x", flags)
	case flags == 0 && bucket == string(bucketDocs):
		if n := len(value); n < 5 || binary.LittleEndian.Uint32(value) != uint32(n) || value[n-1] != 0 {
			return fmt.Errorf("a document is not as long as it says")
		}
		return nil
	case flags == 0:
		return nil
	}
	if len(value) < bucketHead {
		return fmt.Errorf("a bucket is cut short")
	}
	if root := binary.NativeEndian.Uint64(value); root != 0 {
		return w.tree(root, string(key), depth+1)
	}
	inline := value[bucketHead:]
	if len(inline) < pageHead || binary.NativeEndian.Uint16(inline[8:]) != isLeaf {
		return fmt.Errorf("a small bucket is no leaf")
	}
	return w.leaf(inline, string(key), depth+1)
}

// within gives the bytes an entry points to, counted from the entry.
func within(e []byte, pos, size uint32) ([]byte, error) {
	end := uint64(pos) + uint64(size)
	if uint64(pos) > uint64(len(e)) || end > uint64(len(e)) {
		return nil, fmt.Errorf("an entry points outside of the page")
	}
	return e[pos:end], nil
}

// freelist checks that what is free to be written over is not in use.
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
		return fmt.Errorf("the list of free pages is cut short")
	}
	for i := range count {
		free := binary.NativeEndian.Uint64(b[at+8*i:])
		if free < 2 || free >= w.limit || w.used[free] {
			return fmt.Errorf("page %d is both free and in use, or outside of the file", free)
		}
	}
	return nil
}
