/**
 * A fine-tuning run: configuration, data, metrics, checkpoints, pictures and report, as in pretraining. This file makes
 * a run ready (its start, the cases, the memory it needs, the network) and hands it to the loop.
 */
import { InputError } from '../core/errors.js';
import { tensor } from '../core/tensor.js';
import type { LabelledCase } from '../data/labelled/labelled.js';
import type { SampleSet } from '../data/labelled/sample-set.js';
import { collectWarnings, type FileWarnings, type OnWarnings } from '../data/warnings.js';
import type { Device } from '../engine/index.js';
import { parameterCount } from '../nn/index.js';
import { ownBatches } from '../train/batches.js';
import { microOf } from '../train/config/sections.js';
import type { TrainingEvents } from '../train/events.js';
import { type Look, type TrainingResult, train } from '../train/loop.js';
import { checkMemory, largestMap, memoryNeed } from '../train/memory.js';
import { checkHalf, checkPrecision } from '../train/precision.js';
import type { RunFolder } from '../train/run-folder.js';
import { prepareFolder, type RunSource, type Start, startRun } from '../train/start.js';
import { agreeOn, startFacts } from '../train/together.js';
import { createTrainer, type Trainer } from '../train/trainer.js';
import { casesOf } from './cases.js';
import { inverseWeights } from './class-weights.js';
import type { FinetuneConfig } from './config.js';
import { checkSameData, dataRecord } from './data-record.js';
import type { CaseReader, FinetuneHost } from './host.js';
import { finetuneKind } from './kind.js';
import { learningAt } from './learning.js';
import { classNotes, overlapNotes, seenNotes, whyNotJudged } from './notes.js';
import { finetuneObjective } from './objective.js';
import { writeReport } from './report.js';
import { withSingle } from './segmentation/islands.js';
import { standardised } from './standard-head.js';
import type { Predict, TaskNetwork } from './task.js';
import { taskNetwork, taskOf } from './tasks.js';

/** What is known before the first step. */
export interface FinetuneFacts {
  readonly config: FinetuneConfig;
  readonly device: Device;
  readonly parameters: number;
  /** Training cases that are used, of so many. */
  readonly labelled: number;
  readonly training: number;
  readonly validation: number;
  readonly test: number;
  /** Images that did not find room in memory, and are read from the run's folder. */
  readonly onDisk: number;
  /** What a user should know of the data, a sentence each: what is not used, classes without a case. */
  readonly notes: readonly string[];
  /** What the readers of images had to assume. */
  readonly warned: readonly FileWarnings[];
}

export type FinetuneEvents = TrainingEvents<FinetuneFacts>;

export interface FinetuneOptions {
  /** Start even where the memory that is needed exceeds what is free. */
  readonly ignoreMemory?: boolean;
}

/**
 * Starts a run in a new folder, continues one bit for bit, or extends a finished one. No other process may use the
 * folder meanwhile.
 * @throws InputError when the folder holds a run already or is in use, the data cannot be used, the memory does not
 * suffice, the folder cannot be written, or the training diverges
 */
export async function finetuneIn(
  run: RunFolder,
  source: RunSource<FinetuneConfig>,
  host: FinetuneHost,
  events: FinetuneEvents = {},
  options: FinetuneOptions = {},
): Promise<TrainingResult> {
  return startRun(run, source, finetuneKind(host), events, async (start) => {
    const cases = host.openCases(start.config, run.name);
    try {
      return await finetuneFrom(run, start, source, { host, cases }, events, options);
    } finally {
      cases.clear();
    }
  });
}

