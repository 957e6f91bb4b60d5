import assert from 'node:assert/strict';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { type IncomingHttpHeaders, request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { writePhantoms } from '../../phantom/index.js';
import { writeEmptyPage } from './fixtures.js';
import { type RunningStudio, startStudio } from './index.js';

const root = mkdtempSync(join(tmpdir(), 'cover-studio-'));
const [runs, data] = ['runs', 'data'].map((name) => join(root, name)) as [string, string];
const page = writeEmptyPage(root);
let studio: RunningStudio;

before(async () => {
  writeFileSync(join(root, 'secret.txt'), 'secret');
  await writePhantoms(data, 3, { size: [32, 32] });
  symlinkSync(root, join(data, 'out'));
  symlinkSync(join(root, 'secret.txt'), join(data, 'secret.png'));
  studio = await startStudio({ runs, data, page });
});
after(async () => {
  await studio.close();
  rmSync(root, { recursive: true });
});

interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
}

function ask(
  path: string,
  headers: Record<string, string> = {},
  { method = 'GET', body, port = studio.port }: { method?: string; body?: string | Uint8Array; port?: number } = {},
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const sent = request({ host: '127.0.0.1', port, path, method, headers }, (answer) => {
      const parts: Buffer[] = [];
      answer.on('data', (part: Buffer) => parts.push(part));
      answer.on('end', () =>
        resolve({ status: answer.statusCode!, headers: answer.headers, text: Buffer.concat(parts).toString() }),
      );
    });
    sent.on('error', reject);
    sent.end(body);
  });
}

const own = () => ({ origin: `http://127.0.0.1:${studio.port}`, 'content-type': 'application/json' });
const post = (path: string, content: unknown, headers: Record<string, string> = {}) =>
  ask(path, { ...own(), ...headers }, { method: 'POST', body: JSON.stringify(content) });

test('another host name is refused: a name that is made to point here reaches nothing', async () => {
  for (const host of ['evil.example', `evil.example:${studio.port}`, '127.0.0.1.evil.example']) {
    const { status } = await ask('/api/runs', { host });
    assert.ok(status === 403 || status === 400, `${host}: ${status}`);
  }
  assert.equal((await ask('/api/runs', { host: `localhost:${studio.port}` })).status, 200);
});

test('another origin is refused, whether it reads or writes', async () => {
  const foreign = { origin: 'http://evil.example' };
  assert.equal((await ask('/api/runs', foreign)).status, 403);
  assert.equal((await ask('/api/runs', { origin: 'null' })).status, 403);
  assert.equal((await ask('/api/runs', { origin: `http://127.0.0.1:${studio.port + 1}` })).status, 403);
  assert.equal((await ask('/api/runs', { 'sec-fetch-site': 'cross-site' })).status, 403);
  assert.equal((await ask('/api/runs', { 'sec-fetch-site': 'same-site' })).status, 403);
  assert.equal((await post('/api/jobs/stop', { run: 'a' }, foreign)).status, 403);
  const noOrigin = await ask('/api/jobs/stop', { 'content-type': 'application/json' }, { method: 'POST', body: '{}' });
  assert.equal(noOrigin.status, 403);
});

test('what a form of another site can send is refused by its type', async () => {
  for (const type of ['text/plain', 'application/x-www-form-urlencoded', 'multipart/form-data; boundary=x']) {
    const { status } = await ask('/api/jobs/stop', { ...own(), 'content-type': type }, { method: 'POST', body: '{}' });
    assert.equal(status, 415, type);
  }
});

