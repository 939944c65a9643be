// The zstd program (Debian's package zstd) as a function from bytes to bytes.
import { spawnSync } from 'node:child_process';

export function zstd(input, ...flags) {
  const run = spawnSync('zstd', ['-q', '-c', ...flags], { input, maxBuffer: 1 << 28 });
  if (run.error) throw run.error;
  if (run.status !== 0) throw new Error(`zstd ${flags.join(' ')}: ${run.stderr}`);
  return run.stdout;
}