async function finetuneFrom(
  run: RunFolder,
  start: Start<FinetuneConfig>,
  source: RunSource<FinetuneConfig>,
  { host, cases }: { readonly host: FinetuneHost; readonly cases: CaseReader },
  events: FinetuneEvents,
  { ignoreMemory = false }: FinetuneOptions,
): Promise<TrainingResult> {
  const { step: from, best } = start;
  checkPrecision(start.config);
  const kind = finetuneKind(host);
  const layout = await host.layout(start.config);
  const { parts, labelled } = casesOf(start.config, layout);
  const warned = collectWarnings();
  const read = reading(cases, labelled.length + parts.validation.length, events, warned.note);
  const training = await read(labelled);
  const validation = parts.validation.length > 0 ? await read(parts.validation) : null;
  const known = validation ? [training, validation] : [training];
  const config = from === null ? withSingle(start.config, known) : start.config;

  const unjudged = validation && whyNotJudged(config, validation);
  const task = taskNetwork(config, classWeights(config, training));
  const objective = finetuneObjective(config, task);
  const first = Object.keys(learningAt(config, (from ?? 0) + 1)).sort();
  const { shared = false } = host;
  const { optimizer, batch, precision } = config;
  const options = { objective, optimizer, batch: batch.size, micro: microOf(config), first, shared, precision };
  if (config.device === 'cpu') {
    const demand = { options, crop: config.views.crop, target: host.cpuTarget, kept: 0 };
    const need = (ignoreMemory ? memoryNeed : checkMemory)(demand, host.freeMemory());
    events.onMemory?.(need);
  }
  const engine = await host.startEngine({
    ...{ device: config.device, threads: config.threads },
    largest: largestMap(options, config.views.crop),
  });
  const samples = cases.samples(training, labelled);
  try {
    await checkHalf(engine, precision);
    const trainer = await createTrainer(engine, options);
    const drawn = start.state();
    await trainer.setState(drawn);
    const record = await dataRecord({ parts, labelled }, [training, validation], warned.list(), host);
    if (from !== null) await checkSameData(run, record);
    const { peers } = engine;
    if (peers) await agreeOn(peers, await startFacts({ config, step: from, record, state: drawn }, host));
    const state =
      from === null && config.backbone.standardise
        ? await standardised(trainer, { objective, task, peers }, drawn, { source: samples, cases: labelled.length })
        : drawn;
    samples.schedule(ownBatches(config, labelled.length, from ?? 0, peers));
    await prepareFolder(run, { ...start, config }, source, kind, record);
    const seen = (await host.pretrainedOn?.(config, parts.test)) ?? [];
    events.onStart?.({
      config,
      device: engine.device,
      parameters: parameterCount(Object.values(objective.groups).flat()),
      labelled: labelled.length,
      training: parts.train.length,
      validation: parts.validation.length,
      test: parts.test.length,
      onDisk: cases.onDisk,
      notes: [
        ...(layout.notes ?? []),
        ...classNotes(config, training),
        ...overlapNotes(record),
        ...seenNotes(parts.test.length, seen),
        ...(unjudged ? [unjudged] : []),
      ],
      warned: warned.list(),
    });
    const { criterion, look } = taskOf(config);
    const names = parts.validation.map(({ id }) => id);
    const lookAt = async (held: SampleSet): Promise<Look> => {
      const found = await look({ samples: held, names }, predictor(trainer, task), config);
      return {
        values: { score: found.score, ...found.values },
        draw: async (_, isBest) => (isBest ? found.draw(run) : undefined),
      };
    };
    const result = await train(
      {
        ...{ run, kind, config, objective, trainer, state, criterion, from, best },
        device: engine.device,
        source: samples,
        samples: labelled.map(({ id }) => id),
        noun: 'cases',
        learning: (step) => learningAt(config, step),
        rates: ({ head, backbone }) => ({ learningRate: head!.rate, backboneRate: backbone?.rate ?? 0 }),
        look: validation && !unjudged ? () => lookAt(validation) : null,
        report: () => writeReport(run, config, criterion),
        patience: config.run.patience,
        peers,
        digest: host.digest,
      },
      events,
    );
    await peers?.leave();
    return result;
  } finally {
    await samples.close();
    await engine.close();
  }
}

/** Probabilities of one image `[C, ...S]`, extents divisible by 16. */
function predictor(trainer: Trainer, task: TaskNetwork): Predict {
  return async ({ shape, data }) => {
    const feeds = { image: tensor([1, ...shape], data) };
    const { probabilities } = await trainer.compute(
      'probabilities',
      (parameters, { image }) => ({ probabilities: task.probabilities(parameters, image!) }),
      feeds,
    );
    return tensor(probabilities!.shape.slice(1), probabilities!.data);
  };
}

function classWeights({ data, loss }: FinetuneConfig, { samples }: SampleSet): number[] {
  const count = data.classes.length;
  if (loss.classWeights === 'none') return new Array<number>(count).fill(1);
  const labels = samples.cases.map((one) => one.labels);
  return inverseWeights(labels, count, data.multiLabel);
}

/** Reads parts one after the other and reports the sum. */
function reading(cases: CaseReader, total: number, events: FinetuneEvents, onWarnings: OnWarnings) {
  let done = 0;
  return (part: readonly LabelledCase[]) => {
    if (part.length === 0) throw new InputError('data', 'expected at least one case, found none');
    return cases.read(part, () => events.onData?.(++done, total), onWarnings);
  };
}
