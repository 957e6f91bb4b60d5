/** `cover match`: where points of one image lie in another, and the displacement field between the two. */
import { join } from 'node:path';
import type { Command } from 'commander';
import { InputError } from '../core/errors.js';
import { type FoundPoint, type MatchedFiles, matchFiles, openNetwork } from '../node/index.js';
import { loadModel } from '../node/models.js';
import { checkFolder } from '../system/files.js';
import { levels as allLevels, type FieldMeasures, type Level, type Point, requireField } from '../use/index.js';
import { type CheckpointFlags, checkpointOption, chosenOf } from './checkpoint-option.js';
import { warningsTo } from './input-warnings.js';
import {
  type EngineFlags,
  levelNumbers,
  pairSizeOption,
  point,
  type SizeFlags,
  scaleOption,
  withEngine,
} from './options.js';
import { createOutput, type OutputFlags, withOutput } from './output.js';

interface Options extends EngineFlags, SizeFlags, OutputFlags, CheckpointFlags {
  readonly out: string;
  readonly point?: readonly Point[];
  readonly levels: readonly Level[];
  readonly field?: boolean;
}

export function addMatch(program: Command): void {
  const command = program
    .command('match')
    .description('find points of image A in image B by their features')
    .argument('<model>', 'a run folder, a checkpoint, or a file of cover export or import')
    .argument('<a>', 'the image (or volume) with the points')
    .argument('<b>', 'the image to search')
    .option('-p, --point <x,y>', 'column,row in A; voxel z,y,x of a volume; from 0; repeatable', point)
    .option('--levels <numbers>', 'decoder levels that are compared, such as 3,4', levelNumbers, [...allLevels])
    .option('--field', 'also predict the displacement field that lays A over B')
    .option('-o, --out <folder>', 'where the pictures and arrays go', 'match')
    .addOption(checkpointOption())
    .addOption(pairSizeOption())
    .addOption(scaleOption());
  withOutput(withEngine(command))
    .addHelpText(
      'after',
      '\nExamples:\n  cover match runs/xrays a.png b.png --point 120,80 --field\n  cover match runs/ct a.nii.gz b.nii.gz --point 20,31,17',
    )
    .action(async (path: string, a: string, b: string, options: Options) => {
      const { out, point: points = [], levels, size, scale, field = false } = options;
      if (points.length === 0 && !field) {
        throw new InputError('config', 'expected --point or --field, found neither', 'Example: --point 120,80');
      }
      const output = createOutput(options);
      checkFolder(out);
      const model = loadModel(path, chosenOf(path, options));
      if (field) requireField(model);
      const network = await openNetwork(model, options);
      try {
        output.line(`model ${model.source}, step ${model.step}; device ${network.device}`);
        const found = await matchFiles(network, a, b, out, {
          ...{ points, field, levels, size, scale },
          onWarnings: warningsTo(output),
        });
        for (const line of foundLines(found)) output.line(line);
        output.line(`Wrote ${found.written.join(', ')} in ${out}`);
        const written = found.written.map((name) => join(out, name));
        output.result({ model: model.source, step: model.step, a, b, ...found, written });
      } finally {
        await network.close();
      }
    });
}

function foundLines({ matches, field }: MatchedFiles): string[] {
  return [...matches.map(pointLine), ...(field ? fieldLines(field) : [])];
}

function pointLine({ from, to, similarity }: FoundPoint): string {
  return `A ${show(from)}  ->  B ${show(to)}   similarity ${similarity.toFixed(3)}`;
}

function fieldLines({ shape, meanLength, largestLength, differenceBefore, differenceAfter }: FieldMeasures): string[] {
  const [elements, unit] = shape.length === 3 ? ['voxels', 'voxels'] : ['pixels', 'px'];
  return [
    `field on ${shape.join(' x ')} ${elements}: mean ${meanLength.toFixed(2)} ${unit}, largest ${largestLength.toFixed(2)} ${unit}`,
    `difference of A and B ${differenceBefore.toFixed(3)}, after warping ${differenceAfter.toFixed(3)}`,
  ];
}

/** `x,y`, or `z,y,x` of a volume. */
function show({ x, y, z }: Point): string {
  return (z === undefined ? [x, y] : [z, y, x]).map((value) => Number(value.toFixed(1))).join(',');
}
