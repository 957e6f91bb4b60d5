/** A network for segmentation from the ONNX file that `cover export` wrote: all that is needed is in its metadata. */
import { readFileSync } from 'node:fs';
import { InputError } from '../../core/errors.js';
import { tensor } from '../../core/tensor.js';
import { startEngine } from '../../engine/index.js';
import { onnxMetadata } from '../../onnx/metadata.js';
import { finetuneSchema } from '../config.js';
import type { Segmenter, SegmenterOptions } from './segment.js';

/**
 * @throws InputError ('file') when it cannot be read, ('checkpoint') when it is no segmentation network of `cover export`
 * @example const segmenter = await openOnnxSegmenter('lungs.onnx');
 */
export async function openOnnxSegmenter(path: string, options: SegmenterOptions = {}): Promise<Segmenter> {
  const bytes = readModel(path);
  const metadata = onnxMetadata(bytes, path);
  const parsed = finetuneSchema.safeParse(JSON.parse(metadata.get('config') ?? 'null'));
  const maximum = Number(metadata.get('maximum'));
  if (!parsed.success || parsed.data.task !== 'segmentation' || !(maximum > 0)) {
    throw new InputError(
      'checkpoint',
      `${path}: expected a network for segmentation, found ${metadata.get('task') ?? 'another ONNX model'}`,
      'Write it with cover export RUN --onnx FILE, from a run of cover finetune.',
    );
  }
  const { data, views } = parsed.data;
  const engine = await startEngine({ device: 'cpu', ...options });
  const program = await engine.load(bytes);
  return {
    classes: data.classes,
    channels: data.channels,
    size: data.size,
    window: views.crop,
    flips: views.flips,
    source: path,
    device: engine.device,
    close: () => engine.close(),
    async predict({ shape, data: values }) {
      const stored = values.map((value) => value * maximum);
      const { probabilities } = await engine.run(program, { image: tensor([1, ...shape], stored) });
      return tensor(probabilities!.shape.slice(1), probabilities!.data);
    },
  };
}

function readModel(path: string): Uint8Array {
  try {
    return new Uint8Array(readFileSync(path));
  } catch (cause) {
    throw new InputError('file', `${path}: could not be read (${(cause as Error).message})`, 'Check the path.', {
      cause,
    });
  }
}
