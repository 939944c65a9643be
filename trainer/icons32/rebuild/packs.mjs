// Which packs of @iconify/json are kept.
import { createRequire } from 'node:module';
import fs from 'node:fs';
import path from 'node:path';

const require = createRequire(import.meta.url);
export const root = path.dirname(require.resolve('@iconify/json/collections.json'));

const licences = new Set(['MIT', 'Apache-2.0', 'CC0-1.0', 'ISC', 'BSD-3-Clause', 'Unlicense']);
const brands = new Set(['Logos', 'Programming']);

export const collections = JSON.parse(fs.readFileSync(path.join(root, 'collections.json'), 'utf8'));

export const packs = Object.keys(collections).filter(
  (p) => licences.has(collections[p].license.spdx) && !brands.has(collections[p].category));
