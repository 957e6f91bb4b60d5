/** A grid of tiny runs: interrupted, continued, not repeated, reported; its statistics; what is refused in a plan. */
import assert from 'node:assert/strict';
import { execFile, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { promisify } from 'node:util';
import { InputError } from '../core/errors.js';
import { studentQuantile } from '../metrics/student.js';
import { readPretrained } from '../node/finetune.js';
import { writePhantoms } from '../phantom/index.js';
import { coverCommand } from '../system/command.js';
import { allClose } from '../testing/all-close.js';
import { smallModel } from '../use/fixtures.js';
import { modelBytes } from '../use/model.js';
import { benchmark, rebuildBenchmarkReport } from './benchmark.js';
import { type CellResult, lockCell } from './cell.js';
import type { LabelReading } from './label-efficiency.js';
import { cellName, loadPlan, makePlan } from './plan.js';
import { differenceOverPretrainings, meanOverPretrainings, varianceComponents } from './pretrainings.js';
import { checkSameMethod } from './same-method.js';
import { cellNumbered, cellState, cellsOfShare } from './select.js';
import { holm, summarise } from './summary.js';

const execute = promisify(execFile);
const folder = mkdtempSync(join(tmpdir(), 'cover-benchmark-'));
const data = join(folder, 'phantoms');
const root = join(folder, 'benchmark');
before(async () => {
  await writePhantoms(data, 8, { size: [48, 48], seed: 1, validationShare: 0.25 });
  const splits = JSON.parse(readFileSync(join(data, 'splits.json'), 'utf8')) as { train: string[]; val: string[] };
  const test = splits.train.splice(3);
  writeFileSync(join(data, 'splits.json'), JSON.stringify({ ...splits, test }));
});
after(() => rmSync(folder, { recursive: true, force: true }));

const tiny = {
  model: { channels: [8, 8, 8, 8, 8, 8, 8, 8, 8] },
  data: { size: [16, 16], workers: 0 },
  batch: { size: 1 },
  schedule: { steps: 3, warmup: 1 },
  run: { validateEvery: 3, checkpointEvery: 1 },
  threads: 1,
};

test('a grid is interrupted, goes on, and runs no cell twice', async () => {
  const content = { tasks: { chests: { data } }, cases: [1, 3], settings: tiny };
  // A first network, from which the second initialisation begins.
  await benchmark(join(folder, 'first'), makePlan({ ...content, cases: [1], initialisations: { scratch: 'scratch' } }));
  const other = join(folder, 'first', 'cells', 'chests', 'scratch', 'cases-1', 'seed-0');
  const plan = makePlan({ ...content, initialisations: { scratch: 'scratch', other } });
  assert.deepEqual(
    plan.cells.map((cell) => cell.folder.replace('cells/chests/', '')),
    ['scratch/cases-1/seed-0', 'other/cases-1/seed-0', 'scratch/cases-3/seed-0', 'other/cases-3/seed-0'],
  );

  let steps = 0;
  const stopped = await benchmark(root, plan, { run: { onStep: () => void steps++, shouldStop: () => steps === 5 } });
  assert.deepEqual([stopped.finished, stopped.results.length], [false, 1]);
  const begun = join(root, plan.cells[1]!.folder);
  assert.ok(
    existsSync(join(begun, 'checkpoints', 'step-00000002.safetensors')) && !existsSync(join(begun, 'result.json')),
  );

  steps = 0;
  const seen: string[] = [];
  const result = await benchmark(root, plan, {
    onCell: (cell) => seen.push(cell.folder),
    run: { onStep: () => void steps++ },
  });
  assert.ok(result.finished);
  assert.deepEqual(
    seen,
    plan.cells.slice(1).map((cell) => cell.folder),
  );
  assert.equal(steps, 1 + 3 + 3);

  const before = statSync(join(begun, 'result.json')).mtimeMs;
  await benchmark(root, plan, { onCell: () => assert.fail('a finished cell is run again') });
  assert.equal(statSync(join(begun, 'result.json')).mtimeMs, before);

  await assert.rejects(
    benchmark(
      root,
      makePlan({
        ...content,
        initialisations: { scratch: 'scratch', other },
        settings: { ...tiny, loss: { dice: 2 } },
      }),
    ),
    /expected a cell with loss\.dice=2, found one with 1\n.*another folder/,
  );
  // Also where this process runs another cell: the report is over all.
  const others = makePlan({
    ...content,
    initialisations: { scratch: 'scratch', other },
    seeds: [0, 1],
    settings: { ...tiny, loss: { dice: 2 } },
  });
  await assert.rejects(
    benchmark(root, others, {}, { cells: others.cells.slice(-1) }),
    /expected a cell with loss\.dice/,
  );
  await assert.rejects(
    benchmark(
      join(folder, 'x'),
      makePlan({ ...content, settings: { ...tiny, model: {} }, initialisations: { other, scratch: 'scratch' } }),
    ),
    /expected one network for all initialisations, found model\.channels \[8.* of other and \[32.* of scratch/,
  );
});

test('the report stands alone and is built again from the results', async () => {
  rmSync(join(root, 'report.html'));
  const { report } = await rebuildBenchmarkReport(root);
  const html = readFileSync(report, 'utf8');
  assert.match(html, /4 of 4 finished/);
  assert.match(html, /other − scratch/);
  assert.match(html, /class="band"/);
  assert.ok((html.match(/data:image\/png/g) ?? []).length >= 2);
  assert.doesNotMatch(html, /<script|https?:/);
  const rows = readFileSync(join(root, 'results.csv'), 'utf8').trim().split('\n');
  assert.equal(rows.length, 5);
  assert.match(rows[0]!, /^task,initialisation,labelled_cases,fraction,seed,pretraining,steps,best_step,unit,dice,iou/);
  assert.equal(readFileSync(join(root, 'summary.csv'), 'utf8').trim().split('\n').length, 5);
  const { groups, differences } = JSON.parse(readFileSync(join(root, 'results.json'), 'utf8'));
  assert.deepEqual([groups.length, differences.length], [4, 2]);
  await assert.rejects(rebuildBenchmarkReport(folder), /expected the plan of a benchmark, found none/);
});

test('a second pretraining of a method joins a finished grid; nothing is run again', async () => {
  const known = loadPlan(join(root, 'plan.yaml')).content;
  const other = [known.initialisations.other as string, join(root, 'cells', 'chests', 'scratch', 'cases-3', 'seed-0')];
  const plan = makePlan({ ...known, fractions: undefined, initialisations: { scratch: 'scratch', other } });
  const run: string[] = [];
  const { finished } = await benchmark(root, plan, { onCell: ({ folder: own }) => run.push(own) });
  assert.ok(finished);
  assert.deepEqual(
    run,
    ['cases-1', 'cases-3'].map((budget) => `cells/chests/other/${budget}/pretraining-2/seed-0`),
  );
  const html = readFileSync(join(root, 'report.html'), 'utf8');
  assert.match(html, /other \(2 pretrainings\)/);
  assert.match(html, /interval over pretrainings/);
  assert.match(
    html,
    /How many labels does a pretraining save\?[\s\S]*other with 1 labelled case [\s\S]*Labels that are saved/,
  );
  assert.match(readFileSync(join(root, 'labels-chests.svg'), 'utf8'), /^<svg xmlns/);
  const { groups, results, labels } = JSON.parse(readFileSync(join(root, 'results.json'), 'utf8'));
  assert.deepEqual(
    labels.map(({ initialisation, baseline, labelled, tried }: LabelReading) => [
      initialisation,
      baseline,
      labelled,
      tried,
    ]),
    [1, 3].map((labelled) => ['other', 'scratch', labelled, [1, 3]]),
  );
  const [, one] = groups;
  assert.deepEqual([one.pretrainings, one.components], [2, null]);
  const scores = results.filter(
    ({ initialisation, labelled }: CellResult) => initialisation === 'other' && labelled === 1,
  );
  const mean = (scores[0].metrics.dice + scores[1].metrics.dice) / 2;
  assert.ok(Math.abs(one.overPretrainings.value - mean) < 1e-9 && one.overPretrainings.low < mean);
});

test('seeds are averaged within a case; differences are paired and corrected', () => {
  const cell = (initialisation: string, seed: number, scores: readonly number[]): CellResult => ({
    task: 't',
    kind: 'segmentation',
    initialisation,
    budget: { cases: 5 },
    seed,
    labelled: 5,
    steps: 1,
    best: null,
    metrics: { dice: scores.reduce((sum, value) => sum + value, 0) / scores.length },
    unit: 'px',
    cases: scores.map((score, index) => ({ id: `c${index}`, score })),
    predictions: null,
    worst: [],
  });
  const base = [0.5, 0.6, 0.7, 0.8, 0.55, 0.65];
  const shifted = (by: number) => base.map((value, index) => value + by + index / 1000);
  const results = [
    cell('a', 0, base),
    cell('a', 1, shifted(0.02)),
    cell('b', 0, shifted(0.1)),
    cell('b', 1, shifted(0.1)),
  ];
  const { groups, differences } = summarise(results, ['a', 'b']);
  const [a] = groups;
  assert.ok(Math.abs(a!.metrics.dice!.deviation! - 0.0225 / Math.SQRT2) < 1e-9);
  assert.equal(a!.main.cases, 6);
  const [difference] = differences;
  assert.deepEqual([difference!.a, difference!.b], ['b', 'a']);
  assert.ok(Math.abs(difference!.difference.value! - 0.09125) < 1e-9);
  assert.equal(difference!.p, 2 / 2 ** 6);
  assert.deepEqual(holm([0.01, 0.04, 0.03]), [0.03, 0.06, 0.06]);
});

test('a list of pretrainings has a cell for each; the first lies where a single one would', () => {
  const content = { tasks: { lungs: { data: 'lungs' } }, cases: [5], seeds: [0, 1] };
  const single = makePlan({ ...content, initialisations: { scratch: 'scratch', cover: 'runs/a' } });
  const several = makePlan({ ...content, initialisations: { scratch: 'scratch', cover: ['runs/a', 'runs/b'] } });
  assert.deepEqual(
    several.cells.map(({ folder, config, pretraining }) => [
      folder.replace('cells/lungs/', ''),
      config.model.from,
      pretraining,
    ]),
    [
      ['scratch/cases-5/seed-0', 'scratch', null],
      ['cover/cases-5/seed-0', 'runs/a', 1],
      ['cover/cases-5/pretraining-2/seed-0', 'runs/b', 2],
      ['scratch/cases-5/seed-1', 'scratch', null],
      ['cover/cases-5/seed-1', 'runs/a', 1],
      ['cover/cases-5/pretraining-2/seed-1', 'runs/b', 2],
    ],
  );
  for (const { folder, config } of single.cells) {
    assert.deepEqual(several.cells.find((cell) => cell.folder === folder)?.config, config);
  }
  assert.equal(cellName(several.cells[2]!), 'lungs, cover (pretraining 2), 5 cases, seed 0');
});

test('the runs of a list differ in their seed alone', async () => {
  const file = (name: string, ...settings: string[]) => {
    const path = join(folder, `${name}.safetensors`);
    writeFileSync(path, modelBytes(smallModel(...settings)));
    return path;
  };
  const runs = async (...paths: string[]) =>
    new Map(await Promise.all(paths.map(async (path) => [path, await readPretrained(path)] as const)));
  const first = file('first', 'seed=0');
  checkSameMethod('cover', await runs(first, file('second', 'seed=1', 'threads=1', 'run.logEvery=5')));
  // A file from before there were weights is of the same method.
  const older = [...(await runs(first)).values()][0]!;
  const { losses: _, ...before } = JSON.parse(older.weights.metadata.config!);
  const config = JSON.stringify({ ...before, seed: 7, losses: { consistency: 'cosine' } });
  const stored = { ...older, weights: { ...older.weights, metadata: { ...older.weights.metadata, config } } };
  checkSameMethod('cover', new Map([...(await runs(first)), ['older', stored]]));
  const light = await runs(first, file('light', 'seed=1', 'losses.weights.consistency=0.1'));
  assert.throws(
    () => checkSameMethod('cover', light),
    /initialisations\.cover: expected pretrainings that differ in their seed alone, found losses\.weights\.consistency 1 of .*first.* and 0\.1 of .*light/,
  );
  const copy = await runs(first, file('copy', 'seed=0'));
  assert.throws(
    () => checkSameMethod('cover', copy),
    /expected pretrainings of different seeds, found seed 0 of .*first.* and of .*copy/,
  );
  const plan = makePlan({
    tasks: { chests: { data } },
    cases: [1],
    settings: tiny,
    initialisations: { cover: [...copy.keys()] },
  });
  await assert.rejects(
    benchmark(join(folder, 'never'), plan),
    /initialisations\.cover: expected pretrainings of different seeds/,
  );
});

test('several pretrainings: the variance is split up, and intervals are over them', () => {
  // Cases differ by 0.1; of the runs the rows are pretrainings, the columns seeds of fine-tuning.
  const table = [
    [0.81, 0.84, 0.8],
    [0.85, 0.87, 0.86],
    [0.82, 0.88, 0.79],
  ];
  const run = (initialisation: string, pretraining: number | null, seed: number, mean: number): CellResult => ({
    ...{
      task: 't',
      kind: 'segmentation',
      initialisation,
      pretraining,
      budget: { cases: 5 },
      seed,
      labelled: 5,
      steps: 1,
    },
    ...{ best: null, metrics: { dice: mean }, unit: 'px', predictions: null, worst: [] },
    cases: [-0.05, 0.05].map((by, index) => ({ id: `c${index}`, score: mean + by })),
  });
  const cover = table.flatMap((row, index) => row.map((mean, seed) => run('cover', index + 1, seed, mean)));
  const scratch = [0.74, 0.8, 0.77].map((mean, seed) => run('scratch', null, seed, mean));
  const { groups, differences } = summarise([...scratch, ...cover], ['scratch', 'cover']);
  const [alone, several] = groups;
  assert.deepEqual([alone!.pretrainings, alone!.overPretrainings, alone!.components], [1, null, null]);
  assert.deepEqual([several!.pretrainings, several!.seeds], [3, [0, 1, 2]]);
  // Means of the rows 0.816667, 0.86, 0.83: deviation 0.022194; t of 2 degrees is 4.302653.
  const half = (4.302653 * 0.0221944) / Math.sqrt(3);
  const over = several!.overPretrainings!;
  allClose([over.value, over.low!, over.high!], [0.835556, 0.835556 - half, 0.835556 + half], { absolute: 1e-5 });
  // MS_p 0.0014778, MS_ps 0.0004111; the variances of the rows 4.333e-4, 1e-4 and 2.1e-3.
  allClose([several!.components!.between, several!.components!.within], [3.5556e-4, 8.7778e-4], { absolute: 1e-8 });
  const { overPretrainings: gain, difference } = differences[0]!;
  allClose([gain!.value, gain!.low!, gain!.high!], [0.065556, 0.065556 - half, 0.065556 + half], { absolute: 1e-5 });
  assert.ok(Math.abs(difference.value! - gain!.value) < 1e-12);

  // A pretraining that lacks a seed leaves the seeds that all have.
  const part = summarise([...scratch, ...cover.slice(0, 8)], ['scratch', 'cover']);
  allClose([part.groups[1]!.components!.within], [(4.5e-4 + 2e-4 + 1.8e-3) / 3], { absolute: 1e-8 });
  assert.equal(part.differences[0]!.overPretrainings!.value.toFixed(6), '0.075000');
});

test('components of variance, intervals of few means, and Student’s t', () => {
  assert.deepEqual(
    varianceComponents([
      [1, 2],
      [3, 6],
    ]),
    { between: 4, within: 2.5 },
  );
  // Rows that differ by less than the rest lets expect.
  assert.deepEqual(
    varianceComponents([
      [1, 2],
      [2, 1],
    ])?.between,
    0,
  );
  assert.equal(varianceComponents([[1, 2]]), null);
  assert.deepEqual(meanOverPretrainings([0.8]), { value: 0.8, low: null, high: null });
  // Welch: variances 1 and 4 of 3 and 4 means, errors 1/3 and 1; (4/3)² / ((1/3)²/2 + 1²/3) = 4.5714 degrees.
  const [a, b] = [[1, 2, 3], [1, 2, 3, 4].map((value) => value * Math.sqrt(4 / (5 / 3)))];
  const { value, low, high } = differenceOverPretrainings(a, b);
  const half = 2.644786 * Math.sqrt(4 / 3);
  allClose([value, low!, high!], [2 - 2.5 * Math.sqrt(2.4), value - half, value + half], { absolute: 1e-4 });
  assert.deepEqual(differenceOverPretrainings([2], [1]), { value: 1, low: null, high: null });
  for (const [degrees, quantile] of [
    [1, 12.70620474],
    [1.5, 6.0166631],
    [2, 4.30265273],
    [3.7, 2.86752071],
    [10, 2.22813885],
    [1000, 1.96233908],
  ] as const) {
    assert.ok(Math.abs(studentQuantile(0.975, degrees) / quantile - 1) < 1e-6, `${degrees}`);
  }
});

test('of a classification the AUC is compared on the same resamples', () => {
  const truth = [0, 0, 0, 1, 1, 1];
  const cell = (initialisation: string, ofOne: readonly number[]): CellResult => {
    const probabilities = ofOne.flatMap((p) => [1 - p, p]);
    const cases = truth.map((_, index) => `c${index}`);
    return {
      ...{
        task: 't',
        kind: 'classification',
        initialisation,
        budget: { fraction: 1 },
        seed: 0,
        labelled: 9,
        steps: 1,
        best: null,
      },
      ...{ metrics: { auc: 0 }, unit: null, worst: [] },
      cases: cases.map((id, row) => ({ id, score: probabilities[2 * row + truth[row]!]! })),
      predictions: { cases, classes: ['no', 'yes'], probabilities, truth },
    };
  };
  const results = [cell('a', [0.2, 0.6, 0.3, 0.5, 0.7, 0.4]), cell('b', [0.1, 0.2, 0.3, 0.7, 0.8, 0.9])];
  const { groups, differences } = summarise(results, ['a', 'b']);
  assert.ok(Math.abs(groups[0]!.main.value! - 7 / 9) < 1e-9 && groups[1]!.main.value === 1);
  assert.ok(Math.abs(differences[0]!.difference.value! - 2 / 9) < 1e-9);
});

test('a mistake in a plan is named with its line and what is allowed', () => {
  const path = join(folder, 'plan.yaml');
  const refused = (text: string, pattern: RegExp) => {
    writeFileSync(path, text);
    assert.throws(
      () => loadPlan(path),
      (error) => error instanceof InputError && pattern.test(error.message),
      text,
    );
  };
  const start = 'initialisations: {scratch: scratch}\ntasks:\n  lungs:\n    data: lungs\n';
  refused(
    `${start}    dat: x\n`,
    /line 5: unknown key "tasks\.lungs\.dat"\n {2}Allowed here: data, preset, kind, split, settings\./,
  );
  refused(`${start}cases: [1,\nseeds: [1]\n`, /line 6: expected YAML: .*\n {2}A key and its value/);
  refused(`${start}seed: [1]\n`, /line 5: unknown key "seed"\n {2}Allowed here: title, initialisations/);
  refused(`${start}fractions: [2]\n`, /line 5: fractions\.0: /);
  refused(
    `${start}settings:\n  schedule: {stepz: 4}\n`,
    /line 6: unknown key "settings\.schedule\.stepz"\n {2}Allowed here: name, steps, warmup\./,
  );
  refused(`${start}    settings:\n      loss: {dice: -1}\n`, /line 6: tasks\.lungs\.settings\.loss\.dice: /);
  refused(`${start}settings: {seed: 4}\n`, /line 5: settings\.seed: expected no such setting/);
  refused(`${start}seeds: [1, 1]\n`, /line 5: seeds: 1 is there twice/);
  refused('tasks: {a: {data: b}}\n', /initialisations: expected at least one, found none/);
  const list = (runs: string) => start.replace('{scratch: scratch}', `{scratch: scratch, cover: ${runs}}`);
  refused(list('[a, a]'), /line 1: initialisations\.cover: expected different pretrainings, found a twice/);
  refused(list('[a, scratch]'), /line 1: initialisations\.cover: expected different pretrainings, found scratch/);
  refused(list('[]'), /initialisations\.cover: expected a pretrained run or file, a list of them, or scratch/);
  refused('initialisations: {a b: c}\n', /initialisations\.a b: expected a name of letters, digits/);
});

test('a protocol is what all cells begin with; settings win over it', () => {
  const content = { initialisations: { scratch: 'scratch' }, tasks: { lungs: { data: 'lungs' } } };
  const of = (more: object) => makePlan({ ...content, ...more }).cells[0]!.config;
  assert.equal(of({}).optimizer.name, 'adamw');
  const { optimizer, views, schedule } = of({ protocol: 'paper', settings: { schedule: { steps: 600 } } });
  assert.deepEqual([optimizer.name, optimizer.rate, views.degree, schedule.steps], ['adam', 1e-4, 0, 600]);
  assert.throws(() => of({ protocol: 'papr' }), /protocol: .*"default"\|"paper"/);
});

test('several processes share a grid: no cell is run twice, and one that is taken is left', {
  timeout: 120000,
}, async () => {
  const shared = join(folder, 'shared');
  const content = { tasks: { chests: { data } }, cases: [1, 2], seeds: [0, 1], settings: tiny };
  const plan = makePlan({ ...content, initialisations: { scratch: 'scratch' } });
  assert.deepEqual(cellsOfShare(plan, '2/3'), [plan.cells[1]]);
  assert.throws(() => cellsOfShare(plan, '4/3'), /--cells 4\/3: expected a share such as 3\/8/);
  assert.throws(() => cellNumbered(plan, 5), /cell 5: expected a whole number from 1 to 4/);

  const taken = await lockCell(shared, plan.cells[0]!);
  assert.ok('release' in taken);
  const first = await benchmark(shared, plan, {}, { cells: [plan.cells[0]!] });
  assert.deepEqual([first.results.length, first.elsewhere[0]!.holder.pid], [0, process.pid]);
  assert.deepEqual(await Promise.all(plan.cells.map((cell) => cellState(shared, cell))), [
    'running',
    'open',
    'open',
    'open',
  ]);
  taken.release();

  writeFileSync(join(folder, 'shared.yaml'), JSON.stringify(plan.content));
  const outputs = await Promise.all(
    Array.from({ length: 3 }, async () => {
      const { stdout } = await execute(process.execPath, [
        coverCommand(),
        'benchmark',
        join(folder, 'shared.yaml'),
        '-o',
        shared,
      ]);
      return stdout;
    }),
  );
  const begun = outputs.join('').match(/^\d+\/4 {2}.*$/gm) ?? [];
  assert.deepEqual(begun.map((line) => line.replace(/^\S+ +/, '')).sort(), [
    'chests, scratch, 1 case, seed 0',
    'chests, scratch, 1 case, seed 1',
    'chests, scratch, 2 cases, seed 0',
    'chests, scratch, 2 cases, seed 1',
  ]);
  assert.match(readFileSync(join(shared, 'report.html'), 'utf8'), /4 of 4 finished/);
  assert.deepEqual(
    readdirSync(shared).filter((name) => /lock|tmp/.test(name)),
    [],
  );
});

test('a cell that fails is told by the report of any process, until it has a result', async () => {
  const root = join(folder, 'failing');
  const content = { tasks: { chests: { data } }, cases: [1], initialisations: { scratch: 'scratch' } };
  const plan = makePlan({ ...content, settings: { ...tiny, optimizer: { rate: 1e30, clip: null } } });
  const { failures } = await benchmark(root, plan);
  assert.match(failures[0]!.message, /step \d: the (loss|norm)/);
  assert.equal(await cellState(root, plan.cells[0]!), 'failed');
  assert.match(readFileSync((await rebuildBenchmarkReport(root)).report, 'utf8'), /step \d: the (loss|norm)/);
});

test('data or a scored part that changed after a cell has a result are refused', async () => {
  const [root, own] = [join(folder, 'changed'), join(folder, 'changing')];
  cpSync(data, own, { recursive: true });
  const content = { cases: [1], settings: tiny, initialisations: { scratch: 'scratch' } };
  const planOf = (more: object) => makePlan({ ...content, tasks: { chests: { data: own } }, ...more });
  await benchmark(root, planOf({}));
  const plan = planOf({ seeds: [0, 1] });
  const refused = (message: RegExp, asked = plan) =>
    assert.rejects(benchmark(root, asked, { onCell: () => assert.fail('a cell is run') }), message);
  await refused(
    /cells\/chests\/scratch\/cases-1\/seed-0: expected the data .* found \S+ and \d other.* too many in what is scored/,
    planOf({ seeds: [0, 1], tasks: { chests: { data: own, split: 'train' } } }),
  );

  const splits = readFileSync(join(own, 'splits.json'), 'utf8');
  const { train, val, test } = JSON.parse(splits) as Record<string, string[]>;
  writeFileSync(join(own, 'splits.json'), JSON.stringify({ train, val, test: test!.slice(1) }));
  await refused(new RegExp(`found ${test![0]} missing in the part test`));
  writeFileSync(join(own, 'splits.json'), splits);

  const [file, other] = test!.map((id) => join(own, 'labels', `${id}.png`));
  const label = readFileSync(file!);
  cpSync(other!, file!);
  await refused(new RegExp(`found another image or label of ${test![0]}`));
  writeFileSync(file!, label);
  const { finished } = await benchmark(root, plan);
  assert.ok(finished);
});

test('the command that a signal stops ends with the code of the signal', { timeout: 60000 }, async (context) => {
  if (process.platform === 'win32') return context.skip('signals are of POSIX systems');
  const file = join(folder, 'long.yaml');
  const settings = { ...tiny, schedule: { steps: 100000 } };
  const content = { tasks: { chests: { data } }, cases: [1, 2], settings, initialisations: { scratch: 'scratch' } };
  writeFileSync(file, JSON.stringify(content));
  const child = spawn(process.execPath, [coverCommand(), 'benchmark', file, '-o', join(folder, 'long')]);
  let output = '';
  for await (const chunk of child.stdout) {
    if (!output.includes('about') && `${output}${chunk}`.includes('about')) child.kill('SIGTERM');
    output += chunk;
  }
  assert.equal(child.exitCode ?? (await once(child, 'exit'))[0], 143);
  assert.match(output, /\n0 cells have a result; the same command goes on with what is left\n/);
});

test('the number of a job array that is none is refused by its name', () => {
  const file = join(folder, 'array.yaml');
  writeFileSync(file, JSON.stringify({ tasks: { chests: { data } }, initialisations: { scratch: 'scratch' } }));
  const { status, stderr } = spawnSync(
    process.execPath,
    [coverCommand(), 'benchmark', file, '-o', join(folder, 'array'), '--cell'],
    { encoding: 'utf8', env: { ...process.env, SLURM_ARRAY_TASK_ID: 'abc' } },
  );
  assert.equal(status, 1);
  assert.match(stderr, /expected the number of a cell in SLURM_ARRAY_TASK_ID, found "abc"/);
});
