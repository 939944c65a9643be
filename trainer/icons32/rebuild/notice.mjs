// Writes the NOTICE of the packs that are in the file: `node notice.mjs ICONS32.BIN NOTICE`.
import fs from 'node:fs';
import { collections } from './packs.mjs';
import { zstd } from './zstd.mjs';

const [file, notice] = process.argv.slice(2);
const names = lastChunk(fs.readFileSync(file));
const used = [...new Set(names.split('\n').map((line) => line.split('\t')[0]))].sort();

const rows = used.map((pack) => {
  const { name, author, license } = collections[pack];
  return [pack, name, author.name, license.spdx, license.url ?? author.url ?? `https://icon-sets.iconify.design/${pack}/`].join('\t');
});
fs.writeFileSync(notice, `icons32.bin holds icons of the packs below, rendered at 32x32 pixels and 4 bits from the npm package
@iconify/json 2.2.535. Each pack belongs to its authors and is used under its own licence.

pack\tname\tauthor\tlicence\taddress
${rows.join('\n')}\n`);

function lastChunk(b) {
  let at = 12, frame;
  for (let i = b.readUInt32LE(8); i > 0; i--) {
    frame = b.subarray(at + 4, at + 4 + b.readUInt32LE(at));
    at += 4 + frame.length;
  }
  return zstd(frame, '-d').toString('utf8');
}