test('paths stay within the folders: dots, encoded forms, absolute paths, links', async () => {
  const names = [
    '../secret.txt',
    '%2e%2e/secret.txt',
    '..%2fsecret.txt',
    '%2e%2e%2fsecret.txt',
    'images/../../secret.txt',
    '..\\secret.txt',
    '/etc/passwd',
    'C:/secret.txt',
    'images//../../secret.txt',
    'images/%00',
    '%252e%252e/secret.txt',
    'out/secret.txt',
    'secret.png',
  ];
  for (const name of names) {
    for (const path of [`/api/data/image?path=${name}`, `/api/data/folder?path=${name}`]) {
      const { status, text } = await ask(path);
      assert.ok([400, 403, 404].includes(status), `${path}: ${status}`);
      assert.ok(!text.includes('secret\n') && text !== 'secret', path);
    }
    const { status } = await ask(`/api/runs/curves?run=${name}`);
    assert.ok([400, 403, 404].includes(status), `${name}: ${status}`);
  }
  for (const path of ['/../package.json', '/%2e%2e/secret.txt', '/assets/..%2f..%2fsecret.txt', '//secret.txt']) {
    assert.equal((await ask(path)).status, 404, path);
  }
  assert.equal((await ask('/api/data/image?path=images/chest-0000.png')).status, 200);
});

test('the header of a volume does not lead to a file outside of the folder', async () => {
  writeFileSync(join(data, 'voxels.raw'), 'inside');
  writeFileSync(join(root, 'other.raw'), 'hidden');
  symlinkSync(join(root, 'other.raw'), join(data, 'link.raw'));
  for (const [file, expected] of [
    ['voxels.raw', 200],
    ['../other.raw', 400],
    [join(root, 'other.raw'), 400],
    ['link.raw', 403],
  ] as const) {
    const header = ['ObjectType = Image', 'NDims = 3', 'DimSize = 6 1 1', 'ElementType = MET_UCHAR'];
    writeFileSync(join(data, 'scan.mhd'), `${[...header, `ElementDataFile = ${file}`].join('\n')}\n`);
    const { status, text } = await ask('/api/data/image?path=scan.mhd');
    assert.equal(status, expected, `${file}: ${text}`);
    assert.equal(text.includes('hidden'), false, file);
  }
});

test('every answer has the policy: nothing from elsewhere, no framing, no sniffing', async () => {
  for (const path of ['/', '/api/runs', '/api/nothing', '/api/data/image?path=../x']) {
    const { headers } = await ask(path);
    const policy = String(headers['content-security-policy']);
    for (const rule of ["default-src 'none'", "connect-src 'self'", "script-src 'self'", "frame-ancestors 'none'"]) {
      assert.ok(policy.includes(rule), `${path}: ${rule}`);
    }
    // WebAssembly of the page's own files may be compiled; text never becomes code.
    assert.ok(!policy.replace("'wasm-unsafe-eval'", '').includes('unsafe'), path);
    assert.equal(headers['x-content-type-options'], 'nosniff');
    assert.equal(headers['x-frame-options'], 'DENY');
    assert.equal(headers['access-control-allow-origin'], undefined);
  }
});

test('what a browser has of the page is not sent again, and the answer keeps its policy', async () => {
  for (const path of ['/', '/index.html']) {
    const { headers, text } = await ask(path);
    assert.ok(text.length > 0 && headers.etag, path);
    const again = await ask(path, { 'if-none-match': String(headers.etag) });
    assert.deepEqual([again.status, again.text], [304, ''], path);
    assert.equal(again.headers['content-security-policy'], headers['content-security-policy']);
    assert.equal((await ask(path, { 'if-none-match': '"other"' })).status, 200, path);
  }
});

test('a picture of a run that holds HTML is not sent', async () => {
  const samples = join(runs, 'strange', 'samples');
  mkdirSync(samples, { recursive: true });
  writeFileSync(join(runs, 'strange', 'metrics.jsonl'), '');
  writeFileSync(join(samples, 'page.png'), '<script>alert(1)</script>');
  assert.equal((await ask('/api/runs/picture?run=strange&name=page.png')).status, 415);
  assert.equal((await ask('/api/runs/picture?run=strange&name=../../secret.png')).status, 400);
});

