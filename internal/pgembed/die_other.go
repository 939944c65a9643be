//go:build !linux

package pgembed

import "syscall"

// dieWithParent can do nothing here; the next start stops a server that was left behind.
func dieWithParent() *syscall.SysProcAttr { return &syscall.SysProcAttr{Setpgid: true} }
