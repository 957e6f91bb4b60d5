/**
 * The plan of a benchmark: initialisations × tasks × label budgets × seeds. Each combination is a cell, a fine-tuning
 * run with an evaluation; an initialisation of several pretrainings has a cell for each. The division into training,
 * validation and test is the same in all cells of a task; the seed draws the labelled cases, the head and the
 * augmentation.
 */
import { z } from 'zod';
import { counted } from '../core/counted.js';
import { InputError } from '../core/errors.js';
import { partNames } from '../data/labelled/index.js';
import { datasetPresets, presetNames } from '../data/presets/index.js';
import { type FinetuneConfig, finetunePresets, finetuneSchema, tasks } from '../finetune/config.js';
import { readYamlFile } from '../node/config-file.js';
import { mergeSettings, type Plain, schemaError, type Where } from '../train/config/read.js';

/** Names become folders. */
const name = z.string().regex(/^[\w][\w.-]*$/, 'expected a name of letters, digits, ".", "-" and "_"');

const begun = 'expected a pretrained run or file, a list of them, or scratch';
const from = z.string().min(1, begun);

const settings = z.record(z.string(), z.unknown()).default({});

const taskSchema = z.strictObject({
  /** The folder of the labelled data. */
  data: z.string('expected a folder of labelled data').min(1, 'expected a folder of labelled data'),
  /** A named dataset, which settles the kind and gives settings that suit it. */
  preset: z.enum(['', ...presetNames]).default(''),
  kind: z.enum(tasks).nullable().default(null),
  /** The part that is scored. */
  split: z.enum(partNames).default('test'),
  /** Settings of fine-tuning for this task. */
  settings,
});

export const planSchema = z.strictObject({
  title: z.string().default('Benchmark'),
  /** By name a pretrained run or file, a list of them that differ in their seed, or `scratch`. */
  initialisations: z.record(name, z.union([from, z.array(from, begun).min(1, begun)], begun)).default({}),
  /** Those whose network carries labels to the others, in place of a fine-tuning. */
  atlas: z.array(name).default([]),
  tasks: z.record(name, taskSchema).default({}),
  /** Shares of the training cases. */
  fractions: z.array(z.number().positive().max(1)).default([]),
  /** Numbers of training cases, instead of shares. */
  cases: z.array(z.int().positive()).default([]),
  seeds: z.array(z.int().nonnegative()).min(1, 'expected at least one seed').default([0]),
  /** The seed of the division of data without one. */
  splitSeed: z.int().nonnegative().default(0),
  /** The preset of fine-tuning that all cells begin with. */
  protocol: z.enum(Object.keys(finetunePresets)).default('default'),
  /** Settings of fine-tuning for all tasks; those of a task win. */
  settings,
});

export type PlanContent = z.output<typeof planSchema>;

/** How many training cases are used. */
export type Budget = { readonly cases: number } | { readonly fraction: number };

export interface Cell {
  readonly task: string;
  readonly initialisation: string;
  /** Which of several pretrainings, from 1; null where the initialisation is not a list. */
  readonly pretraining: number | null;
  /** Whether its labelled images are an atlas: nothing is trained. */
  readonly atlas: boolean;
  readonly budget: Budget;
  readonly seed: number;
  /** Where its run lies, relative to the folder of the benchmark. */
  readonly folder: string;
  /** What its run is asked for; a run completes it. */
  readonly config: FinetuneConfig;
}

export interface Plan {
  readonly content: PlanContent;
  /** By task, budget, seed and initialisation: what is to be compared is finished together. */
  readonly cells: readonly Cell[];
}

/** Keys of fine-tuning that the plan itself sets. */
const own = [
  'task',
  'seed',
  'data.source',
  'data.preset',
  'data.fraction',
  'data.cases',
  'data.splitSeed',
  'model.from',
] as const;

/**
 * Reads a plan.
 * @throws InputError ('config') naming the key, its line and what is allowed
 * @example loadPlan('plan.yaml').cells.length
 */
export function loadPlan(file: string): Plan {
  const { content, where } = readYamlFile(file);
  return makePlan(content, where);
}

/**
 * The cells of a plan.
 * @param content as a YAML file has it
 * @param where says where a key stands, for messages
 * @throws InputError ('config') for an unknown key, a wrong value, or a grid without cells
 * @example
 * const tasks = { lungs: { data: 'lungs' } };
 * makePlan({ initialisations: { scratch: 'scratch' }, tasks, cases: [5] }).cells[0].folder
 */
export function makePlan(content: object, where: Where = () => ''): Plan {
  const result = planSchema.safeParse(content);
  if (!result.success) throw schemaError(planSchema, result.error, where);
  const plan = result.data;
  checkGrid(plan, where);
  const budgets: Budget[] =
    plan.cases.length > 0
      ? plan.cases.map((cases) => ({ cases }))
      : (plan.fractions.length > 0 ? plan.fractions : [1]).map((fraction) => ({ fraction }));
  const cells = Object.keys(plan.tasks).flatMap((task) =>
    budgets.flatMap((budget) =>
      plan.seeds.flatMap((seed) =>
        Object.entries(plan.initialisations).flatMap(([initialisation, begun]) =>
          [begun].flat().map((from, index): Cell => {
            const pretraining = typeof begun === 'string' ? null : index + 1;
            const place = { task, initialisation, pretraining, budget, seed };
            const config = configOf(plan, { task, from, budget, seed }, where);
            const atlas = plan.atlas.includes(initialisation);
            if (atlas && config.task !== 'segmentation') throw noAtlas(task, where);
            return { ...place, atlas, folder: cellFolder(place), config };
          }),
        ),
      ),
    ),
  );
  return { content: plan, cells };
}

