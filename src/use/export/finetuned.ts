/**
 * A fine-tuned network as one ONNX file: an image as it is stored in, probabilities and labels on its own pixels out.
 * Where the network sees windows of an image, or volumes on a grid of their own, the file takes one window, and the
 * metadata say what is done around it.
 */
import { InputError } from '../../core/errors.js';
import { recipeOf } from '../../data/labelled/recipe.js';
import { Graph, type Value } from '../../graph/index.js';
import { unpackParameters } from '../../nn/index.js';
import { encodeOnnx } from '../../onnx/encode.js';
import { type NamedValue, NodeList } from '../../onnx/surroundings.js';
import type { FinetunedModel } from '../finetuned-model.js';
import { type BitDepth, bitDepths, inputText, insideText } from './backbone.js';
import { type ExportPlan, exportPlan } from './plan.js';
import { imageInput, labelling, masking, ownExtents, placing, preparing } from './preparation.js';

/**
 * How a file prepares an image, and what stays outside of it.
 * @throws InputError ('config') for a bit depth of volumes
 */
export function finetunedPlan(model: FinetunedModel, bitDepth?: BitDepth): ExportPlan {
  const volume = recipeOf(model.config).window.length === 3;
  if (volume && bitDepth !== undefined && bitDepth !== 32) {
    throw new InputError(
      'config',
      `expected a bit depth of 32 for a network of volumes, found ${bitDepth}`,
      'Its file takes real values, or values from 0 to 1 as data.intensity makes them.',
    );
  }
  return exportPlan(model.config, bitDepths[bitDepth ?? (volume ? 32 : 8)]);
}

/**
 * Input `image`: float32 `[1, channels, ...S]`. Outputs of a segmentation: `probabilities` `[1, K, ...S]` and, where
 * the file takes whole images, `labels` uint8 `[1, ...S]`, or `masks` `[1, K − 1, ...S]` of classes that overlap; of a
 * classification `probabilities` `[1, K]`.
 */
export function finetunedOnnx(model: FinetunedModel, bitDepth?: BitDepth): Uint8Array {
  const plan = finetunedPlan(model, bitDepth);
  const { preparation } = plan;
  const { theta, specs, task, classes, config } = model;
  const graph = new Graph('gpu'); // The older operator set, which more runtimes know.
  const parameters = new Map<string, Value>();
  for (const [name, { shape, data }] of unpackParameters(theta, specs)) {
    parameters.set(name, graph.constant(data, shape));
  }
  const prepared = graph.input('prepared', [1, preparation.channels, ...preparation.size]);
  const found = task.probabilities(parameters, prepared);
  const before = new NodeList('p');
  preparing(before, preparation, 'prepared');
  const after = new NodeList('q');
  const outputs: NamedValue[] = [];
  const placed = config.task === 'segmentation' && preparation.resize;
  if (placed) {
    const extents = ownExtents(preparation.size.length);
    placing(after, 'seen', classes.length, preparation, 'probabilities');
    outputs.push({ name: 'probabilities', dtype: 'float32', shape: [1, classes.length, ...extents] });
    if (config.data.multiLabel) {
      masking(after, 'probabilities', classes.length, 'masks');
      outputs.push({ name: 'masks', dtype: 'uint8', shape: [1, classes.length - 1, ...extents] });
    } else {
      labelling(after, 'probabilities', 'labels');
      outputs.push({ name: 'labels', dtype: 'uint8', shape: [1, ...extents] });
    }
  } else outputs.push({ name: 'probabilities', dtype: 'float32', shape: found.shape });
  return encodeOnnx(
    { [placed ? 'seen' : 'probabilities']: found },
    {
      names: new Map([...parameters].map(([name, value]) => [value, name])),
      metadata: describe(model, plan),
      surroundings: {
        before: before.nodes,
        after: after.nodes,
        constants: [...before.constants, ...after.constants],
        inputs: [imageInput(preparation)],
        outputs,
      },
    },
  );
}

/** What a user of the file needs to know, as `metadata_props`. */
function describe({ config, classes, step }: FinetunedModel, { preparation, outside }: ExportPlan) {
  const { values } = preparation;
  const { multiLabel } = config.data;
  const decided = multiLabel
    ? 'masks: uint8, 1 where a class (from 1 on) is above 1/2'
    : 'labels: uint8, the most probable class of each pixel';
  return {
    project: 'COVER for TypeScript (cover-ts)',
    task: config.task,
    classes: JSON.stringify(classes),
    input: inputText(preparation),
    inside: insideText(preparation),
    outside: JSON.stringify(outside),
    outputs: [
      multiLabel
        ? 'probabilities of the classes, each for itself; the first is 1 less the largest'
        : 'probabilities of the classes, which sum to 1',
      ...(config.task === 'segmentation' && preparation.resize ? [`on the image's own pixels; ${decided}`] : []),
    ].join(', '),
    // What a reader multiplies a value of [0, 1] with, and adds to it, to have what the file takes.
    scale: String('maximum' in values ? values.maximum : values.upper - values.lower),
    offset: String('maximum' in values ? 0 : values.lower),
    // From whose masks `cover segment` takes pieces smaller than half of the largest one; the file does not.
    islands: JSON.stringify(config.data.removeIslands ?? []),
    steps: String(step),
    config: JSON.stringify(config),
  };
}
