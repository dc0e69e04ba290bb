package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"dragoman/translator/format"
)

// checkPage refuses a place for a page where it could not be written, or would
// take the place of what is not a page: a folder, a device, one of the stories.
func checkPage(page string, stories []string) error {
	refuse := func(why string) error {
		return usageError{fmt.Errorf("--page %s\nname a file for the page, as --page compare.html", why)}
	}
	if page == "" {
		return refuse("is empty")
	}
	info, err := os.Lstat(page) // a link is replaced, not followed
	switch {
	case strings.HasSuffix(filepath.ToSlash(page), "/") || err == nil && info.IsDir():
		return refuse(page + " is a folder")
	case err != nil: // mostly because it is not there yet; pageFile says what else
		return nil
	case !info.Mode().IsRegular() && info.Mode()&os.ModeSymlink == 0:
		return refuse(page + " is a pipe or device")
	}
	for _, story := range stories {
		if sameFolder(story, page) {
			return refuse(page + " is one of the stories")
		}
	}
	return nil
}

// A pageFile is the place of a page, taken before anything is spent on what
// will stand in it.
type pageFile struct {
	dir  *format.Dir
	file *format.File
}

func newPageFile(path string) (*pageFile, error) {
	dir, err := format.OpenDir(filepath.Dir(path))
	if err != nil {
		return nil, err
	}
	file, err := dir.Create(filepath.Base(path))
	if err != nil {
		return nil, errors.Join(err, dir.Close())
	}
	return &pageFile{dir, file}, nil
}

// write writes the page and puts it into its place.
func (p *pageFile) write(page format.Comparison) error {
	if err := format.WriteComparison(p.file, page); err != nil {
		return err
	}
	return errors.Join(p.file.Commit(), p.dir.Sync())
}

// close lets go of the place. A page that was not written leaves nothing behind.
func (p *pageFile) close() error { return errors.Join(p.file.Abort(), p.dir.Close()) }
