package driver

// NotReady is the CUresult of a query about work that is still under way: no failure.
const NotReady = 600

// results are the classes of CUresult (cuda.h of CUDA 13); what is not here is a Bug.
var results = map[int]Class{
	2: OutOfMemory,

	34:  NoDriver, // a stub of the toolkit's instead of the driver's library
	303: NoDriver, // a library of the driver's does not start
	304: NoDriver, // the kernel module is not loaded, or its devices may not be opened
	803: NoDriver, // kernel module and library are of different versions: after an update, before a reboot

	100: NoGPU,
	101: NoGPU, // no device of that number
	102: NoGPU, // not licensed (virtual GPUs)
	802: NoGPU, // the system is not ready: a fabric manager does not run

	36:  DriverTooOld,
	222: DriverTooOld, // PTX of a newer toolkit
	804: DriverTooOld, // forward compatibility is not for this device

	46:  DeviceBusy, // exclusive mode, or prohibited
	216: DeviceBusy,
	807: DeviceBusy, // the multi-process service is not ready, or full
	808: DeviceBusy,
	809: DeviceBusy,

	200: BadKernel, // invalid image
	209: BadKernel, // no code for this architecture
	218: BadKernel, // invalid PTX
	221: BadKernel,
	223: BadKernel,
	300: BadKernel,
	302: BadKernel,
	500: BadKernel, // no kernel of that name

	214: DeviceLost, // uncorrectable ECC error
	220: DeviceLost, // uncorrectable NVLink error
	226: DeviceLost, // contained memory error
	700: DeviceLost, // illegal address
	702: DeviceLost, // launch timed out (a display's watchdog)
	709: DeviceLost,
	710: DeviceLost, // device-side assert
	714: DeviceLost,
	715: DeviceLost, // illegal instruction
	716: DeviceLost, // misaligned address
	717: DeviceLost,
	718: DeviceLost,
	719: DeviceLost, // launch failed
	721: DeviceLost,
	805: DeviceLost,
	806: DeviceLost,
	810: DeviceLost, // the multi-process service ended the client
	911: DeviceLost,
	999: DeviceLost, // unknown: also of a device that fell off the bus

	215: Unsupported,
	217: Unsupported,
	224: Unsupported,
	225: Unsupported,
	801: Unsupported,
	811: Unsupported,
	812: Unsupported,
}

// hints say the way out, after CUDA's words.
var hints = map[int]string{
	2:   "take a smaller batch, or free the device",
	34:  "the toolkit's stub was loaded: install the driver, or take the stub out of the library path",
	46:  "another process has the device, or its compute mode forbids it (nvidia-smi -q -d COMPUTE)",
	100: "nvidia-smi -L lists the devices; CUDA_VISIBLE_DEVICES may hide them, a container needs --gpus",
	304: "is the nvidia kernel module loaded, and /dev/nvidia* readable?",
	214: "a memory error of the device itself: nvidia-smi -q -d ECC",
	700: "a kernel left its memory; run again with compute-sanitizer, or on the emulator",
	802: "nvidia-fabricmanager must run on this host",
	803: "reboot, or reload the kernel module, after a driver update",
	999: "see the kernel's log for Xid lines (dmesg)",
}

// Failed is the error of a call that gave a result other than 0. Name and text are CUDA's.
func Failed(call string, result int, name, text string) *Error {
	if hint := hints[result]; hint != "" {
		text += "; " + hint
	}
	return &Error{Call: call, Code: result, Name: name, Text: text, Class: results[result]}
}
