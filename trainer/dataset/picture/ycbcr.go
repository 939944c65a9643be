package picture

import "image"

// fromYCbCr converts as the C libraries behind PIL do: chroma planes of half the size are
// interpolated, where Go's own conversion repeats their samples. limited: luma from 16 to 235
// (webp); else JFIF's full range.
func (m *Image) fromYCbCr(src *image.YCbCr, limited bool) {
	up := newUpsampler(src)
	chroma, toRGB := up.row, fullRange
	if limited {
		chroma, toRGB = up.webpRow, limitedRange
	}
	cb, cr := make([]uint8, m.Width), make([]uint8, m.Width)
	for y := range m.Height {
		chroma(cb, src.Cb, y)
		chroma(cr, src.Cr, y)
		luma := src.Y[src.YOffset(src.Rect.Min.X, src.Rect.Min.Y+y):]
		toRGB(m.Pix[3*m.Width*y:][:3*m.Width], luma[:m.Width], cb, cr)
	}
}

// fullRange is JFIF's conversion of a row (ITU-T T.871, section 7) in 16-bit fixed point.
func fullRange(dst, luma, cbs, crs []uint8) {
	const half = 1 << 15
	for x, v := range luma {
		y, cb, cr := int32(v)<<16+half, int32(cbs[x])-128, int32(crs[x])-128
		p := dst[3*x : 3*x+3 : 3*x+3]
		p[0] = clamp((y + 91881*cr) >> 16)
		p[1] = clamp((y - 22554*cb - 46802*cr) >> 16)
		p[2] = clamp((y + 116130*cb) >> 16)
	}
}

// limitedRange is ITU-R BT.601's conversion of a row in 14-bit fixed point, as the WebP format
// has it (RFC 9649, section 2.5).
func limitedRange(dst, luma, cbs, crs []uint8) {
	for x, v := range luma {
		y, cb, cr := 19077*int32(v)>>8, int32(cbs[x]), int32(crs[x])
		p := dst[3*x : 3*x+3 : 3*x+3]
		p[0] = clamp((y + 26149*cr>>8 - 14234) >> 6)
		p[1] = clamp((y - 6419*cb>>8 - 13320*cr>>8 + 8708) >> 6)
		p[2] = clamp((y + 33050*cb>>8 - 17685) >> 6)
	}
}

func clamp(v int32) uint8 { return uint8(min(max(v, 0), 255)) }

// upsampler brings the rows of a chroma plane to the width of the luma.
type upsampler struct {
	ratio         image.YCbCrSubsampleRatio
	stride        int
	width, height int // of the chroma planes
	sum           []int32
}

func newUpsampler(src *image.YCbCr) upsampler {
	u := upsampler{ratio: src.SubsampleRatio, stride: src.CStride, width: src.Rect.Dx(), height: src.Rect.Dy()}
	switch u.ratio {
	case image.YCbCrSubsampleRatio420, image.YCbCrSubsampleRatio422:
		u.width = (u.width + 1) / 2
	}
	switch u.ratio {
	case image.YCbCrSubsampleRatio420, image.YCbCrSubsampleRatio440:
		u.height = (u.height + 1) / 2
	}
	u.sum = make([]int32, u.width)
	return u
}

// row writes row y of the luma's grid to dst. Halved planes are weighted 3 : 1 between the
// nearest two samples along each halved axis, with libjpeg's roundings; quarters are repeated.
func (u *upsampler) row(dst, plane []uint8, y int) {
	switch u.ratio {
	case image.YCbCrSubsampleRatio444:
		copy(dst, plane[y*u.stride:][:u.width])
	case image.YCbCrSubsampleRatio440:
		u.columns(plane, y)
		for x, s := range u.sum {
			dst[x] = uint8((s + 1 + int32(y&1)) >> 2)
		}
	case image.YCbCrSubsampleRatio422:
		for x, v := range plane[y*u.stride:][:u.width] {
			u.sum[x] = int32(v)
		}
		u.spread(dst, 2, 1, 2)
	case image.YCbCrSubsampleRatio420:
		u.columns(plane, y)
		u.spread(dst, 4, 8, 7)
	default:
		u.repeat(dst, plane, y)
	}
}

// nearest gives the two rows of a plane nearest to row y of the luma's grid, the nearer first.
func (u *upsampler) nearest(plane []uint8, y int) (a, b []uint8) {
	near := min(y/2, u.height-1)
	far := min(max(near-1+2*(y&1), 0), u.height-1)
	return plane[near*u.stride:][:u.width], plane[far*u.stride:][:u.width]
}

// columns sums the two rows nearest to row y of the luma's grid, 3 : 1.
func (u *upsampler) columns(plane []uint8, y int) {
	a, b := u.nearest(plane, y)
	for x := range u.sum {
		u.sum[x] = 3*int32(a[x]) + int32(b[x])
	}
}

// spread doubles the sums' width, 3 : 1 between neighbours, and divides by 2^shift; left and
// right are what is added for rounding. Planes of one or two columns are repeated.
func (u *upsampler) spread(dst []uint8, shift int, left, right int32) {
	last := u.width - 1
	for x, s := range u.sum {
		before, after := s, s
		if last > 1 {
			before, after = u.sum[max(x-1, 0)], u.sum[min(x+1, last)]
		}
		if 2*x < len(dst) {
			dst[2*x] = uint8((3*s + before + left) >> shift)
		}
		if 2*x+1 < len(dst) {
			dst[2*x+1] = uint8((3*s + after + right) >> shift)
		}
	}
}

// webpRow is row for the 4:2:0 planes of webp: 9 : 3 : 3 : 1 between the nearest four samples,
// with the roundings of libwebp's two steps.
func (u *upsampler) webpRow(dst, plane []uint8, y int) {
	a, b := u.nearest(plane, y)
	for x := range min(len(dst), 2*u.width) {
		near := x / 2
		beside := min(max(near-1+2*(x&1), 0), u.width-1)
		corner, side, over, far := int(a[near]), int(a[beside]), int(b[near]), int(b[beside])
		dst[x] = uint8(((corner+3*side+3*over+far+8)>>3 + corner) >> 1)
	}
}

func (u *upsampler) repeat(dst, plane []uint8, y int) {
	columns, rows := 4, 1
	if u.ratio == image.YCbCrSubsampleRatio410 {
		rows = 2
	}
	for x := range dst {
		dst[x] = plane[(y/rows)*u.stride+min(x/columns, u.stride-1)]
	}
}
