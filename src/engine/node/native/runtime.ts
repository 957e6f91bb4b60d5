/**
 * Sessions on the CPU by the runtime's C interface. Results are written where they are asked to, or into a new array,
 * without a copy; onnxruntime-node copies each.
 */
import type { Tensor } from 'onnxruntime-common';
import { sizeOf } from '../../../core/tensor.js';
import type { Vectors } from '../../../kernels/assembled.js';
import { elementTypes } from '../../../onnx/surroundings.js';
import type { Runtime, Session, SessionNeeds } from '../../runtime.js';
import { type Api, openApi } from './api.js';
import { systemMemory } from './memory.js';
import { customOperators } from './operators.js';

/** Levels of logging: errors. */
const ERRORS = 3;
const [WITHOUT, ALL] = [0, 99];
/** Of a tensor's memory: that of an arena, of the usual kind. */
const [ARENA, DEFAULT_MEMORY] = [1, 0];

let library: { readonly api: Api; readonly environment: bigint } | undefined;

/** The library, and its environment, of which a thread has one. */
export function openLibrary() {
  if (!library) {
    const api = openApi();
    library = { api, environment: api.made((to) => api.createEnv(ERRORS, 'cover', to)) };
  }
  return library;
}

/**
 * @param vectors of the operators of ours @param threads within an operator
 * @param settings of a session, by the runtime's names
 * @param usual makes the sessions of models whose outputs are not of float32 and of shapes that are known: files for
 *   users, which have standard operators alone
 */
export function nativeRuntime(
  vectors: Vectors,
  threads: number,
  settings: Readonly<Record<string, string>>,
  usual: Runtime,
): Runtime {
  const { api, environment } = openLibrary();
  const operators = customOperators(api, systemMemory(), vectors, threads);
  const cpu = api.made((to) => api.createCpuMemoryInfo(ARENA, DEFAULT_MEMORY, to));

  const asValue = (data: Float32Array, shape: readonly number[]) => {
    const extents = BigInt64Array.from(shape.length ? shape : [0], BigInt);
    return api.made((to) =>
      api.createTensorWithData(cpu, data, data.byteLength, extents, shape.length, elementTypes.float32, to),
    );
  };

  const createSession = async (model: Uint8Array, needs: SessionNeeds): Promise<Session> => {
    const options = api.made((to) => api.createSessionOptions(to));
    const made = (() => {
      try {
        api.check(api.setIntraOpNumThreads(options, threads));
        api.check(api.disableMemPattern(options));
        api.check(api.setGraphOptimizationLevel(options, needs.optimise ? ALL : WITHOUT));
        for (const [key, value] of Object.entries(settings)) api.check(api.addSessionConfigEntry(options, key, value));
        if (needs.profile) api.check(api.enableProfiling(options, needs.profile));
        api.check(api.addCustomOpDomain(options, operators.domain));
        return operators.during(() =>
          api.made((to) => api.createSessionFromArray(environment, model, model.length, options, to)),
        );
      } finally {
        api.releaseSessionOptions(options);
      }
    })();
    const { session } = made;
    const inputs = namesOf(api, session, api.sessionGetInputCount, api.sessionGetInputName);
    const outputs = namesOf(api, session, api.sessionGetOutputCount, api.sessionGetOutputName);
    const release = async () => {
      api.releaseSession(session);
      made.release();
    };
    const shapes = outputs.names.map((_, k) => shapeOf(api, session, k)).filter((shape) => shape !== null);
    if (shapes.length < outputs.names.length) {
      await release();
      return usual.createSession(model, needs);
    }

    const run: Session['run'] = async (feeds, fetches = {}) => {
      const results: Record<string, Tensor> = {};
      const values: bigint[] = [];
      const make = (tensor: { readonly data: unknown; readonly dims: readonly number[] }) => {
        const value = asValue(tensor.data as Float32Array, tensor.dims);
        values.push(value);
        return value;
      };
      try {
        const given = BigUint64Array.from(inputs.names, (name) => {
          const feed = feeds[name];
          if (!feed) throw new Error(`the program's input "${name}" is missing`);
          return make(feed as Tensor);
        });
        const taken = BigUint64Array.from(outputs.names, (name, k) => {
          const shape = shapes[k]!;
          const result = fetches[name] ?? new usual.Tensor('float32', new Float32Array(sizeOf(shape)), shape);
          results[name] = result as Tensor;
          return make(results[name]);
        });
        const { length: count } = outputs.names;
        api.check(api.run(session, 0n, inputs.at, given, given.length, outputs.at, count, taken));
      } finally {
        for (const value of values) api.releaseValue(value);
      }
      return results;
    };
    return {
      inputNames: inputs.names,
      outputNames: outputs.names,
      run,
      endProfiling: () => void api.made((to) => api.sessionEndProfiling(session, api.allocator, to)),
      release,
    };
  };
  return { ...usual, createSession };
}

/** The names of a session's inputs or outputs, and where they lie for its calls. */
function namesOf(api: Api, session: bigint, count: Api['run'], nameAt: Api['run']) {
  const total = Number(api.made((to) => count(session, to)));
  const at = BigUint64Array.from({ length: total }, (_, k) => api.made((to) => nameAt(session, k, api.allocator, to)));
  return { names: Array.from(at, api.textAt), at };
}

/** The shape of an output of float32; null where it has another type, or an extent that is not known beforehand. */
function shapeOf(api: Api, session: bigint, output: number): readonly number[] | null {
  const information = api.made((to) => api.sessionGetOutputTypeInfo(session, output, to));
  const tensor = api.made((to) => api.castTypeInfoToTensorInfo(information, to));
  const type = new Int32Array(1);
  api.check(api.getTensorElementType(tensor, type));
  const count = Number(api.made((to) => api.getDimensionsCount(tensor, to)));
  const extents = new BigInt64Array(Math.max(count, 1));
  api.check(api.getDimensions(tensor, extents, count));
  api.releaseTypeInfo(information);
  const shape = Array.from(extents.subarray(0, count), Number);
  return type[0] === elementTypes.float32 && shape.every((extent) => extent >= 0) ? shape : null;
}
