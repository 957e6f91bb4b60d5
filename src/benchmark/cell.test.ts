/** A cell of an earlier version goes on with what its time took for granted, and is mixed with nothing else. */
import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { checkRequest } from './cell.js';
import { makePlan } from './plan.js';

const root = mkdtempSync(join(tmpdir(), 'cover-cell-'));
after(() => rmSync(root, { recursive: true }));

test('a cell from before a setting existed has what held then', () => {
  const cellOf = (settings: object) => {
    const tasks = { chests: { data: 'chests' } };
    return makePlan({ initialisations: { scratch: 'scratch' }, tasks, cases: [1], seeds: [0], settings }).cells[0]!;
  };
  const now = cellOf({});
  const { standardise, ...backbone } = now.config.backbone;
  assert.equal(standardise, true);
  mkdirSync(join(root, now.folder), { recursive: true });
  const path = join(root, now.folder, 'cell.json');
  writeFileSync(path, JSON.stringify({ ...now.config, backbone }));
  assert.throws(
    () => checkRequest(root, now),
    /expected a cell with backbone\.standardise=true, found one with false\n {2}The plan has changed since/,
  );
  checkRequest(root, cellOf({ backbone: { standardise: false } }));
  writeFileSync(path, JSON.stringify(now.config));
  checkRequest(root, now);
});
