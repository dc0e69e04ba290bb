package format

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"sync"
	"syscall"

	"dragoman/translator"
)

// maxStaged is how many committed files may wait for their place. They are
// synced side by side, which a disk does in little more time than one.
const maxStaged = 16

// A Dir is the output folder. A file is written beside its place under a
// temporary name and moved there when it is whole, so that whoever looks finds
// the old file, the new one, or none. No name, however hostile, leads out of
// the folder. One process writes in it at a time. Its methods and those of its
// Files are not safe for concurrent use.
type Dir struct {
	path   string
	root   *os.Root
	self   *os.File // the folder, open for its lock
	made   int      // files so far, for their temporary names
	staged []*File
	parent map[string]bool // folders made, or with files moved into them, since the last Sync
}

// OpenDir opens the output folder, making it if it is not there, and removes
// what killed runs left half written.
func OpenDir(path string) (*Dir, error) {
	if err := os.MkdirAll(path, 0o755); err != nil {
		return nil, dirError(path, err)
	}
	root, err := os.OpenRoot(path)
	if err != nil {
		return nil, dirError(path, err)
	}
	self, err := root.Open(".")
	if err != nil {
		return nil, errors.Join(dirError(path, err), root.Close())
	}
	d := &Dir{path: path, root: root, self: self, parent: map[string]bool{}}
	if !lock(self) {
		busy := translator.NewError("output "+path, translator.Invalid, errors.New("another run is writing there"))
		busy.Hint = "wait for it, or choose another folder with --out"
		return nil, errors.Join(busy, d.Close())
	}
	if err := d.sweep("."); err != nil {
		return nil, errors.Join(err, d.Close())
	}
	return d, nil
}

// temporary matches the names that Create gives.
var temporary = regexp.MustCompile(`^\..+\.[0-9]+-[0-9]+\.dragoman\.tmp$`)

// sweep removes the temporary files of a folder and of the folders in it, one level down.
func (d *Dir) sweep(folder string) error {
	entries, err := fs.ReadDir(d.root.FS(), folder)
	if err != nil {
		return dirError(d.path, err)
	}
	for _, e := range entries {
		name := path.Join(folder, e.Name())
		switch {
		case e.IsDir() && folder == ".":
			err = d.sweep(name)
		case e.Type().IsRegular() && temporary.MatchString(e.Name()):
			err = d.root.Remove(name)
		}
		if err != nil {
			return dirError(path.Join(d.path, name), err)
		}
	}
	return nil
}

// Create opens a new file at name, a slash-separated path in the folder. It
// takes its place at Commit, and leaves nothing behind at Abort.
func (d *Dir) Create(name string) (*File, error) {
	if !filepath.IsLocal(filepath.FromSlash(name)) || path.Base(name) == "." {
		return nil, translator.NewError("output "+d.path, translator.Invalid, fmt.Errorf("%q is no name of a file in the folder", name))
	}
	folder, base := path.Split(path.Clean(name))
	if folder = path.Clean(folder); folder != "." && !d.parent[folder] {
		if err := d.root.MkdirAll(folder, 0o755); err != nil {
			return nil, dirError(path.Join(d.path, folder), err)
		}
		d.parent[folder], d.parent["."] = true, true
	}
	d.made++
	temp := path.Join(folder, fmt.Sprintf(".%s.%d-%d.dragoman.tmp", base, os.Getpid(), d.made))
	f, err := d.root.OpenFile(temp, os.O_RDWR|os.O_CREATE|os.O_TRUNC, 0o644)
	if err != nil {
		return nil, dirError(path.Join(d.path, name), err)
	}
	return &File{dir: d, name: path.Join(folder, base), temp: temp, f: f}, nil
}

