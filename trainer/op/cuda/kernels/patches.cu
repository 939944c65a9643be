// Patches of images as the rows of a matrix. A warp has a patch.

// Cut is a patch embedding's shape.
struct Cut {
  int channels, side, patch, stride, padding, along; // along: patches along one side
};

template <int V> __device__ inline void cut_patch(real *to, const real *image, int position, const Cut &s, int lane) {
  int top = position / s.along * s.stride - s.padding, left = position % s.along * s.stride - s.padding;
  for (int k = lane * V; k < s.channels * s.patch * s.patch; k += WARP * V) {
    int y = top + k / s.patch % s.patch, x = left + k % s.patch, channel = k / (s.patch * s.patch);
    float v[V];
#pragma unroll
    for (int j = 0; j < V; j++) v[j] = 0;
    if (y >= 0 && y < s.side && x >= 0 && x < s.side) load(v, image + (channel * s.side + y) * s.side + x);
    store(to + k, v);
  }
}

// cut: patches [rows, channels*patch*patch] of images [samples, channels, side, side]; zero outside.
// vectors: patch, stride and side are multiples of VECTOR, and nothing is padded.
extern "C" __global__ void __launch_bounds__(ROWS * WARP)
cut(real *patches, const real *images, int rows, int channels, int side, int patch, int stride, int padding, int along, int vectors) {
  EACH_ROW(row, rows);
  Cut s = {channels, side, patch, stride, padding, along};
  int positions = along * along;
  real *to = patches + (wide)row * channels * patch * patch;
  const real *image = images + (wide)(row / positions) * channels * side * side;
  if (vectors) {
    cut_patch<VECTOR>(to, image, row % positions, s, lane);
  } else {
    cut_patch<1>(to, image, row % positions, s, lane);
  }
}
