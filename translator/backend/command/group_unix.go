//go:build unix

package command

import (
	"os/exec"
	"syscall"
)

// ownGroup starts cmd as the leader of a process group, so that the engine's
// own children end with it, and Ctrl-C on the terminal does not reach it.
func ownGroup(cmd *exec.Cmd) { cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} }

// killGroup ends the group. It is harmless when that has ended, since the
// process has not been waited for and its number is still its own.
func killGroup(cmd *exec.Cmd) { _ = syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) }
