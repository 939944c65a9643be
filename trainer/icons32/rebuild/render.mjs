// Renders every kept pack: `node render.mjs OUT` runs `node render.mjs OUT PACK [SKIP...]` for each,
// again without an icon that ended the process.
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { Resvg } from '@resvg/resvg-js';
import { packs, root } from './packs.mjs';

const SIDE = 32;
const [out, pack, ...skip] = process.argv.slice(2);
fs.mkdirSync(out, { recursive: true });
if (pack) renderPack(pack, new Set(skip));
else packs.forEach(renderGuarded);

function renderGuarded(name) {
  const skipped = [];
  for (let attempt = 0; attempt < 40; attempt++) {
    const child = spawnSync(process.execPath, [process.argv[1], out, name, ...skipped], { stdio: ['ignore', 'inherit', 'inherit'] });
    if (child.status === 0) return;
    skipped.push(fs.readFileSync(path.join(out, `${name}.at`), 'utf8'));
  }
  throw new Error(`${name}: the renderer ends at too many icons`);
}

function renderPack(name, leaveOut) {
  const set = JSON.parse(fs.readFileSync(path.join(root, 'json', `${name}.json`), 'utf8'));
  const images = [], names = [];
  for (const [icon, shape] of Object.entries(set.icons)) {
    if (shape.hidden || leaveOut.has(icon)) continue;
    fs.writeFileSync(path.join(out, `${name}.at`), icon);
    const image = renderIcon(set, shape);
    if (image && image.some((v) => v < 250)) {
      images.push(image);
      names.push(icon);
    }
  }
  fs.writeFileSync(path.join(out, `${name}.rgb`), Buffer.concat(images));
  fs.writeFileSync(path.join(out, `${name}.names`), names.join('\n'));
}

function renderIcon(set, shape) {
  const pick = (key, fallback) => shape[key] ?? set[key] ?? fallback;
  const [width, height, left, top] = [pick('width', 16), pick('height', 16), pick('left', 0), pick('top', 0)];
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" ` +
    `width="${width}" height="${height}" viewBox="${left} ${top} ${width} ${height}">` +
    `${shape.body.replaceAll('currentColor', '#000000')}</svg>`;
  try {
    const fitTo = { mode: width >= height ? 'width' : 'height', value: SIDE };
    return centred(new Resvg(svg, { fitTo, background: '#ffffff', font: { loadSystemFonts: false } }).render());
  } catch {
    return null;
  }
}

function centred(rendered) {
  const { width, height, pixels } = rendered; // pixels is a getter that copies them all
  const image = Buffer.alloc(SIDE * SIDE * 3, 255);
  const dx = Math.max(0, (SIDE - width) >> 1), dy = Math.max(0, (SIDE - height) >> 1);
  for (let y = 0; y < Math.min(height, SIDE - dy); y++)
    for (let x = 0; x < Math.min(width, SIDE - dx); x++)
      pixels.copy(image, ((y + dy) * SIDE + x + dx) * 3, (y * width + x) * 4, (y * width + x) * 4 + 3);
  return image;
}
