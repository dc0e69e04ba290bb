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
	err := checkPlace("--page", page)
	for _, story := range stories {
		if err == nil && sameFolder(story, page) {
			err = misplaced("--page", page+" is one of the stories")
		}
	}
	return err
}

func misplaced(flag, why string) error {
	return usageError{fmt.Errorf("%s %s\nname a file to write", flag, why)}
}

// checkPlace refuses a place that a file cannot or must not take, since files
// are moved to their places when they are whole.
func checkPlace(flag, path string) error {
	if path == "" {
		return misplaced(flag, "is empty")
	}
	info, err := os.Lstat(path) // a link is replaced, not followed
	switch {
	case strings.HasSuffix(filepath.ToSlash(path), "/") || err == nil && info.IsDir():
		return misplaced(flag, path+" is a folder")
	case err == nil && !info.Mode().IsRegular() && info.Mode()&os.ModeSymlink == 0:
		return misplaced(flag, path+" is a pipe or device")
	}
	return nil // mostly because it is not there yet; opening it says what else
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
		return nil, fmt.Errorf("--page %s: %w", path, err)
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