test('sizes have limits, whatever length is announced', async () => {
  const long = 'x'.repeat(2 ** 20 + 1);
  assert.equal((await post('/api/jobs/stop', { run: long })).status, 413);
  const chunked = await ask(
    '/api/jobs/stop',
    { ...own(), 'transfer-encoding': 'chunked' },
    { method: 'POST', body: long },
  );
  assert.equal(chunked.status, 413);
});

test('settings cannot name files, and names cannot lead elsewhere', async () => {
  const wish = { folder: 'images', name: 'a', preset: 'default', steps: 1 };
  for (const setting of [
    'data.source=/etc',
    'data.cache=/tmp/x',
    'data={source: /etc}',
    'model.from=/etc',
    '--out=/x',
  ]) {
    assert.equal((await post('/api/jobs/pretrain', { ...wish, settings: [setting] })).status, 400, setting);
  }
  for (const name of ['../a', 'a/b', '.hidden', '-o', '', 'labels', 'a\\b', 'a\0b']) {
    assert.equal((await post('/api/jobs/pretrain', { ...wish, name })).status, 400, name);
  }
  assert.deepEqual(existsSync(join(runs, 'a')), false);
});

test('a label never overwrites an image or a label of the data', async () => {
  const project = { name: 'hearts', folder: '.', classes: ['background', 'heart'], from: 'scratch' };
  assert.equal((await post('/api/projects', project)).status, 200);
  const paths = ['images', 'labels'].map((part) => join(data, part, 'chest-0000.png'));
  const bytes = paths.map((path) => readFileSync(path));
  const draw = (id: string, body: Uint8Array) =>
    ask(
      `/api/projects/drawn?project=hearts&id=${id}`,
      { ...own(), 'content-type': 'application/octet-stream' },
      { method: 'POST', body },
    );
  assert.equal((await draw('chest-0000', new Uint8Array(1024).fill(1))).status, 200);
  assert.deepEqual(
    paths.map((path) => readFileSync(path)),
    bytes,
  );
  assert.ok(existsSync(join(runs, 'labels', 'hearts', 'drawn', 'chest-0000.png')));
  for (const id of ['../../../../data/images/chest-0000', '..%2f..%2fx', 'unknown', 'images/chest-0000']) {
    assert.ok([400, 404].includes((await draw(id, new Uint8Array(1024))).status), id);
  }
  assert.equal((await draw('chest-0001', new Uint8Array(7))).status, 422);
  assert.equal((await draw('chest-0001', new Uint8Array(1024).fill(9))).status, 422);
});

test('another host needs a token, in the address once and then in a cookie', async () => {
  const other = await startStudio({ runs, data, page, host: '0.0.0.0' });
  try {
    const token = new URL(other.address).searchParams.get('token')!;
    assert.ok(token.length >= 32);
    const { port } = other;
    assert.equal((await ask('/api/runs', {}, { port })).status, 401);
    assert.equal((await ask('/', {}, { port })).status, 401);
    assert.equal((await ask('/?token=wrong', {}, { port })).status, 401);
    assert.equal((await ask('/api/runs', { host: 'evil.example' }, { port })).status, 403);
    const entered = await ask(`/?token=${token}`, {}, { port });
    assert.equal(entered.status, 302);
    const cookie = String(entered.headers['set-cookie']);
    assert.ok(/HttpOnly/i.test(cookie) && /SameSite=Strict/i.test(cookie), cookie);
    assert.equal((await ask('/api/runs', { cookie: cookie.split(';')[0]! }, { port })).status, 200);
    assert.equal((await ask('/api/runs', { authorization: `Bearer ${token}` }, { port })).status, 200);
    assert.equal((await ask('/api/runs', { authorization: 'Bearer x' }, { port })).status, 401);
  } finally {
    await other.close();
  }
  await assert.rejects(startStudio({ runs, page, token: 'short' }), /at least 16/);
});