// Remove removes a file at name, a slash-separated path in the folder. What is
// not there, or no regular file, is left alone.
func (d *Dir) Remove(name string) error {
	info, err := d.root.Lstat(name)
	if err == nil && info.Mode().IsRegular() {
		err = d.root.Remove(name)
		d.parent[path.Dir(name)] = true
	}
	if err = ignoreMissing(err); err != nil {
		return dirError(path.Join(d.path, name), err)
	}
	return nil
}

// Sync gives every committed file its place, and makes that last.
func (d *Dir) Sync() error {
	if err := d.publish(); err != nil {
		return err
	}
	for folder := range d.parent {
		if err := d.syncFolder(folder); err != nil {
			return dirError(path.Join(d.path, folder), err)
		}
	}
	clear(d.parent)
	return nil
}

// Close syncs and lets go of the folder.
func (d *Dir) Close() error {
	return errors.Join(d.Sync(), d.self.Close(), d.root.Close())
}

// publish moves the committed files to their places, in the order in which they
// were committed, once the bytes of all are on the disk. After a failure no
// more are moved: what comes last, the report, never tells of files that are not there.
func (d *Dir) publish() error {
	staged := d.staged
	d.staged = nil
	failed := make([]error, len(staged))
	var wait sync.WaitGroup
	for i, f := range staged {
		wait.Go(func() { failed[i] = errors.Join(f.f.Sync(), f.f.Close()) })
	}
	wait.Wait()
	whole := errors.Join(failed...) == nil
	for i, f := range staged {
		if whole {
			failed[i] = d.root.Rename(f.temp, f.name)
			d.parent[path.Dir(f.name)] = true
		}
		if failed[i] != nil {
			whole, failed[i] = false, dirError(path.Join(d.path, f.name), failed[i])
		}
		if !whole {
			failed[i] = errors.Join(failed[i], ignoreMissing(d.root.Remove(f.temp)))
		}
	}
	return errors.Join(failed...)
}

// syncFolder makes renames in a folder last. Some systems cannot sync a folder
// and say Invalid or Unsupported; they have nothing better.
func (d *Dir) syncFolder(folder string) error {
	f, err := d.root.Open(folder)
	if err != nil {
		return err
	}
	err = f.Sync()
	if errors.Is(err, fs.ErrInvalid) || errors.Is(err, errors.ErrUnsupported) {
		err = nil
	}
	return errors.Join(err, f.Close())
}

// A File is a file on its way into a Dir. Writes go straight to the disk: give it large pieces.
type File struct {
	dir  *Dir
	name string
	temp string
	f    *os.File
	done bool
}

// Write appends to the file.
func (f *File) Write(p []byte) (int, error) {
	n, err := f.f.Write(p)
	if err != nil {
		err = dirError(path.Join(f.dir.path, f.name), err)
	}
	return n, err
}

// Commit says that the file is whole. It is in its place after the Dir's next
// Sync or Close, or earlier, as others follow it.
func (f *File) Commit() error {
	if f.done {
		return nil
	}
	f.done = true
	f.dir.staged = append(f.dir.staged, f)
	if len(f.dir.staged) < maxStaged {
		return nil
	}
	return f.dir.publish()
}

// Abort drops the file. After Commit it does nothing.
func (f *File) Abort() error {
	if f.done {
		return nil
	}
	f.done = true
	return errors.Join(f.f.Close(), ignoreMissing(f.dir.root.Remove(f.temp)))
}

func ignoreMissing(err error) error {
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return err
}

// dirError says which file of the output failed, and what to do.
func dirError(path string, cause error) error {
	err := translator.NewError("output "+path, translator.Other, cause)
	err.Hint = "see whether the folder can be written and the disk has room, or choose another with --out"
	mistakes := []error{fs.ErrPermission, fs.ErrExist, fs.ErrInvalid, syscall.ENOTDIR, syscall.EISDIR, syscall.EROFS, syscall.ENAMETOOLONG}
	if slices.ContainsFunc(mistakes, func(is error) bool { return errors.Is(cause, is) }) {
		err.Kind = translator.Invalid
	}
	return err
}