/** What tells a cell from the others of its plan. */
export type CellPlace = Pick<Cell, 'task' | 'initialisation' | 'pretraining' | 'budget' | 'seed'>;

/**
 * The folder of a cell within that of the benchmark. The first of several pretrainings lies where a single one would: a
 * plan may get more of them later.
 */
export function cellFolder({ task, initialisation, pretraining, budget, seed }: CellPlace): string {
  const which = (pretraining ?? 1) > 1 ? [`pretraining-${pretraining}`] : [];
  return ['cells', task, initialisation, budgetName(budget), ...which, `seed-${seed}`].join('/');
}

/** `lungs, cover (pretraining 2), 5 cases, seed 0`. */
export function cellName({ task, initialisation, pretraining, budget, seed }: CellPlace): string {
  const which = pretraining === null ? '' : ` (pretraining ${pretraining})`;
  return `${task}, ${initialisation}${which}, ${budgetText(budget)}, seed ${seed}`;
}

/** `cases-5` or `share-0.1`. */
export function budgetName(budget: Budget): string {
  return 'cases' in budget ? `cases-${budget.cases}` : `share-${budget.fraction}`;
}

/** `5 cases` or `10 %`. */
export function budgetText(budget: Budget): string {
  if ('cases' in budget) return counted(budget.cases, 'case');
  return `${Number((100 * budget.fraction).toPrecision(4))} %`;
}

function checkGrid(plan: PlanContent, where: Where): void {
  const empty = (['initialisations', 'tasks'] as const).find((key) => Object.keys(plan[key]).length === 0);
  if (empty) {
    throw new InputError(
      'config',
      `${where([empty])}${empty}: expected at least one, found none`,
      empty === 'tasks' ? 'Example: {lungs: {data: lungs/}}' : 'Example: {scratch: scratch, cover: runs/xrays}',
    );
  }
  for (const [name, begun] of Object.entries(plan.initialisations)) {
    const path = ['initialisations', name];
    const runs = typeof begun === 'string' ? [] : begun;
    const twice = runs.find((run, index) => runs.indexOf(run) !== index);
    const found = runs.length > 1 && runs.includes('scratch') ? 'scratch' : twice && `${twice} twice`;
    if (found) {
      throw new InputError(
        'config',
        `${where(path)}${path.join('.')}: expected different pretrainings, found ${found}`,
        'A list has a run for each seed of one pretraining; scratch stands alone.',
      );
    }
  }
  for (const name of plan.atlas) {
    const begun = plan.initialisations[name];
    if (begun !== undefined && begun !== 'scratch') continue;
    throw new InputError(
      'config',
      `${where(['atlas'])}atlas: expected initialisations that are pretrained, found ${name}${begun ? ', from scratch' : ''}`,
      'It names those whose labels are carried to the others, such as [atlas] beside {atlas: runs/xrays}.',
    );
  }
  if (plan.cases.length > 0 && plan.fractions.length > 0) {
    throw new InputError('config', `${where(['cases'])}cases: found fractions beside it`, 'Give one of them.');
  }
  for (const key of ['cases', 'fractions', 'seeds'] as const) {
    const values: readonly number[] = plan[key];
    const twice = values.find((value, index) => values.indexOf(value) !== index);
    if (twice !== undefined) {
      throw new InputError('config', `${where([key])}${key}: ${twice} is there twice`, 'Name every value once.');
    }
  }
}

function noAtlas(task: string, where: Where): InputError {
  return new InputError(
    'config',
    `${where(['atlas'])}atlas: expected tasks of segmentation, found a classification, ${task}`,
    'Give it a plan of its own.',
  );
}

function configOf(
  plan: PlanContent,
  { task, from, budget, seed }: Pick<Cell, 'task' | 'budget' | 'seed'> & { readonly from: string },
  where: Where,
): FinetuneConfig {
  const { data, preset, kind, settings } = plan.tasks[task]!;
  const known = preset === '' ? null : datasetPresets[preset];
  refuseOwn(plan.settings, ['settings'], where);
  refuseOwn(settings, ['tasks', task, 'settings'], where);
  const layers: readonly Readonly<Plain>[] = [
    known?.settings ?? {},
    finetunePresets[plan.protocol]!,
    plan.settings,
    settings,
    {
      task: kind ?? known?.task ?? 'segmentation',
      seed,
      data: { source: data, preset, splitSeed: plan.splitSeed, ...budget },
      model: { from },
    },
  ];
  const asked = layers.reduce(mergeSettings, {});
  const result = finetuneSchema.safeParse(asked);
  if (result.success) return result.data;
  const issue = result.error.issues[0]!;
  const path = issue.code === 'unrecognized_keys' ? [...issue.path, issue.keys[0]!] : issue.path;
  const prefix = valueAt(settings, path) !== undefined ? ['tasks', task, 'settings'] : ['settings'];
  throw schemaError(finetuneSchema, result.error, where, prefix);
}

/** What the plan decides is not a setting. */
function refuseOwn(settings: Plain, prefix: readonly string[], where: Where): void {
  const found = own.find((key) => valueAt(settings, key.split('.')) !== undefined);
  if (found === undefined) return;
  const key = [...prefix, ...found.split('.')];
  throw new InputError(
    'config',
    `${where(key)}${key.join('.')}: expected no such setting, which the plan itself makes`,
    'It follows from initialisations, tasks, cases or fractions, seeds and splitSeed.',
  );
}

function valueAt(settings: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce<unknown>((node, key) => (node as Plain | undefined)?.[key as string], settings);
}
