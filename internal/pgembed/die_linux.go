package pgembed

import "syscall"

// dieWithParent has the kernel ask the child for a fast shutdown when the thread that started
// it is gone, so that a server does not outlive a killed program.
func dieWithParent() *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Pdeathsig: syscall.SIGINT, Setpgid: true}
}
