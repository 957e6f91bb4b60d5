/** The labelled cases of a fine-tuning in a page, read into memory. */
import type { LabelFiles } from '../data/labelled/labels.js';
import { fitted, recipeOf, valuesOf } from '../data/labelled/recipe.js';
import { type Sample, SampleSet } from '../data/labelled/sample-set.js';
import { targetOf } from '../data/labelled/target.js';
import { usualWindow } from '../data/labelled/usual-window.js';
import { makeSample, type SampleContext } from '../finetune/augment.js';
import type { FinetuneConfig } from '../finetune/config.js';
import type { CaseReader, FinetuneHost } from '../finetune/host.js';
import { contentAt, layoutOf, readLabels, volumeAt } from './dataset.js';
import { type PageOptions, pageHost } from './host.js';
import { localBatches } from './local-batches.js';
import { OpfsStore } from './opfs-store.js';
import { readInput } from './read-input.js';

export function pageFinetuneHost(options: PageOptions = {}): FinetuneHost {
  const place = (config: FinetuneConfig) => new OpfsStore(options.images ?? config.data.source);
  let store = new OpfsStore('');
  return {
    ...pageHost(options),
    async layout(config) {
      store = place(config);
      return layoutOf(store, config.task, config.data.fold);
    },
    labelsOf: ({ label }) => readLabels(store, label as LabelFiles),
    usualWindow: (cases, spacing, longest) => usualWindow(cases, spacing, longest, (image) => volumeAt(store, image)),
    openCases: (config) => caseReader(place(config), config),
  };
}

function caseReader(store: OpfsStore, config: FinetuneConfig): CaseReader {
  const { classes, ignore, fit, slices } = config.data;
  const recipe = recipeOf(config);
  const options = { ...recipe, classes, ignore };
  return {
    async read(cases, onCase, onWarnings) {
      const samples: Sample[] = [];
      for (const one of cases) {
        const input = await readInput(await contentAt(store, one.image), one.image, recipe, onWarnings);
        const { shape, data } = fitted(valuesOf(input), recipe);
        const own = typeof one.label === 'number' ? null : await readLabels(store, one.label);
        samples.push({ shape: shape.slice(1), image: data, labels: targetOf(one, input, own, options) });
        onCase();
      }
      const label = cases[0]?.label;
      const kind = { perPixel: typeof label !== 'number', sets: Array.isArray(label) };
      return new SampleSet({ channels: recipe.channels, ...kind, cases: samples }, () => {
        throw new Error('internal: images of a page are in memory');
      });
    },
    samples(set, cases) {
      const { views, seed } = config;
      const context: SampleContext = {
        samples: set,
        views: views as SampleContext['views'],
        seed,
        kept: fit === 'keep',
        ignore,
        slices,
      };
      return localBatches(
        (key) => makeSample(context, key),
        ({ sample }) => cases[sample]?.image ?? `sample ${sample}`,
      );
    },
    onDisk: 0,
    clear() {},
  };
}
