// Command build compiles the emulated CUDA libraries and prints the folder they lie in: a value
// for SCALELAW_CUDA_LIBRARIES.
package main

import (
	"fmt"
	"os"

	"github.com/scalelaw/scalelaw/trainer/cuda/emulator"
)

func main() {
	folder, err := emulator.Folder()
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	fmt.Println(folder)
}
