// Packs what render.mjs made into one file: `node pack.mjs OUT FILE`. The format is in ../file.go.
import { createHash } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { packs } from './packs.mjs';
import { zstd } from './zstd.mjs';

const PIXELS = 32 * 32, CHUNK = 4096;
const style = /-(outline|outlined|duotone|regular|filled|bold|sharp|thin|rounded|fill|line|solid|tone|twotone|light|linear|round|baseline|\d+)(?=-|$)/g;
const [out, file] = process.argv.slice(2);

const icons = distinct();
const grey = icons.filter((i) => !i.coloured), colour = icons.filter((i) => i.coloured);
const chunks = [...slices(grey, greyBits), ...slices(colour, colourBits), Buffer.from([...grey, ...colour].map((i) => `${i.pack}\t${i.name}`).join('\n'))];
const parts = [words(grey.length, colour.length, chunks.length)];
for (const chunk of chunks) {
  const frame = zstd(chunk, '-19');
  parts.push(words(frame.length), frame);
}
fs.writeFileSync(file, Buffer.concat(parts));
const content = createHash('sha256');
chunks.forEach((chunk) => content.update(chunk));
console.log(`sha256 of the content: ${content.digest('hex')}`);

function distinct() {
  const seen = new Set(), icons = [];
  for (const pack of packs) {
    const pixels = fs.readFileSync(path.join(out, `${pack}.rgb`));
    const names = fs.readFileSync(path.join(out, `${pack}.names`), 'utf8').split('\n').filter(Boolean);
    names.forEach((name, i) => {
      const levels = Uint8Array.from(pixels.subarray(i * PIXELS * 3, (i + 1) * PIXELS * 3), roundTo4Bits);
      const hash = createHash('md5').update(levels).digest('hex');
      if (seen.has(hash)) return;
      seen.add(hash);
      icons.push({ pack, name, levels, coloured: levels.some((v, k) => v !== levels[k - (k % 3)]), key: name.replaceAll(style, '') });
    });
  }
  const order = (a, b) => (a < b ? -1 : a > b ? 1 : 0);
  return icons.sort((a, b) => order(a.pack, b.pack) || order(a.key, b.key) || order(a.name, b.name));
}

// roundTo4Bits gives the nearest of 16 levels; a half cannot occur, 17 being odd.
function roundTo4Bits(v) {
  return Math.round(v / 17);
}

function* slices(all, bits) {
  for (let i = 0; i < all.length; i += CHUNK) yield Buffer.concat(all.slice(i, i + CHUNK).map(bits));
}

function plane(levels, channel) {
  const packed = Buffer.alloc(PIXELS / 2);
  for (let i = 0; i < packed.length; i++) packed[i] = (levels[6 * i + channel] << 4) | levels[6 * i + 3 + channel];
  return packed;
}

function greyBits(icon) {
  return plane(icon.levels, 0);
}

function colourBits(icon) {
  return Buffer.concat([0, 1, 2].map((channel) => plane(icon.levels, channel)));
}

function words(...values) {
  const b = Buffer.alloc(4 * values.length);
  values.forEach((v, i) => b.writeUInt32LE(v, 4 * i));
  return b;
}
