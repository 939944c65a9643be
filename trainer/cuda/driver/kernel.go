package driver

import "math"

// Module is a loaded cubin. It is the driver's CUmodule.
type Module uintptr

// Function is a kernel of a module. It is the driver's CUfunction.
type Function uintptr

// FunctionInfo is what the compiler made of a kernel.
type FunctionInfo struct {
	Registers    int `json:"registers"`     // a thread
	StaticShared int `json:"static_shared"` // bytes a block
	Local        int `json:"local"`         // bytes a thread: spilled registers, and arrays that are indexed
	MaxThreads   int `json:"max_threads"`   // a block
	Binary       int `json:"binary"`        // the architecture it was compiled for: 10*major + minor
}

// Kernels loads and launches kernels.
type Kernels interface {
	// LoadModule loads a cubin for the device's architecture.
	LoadModule(image []byte) (Module, error)
	UnloadModule(Module) error
	// Function finds a kernel by its name and loads it, so that it may be launched in a capture.
	Function(m Module, name string) (Function, error)
	FunctionInfo(Function) (FunctionInfo, error)
	// SetDynamicShared allows launches with up to so many bytes of dynamic shared memory
	// (more than 48 KiB needs it).
	SetDynamicShared(f Function, bytes int) error
	// Launch puts a kernel into a stream. The arguments are copied before it returns.
	Launch(Launch) error
}

// Launch is one kernel's launch.
type Launch struct {
	Function    Function
	Grid, Block Dim
	Shared      int // bytes of dynamic shared memory a block
	Stream      Stream
	Args        []Arg // as the kernel declares them, in order and size
}

// Dim is a size in up to three dimensions; 0 stands for 1.
type Dim struct{ X, Y, Z int }

// Arg is a kernel's argument: its bits, and how many bytes of them the kernel takes.
type Arg struct {
	Bits uint64
	Size int // 4 or 8
}

// Ptr is an argument of a pointer type.
func Ptr(p Pointer) Arg { return Arg{uint64(p), 8} }

// Int is an argument of type int.
func Int(v int) Arg { return Arg{uint64(uint32(int32(v))), 4} }

// Int64 is an argument of type long long.
func Int64(v int64) Arg { return Arg{uint64(v), 8} }

// Float is an argument of type float.
func Float(v float32) Arg { return Arg{uint64(math.Float32bits(v)), 4} }

// Double is an argument of type double.
func Double(v float64) Arg { return Arg{math.Float64bits(v), 8} }

// Graph is captured work, ready to be launched. It is the driver's CUgraphExec.
type Graph uintptr

// Graphs captures work and replays it.
type Graphs interface {
	// BeginCapture lets the stream record work instead of running it; so do streams that wait
	// for an event of it. Nothing may allocate, free or synchronize until EndCapture.
	BeginCapture(Stream) error
	// EndCapture ends the capture, which must hold some work, and makes it ready. After a failed
	// call within the capture it fails, too, and the stream is usable again.
	EndCapture(Stream) (Graph, error)
	LaunchGraph(Graph, Stream) error
	FreeGraph(Graph) error
}
