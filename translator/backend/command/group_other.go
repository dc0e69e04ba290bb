//go:build !unix

package command

import "os/exec"

// ownGroup does nothing: this system has no process groups.
func ownGroup(*exec.Cmd) {}

// killGroup ends the process, and leaves its children to it.
func killGroup(cmd *exec.Cmd) { _ = cmd.Process.Kill() }
