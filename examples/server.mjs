// A fine-tuned network within a server: a picture is posted, and its classes come back as a gray PNG of the same size.
//
//   node examples/server.mjs RUN [PORT]
//   curl --data-binary @scan.png http://127.0.0.1:8080/segment -o labels.png
//
// It listens on this machine alone. The network is opened once; pictures are segmented one after another, and no more
// wait than the memory is meant for.
import { randomUUID } from 'node:crypto';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { InputError, loadFinetuned, openSegmenter, readCaseInput, segment, writePng } from 'cover-ts';

const MAXIMUM_BYTES = 64 * 2 ** 20;
const MAXIMUM_WAITING = 8;

const [run, port = '8080'] = process.argv.slice(2);
if (!run) {
  console.error('usage: node examples/server.mjs RUN [PORT]');
  process.exit(2);
}
const segmenter = await openSegmenter(loadFinetuned(run));

/** The body of a request, or null where it is larger than is taken. */
async function bodyOf(request) {
  const parts = [];
  let length = 0;
  for await (const part of request) {
    length += part.length;
    if (length <= MAXIMUM_BYTES) parts.push(part);
  }
  return length <= MAXIMUM_BYTES ? Buffer.concat(parts) : null;
}

/** The label image of a picture's bytes. Files are known by their content, so the name needs no ending. */
async function labelsOf(bytes) {
  const file = join(tmpdir(), `cover-${randomUUID()}`);
  const png = `${file}.png`;
  try {
    writeFileSync(file, bytes, { mode: 0o600 });
    const { labels } = await segment(segmenter, await readCaseInput(file, segmenter));
    const [height, width] = labels.shape;
    await writePng(png, { height, width, channels: 1, data: labels.data });
    return readFileSync(png);
  } finally {
    rmSync(file, { force: true });
    rmSync(png, { force: true });
  }
}

let waiting = 0;
let last = Promise.resolve();

/** Runs one job after another. */
function inTurn(job) {
  const result = last.then(job);
  last = result.catch(() => {});
  return result;
}

const server = createServer(async (request, response) => {
  const answer = (status, type, body) => response.writeHead(status, { 'content-type': type }).end(body);
  if (request.method !== 'POST' || request.url !== '/segment') return answer(404, 'text/plain', 'POST /segment\n');
  if (waiting >= MAXIMUM_WAITING) return answer(503, 'text/plain', 'too many pictures are waiting\n');
  waiting++;
  try {
    const bytes = await bodyOf(request);
    if (bytes === null) return answer(413, 'text/plain', `at most ${MAXIMUM_BYTES} bytes\n`);
    return answer(200, 'image/png', await inTurn(() => labelsOf(bytes)));
  } catch (error) {
    // What the sender can mend is said; anything else is for the log.
    if (error instanceof InputError) return answer(422, 'text/plain', `${error.message}\n`);
    console.error(error);
    return answer(500, 'text/plain', 'the picture could not be segmented\n');
  } finally {
    waiting--;
  }
});

server.listen(Number(port), '127.0.0.1', () => {
  const address = server.address();
  console.log(`classes ${segmenter.classes.join(', ')}`);
  console.log(`http://127.0.0.1:${typeof address === 'object' ? address?.port : port}/segment`);
});

for (const signal of ['SIGINT', 'SIGTERM']) {
  process.once(signal, async () => {
    server.close();
    await last;
    await segmenter.close();
  });
}
