//go:build !linux

package artifact

import "errors"

func mountSmall(string) error { return errors.New("not Linux") }
func unmount(string)          {}
