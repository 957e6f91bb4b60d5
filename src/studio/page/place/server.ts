/** This computer as a place of work: the studio's server, where a training goes on when the page is closed. */
import type { PictureFacts } from '../../answers/picture';
import type { decodeFrame } from '../../shared/frame';
import type { Project, RunNews, RunSummary, StudioFacts } from '../../shared/protocol';
import { address, ask, get, getFrame, post, sendBytes } from '../api';
import type { Place, PlaceFacts } from './place';

export const serverPlace: Place = {
  name: 'computer',
  title: 'this computer',

  async facts(): Promise<PlaceFacts> {
    const { runs, data, ...rest } = await get<StudioFacts>('studio');
    return { ...rest, runs: `${runs}/`, images: data !== null, outlivesPage: true, ownsFiles: false };
  },

  runs: () => get('runs'),
  curves: (run) => get('runs/curves', { run }),
  settings: (run) => get('runs/settings', { run }),
  log: async (run) => (await get<{ log: string }>('runs/log', { run })).log,
  pictures: (run) => get('runs/pictures', { run }),
  picture: async (run, name) => bytesOf('runs/picture', { run, name }),
  stop: (run) => done('jobs/stop', { run }),
  resume: (run) => done('jobs/resume', { run }),
  extend: (run, steps) => done('jobs/extend', { run, steps }),
  pretrain: async (wish) => (await post<{ run: string }>('jobs/pretrain', wish)).run,
  doctor: (folder) => post('jobs/doctor', { folder }),
  forecast: (wish) => post('jobs/forecast', wish),

  folder: (path) => get('data/folder', { path }),
  async image(path) {
    const { facts, arrays } = await getFrame<PictureFacts>('data/image', { path });
    return { ...facts, values: arrays.values! };
  },
  async filesOf(path) {
    const { arrays } = await getFrame('data/files', { path });
    return Object.entries(arrays).map(([name, bytes]) => ({ name, content: new Blob([Uint8Array.from(bytes)]) }));
  },

  projects: () => get('projects'),
  project: (project) => get('projects/one', { project }),
  newProject: (wish) => post('projects', wish),
  changeProject: (project, change) => post('projects/change', { project, ...change }),
  hold: (project, id, held) => post<Project>('projects/hold', { project, id, held }),
  drawn: async (project, id) => bytesIn((await getFrame('projects/drawn', { project, id })).arrays.labels),
  saveDrawn: async (project, id, labels) =>
    (await sendBytes<{ labelled: boolean }>('projects/drawn', { project, id }, labels)).labelled,
  importMask: async (project, id, mask) => void (await sendBytes('projects/mask', { project, id }, mask)),
  exportMasks: (project, format) => post('projects/export', { project, format }),
  train: async (project, wish) => (await post<{ run: string }>('projects/train', { project, ...wish })).run,
  predict: (project, wish) => done('projects/predict', { project, ...wish }),
  progress: () => get('projects/progress'),
  predictedBy: (project) => get('projects/predicted', { project }),
  async prediction(project, id) {
    const { arrays } = await getFrame('projects/prediction', { project, id });
    const [labels, certainty] = [bytesIn(arrays.labels), bytesIn(arrays.certainty)];
    return labels && certainty ? { labels, certainty } : null;
  },
  distances: (project) => get('projects/distances', { project }),

  features: (run, image) => getFrame('pairs/features', { run, image }),
  colours: (run, a, b) => getFrame('pairs/colours', { run, a, b }),
  registration: (run, a, b) => getFrame('pairs/registration', { run, a, b }),
  sample: (run, index) => getFrame('pairs/sample', { run, index }),

  results: (run, split) => get('results', { run, split }),
  async resultMaps(_, id) {
    const { arrays } = await getFrame('results/case', { id });
    return { prediction: bytesIn(arrays.prediction)!, truth: bytesIn(arrays.truth)! };
  },

  addImages: noFiles,
  exportRun: (run) => bytesOf('runs/archive', { run }),
  importRun: noFiles,
  removeRun: noFiles,
  removeProject: noFiles,
  removeImages: noFiles,
  exportOnnx: noFiles,

  watch(offsets, listener) {
    const from = [...offsets].map(([id, offset]) => `${id}@${offset}`).join('|');
    const events = new EventSource(address('runs/events', { runs: from }));
    const contentOf = (event: Event) => JSON.parse((event as MessageEvent<string>).data) as unknown;
    events.addEventListener('runs', (event) => listener.onRuns(contentOf(event) as RunSummary[]));
    events.addEventListener('curves', (event) => listener.onNews(contentOf(event) as RunNews));
    // The connection would begin again by itself, but with the old offsets.
    events.onerror = () => {
      events.close();
      listener.onLost();
    };
    return () => events.close();
  },
};

/** The folders belong to the one who started the studio: a page changes nothing in them. */
function noFiles(): Promise<never> {
  return Promise.reject(new Error('On this computer runs and images are folders: change them where they lie.'));
}

async function done(path: string, content: unknown): Promise<void> {
  await post(path, content);
}

async function bytesOf(path: string, query: Readonly<Record<string, string>>): Promise<Uint8Array<ArrayBuffer>> {
  return new Uint8Array(await (await ask(address(path, query))).arrayBuffer());
}

function bytesIn(array: ReturnType<typeof decodeFrame>['arrays'][string] | undefined): Uint8Array | null {
  return array ? new Uint8Array(array) : null;
}
