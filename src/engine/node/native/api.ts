/**
 * ONNX Runtime's C interface, of the library that onnxruntime-node brings along: a table of functions whose order never
 * changes (`OrtApi` in onnxruntime_c_api.h). Sessions that are made by it can have operators of our own, and write
 * their results where they are asked to.
 */
import { accessSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import type { LibraryHandle, TypeObject } from 'koffi';

/** The version of the table that is asked for: the first that has all that is called. */
const VERSION = 19;

/** Where a function stands in the table, and what it takes; `P` is an address, `O` an array or an address. */
const table = {
  getErrorMessage: [2, 'const char *', 'P'],
  createEnv: [3, 'P', 'int', 'str', 'O'],
  createSessionFromArray: [8, 'P', 'P', 'O', 'size_t', 'P', 'O'],
  run: [9, 'P', 'P', 'P', 'O', 'O', 'size_t', 'O', 'size_t', 'O'],
  createSessionOptions: [10, 'P', 'O'],
  enableProfiling: [14, 'P', 'P', 'str'],
  disableMemPattern: [17, 'P', 'P'],
  setGraphOptimizationLevel: [23, 'P', 'P', 'int'],
  setIntraOpNumThreads: [24, 'P', 'P', 'int'],
  createCustomOpDomain: [26, 'P', 'str', 'O'],
  customOpDomainAdd: [27, 'P', 'P', 'P'],
  addCustomOpDomain: [28, 'P', 'P', 'P'],
  sessionGetInputCount: [30, 'P', 'P', 'O'],
  sessionGetOutputCount: [31, 'P', 'P', 'O'],
  sessionGetOutputTypeInfo: [34, 'P', 'P', 'size_t', 'O'],
  sessionGetInputName: [36, 'P', 'P', 'size_t', 'P', 'O'],
  sessionGetOutputName: [37, 'P', 'P', 'size_t', 'P', 'O'],
  createTensorWithData: [49, 'P', 'P', 'O', 'size_t', 'O', 'size_t', 'int', 'O'],
  castTypeInfoToTensorInfo: [55, 'P', 'P', 'O'],
  getTensorElementType: [60, 'P', 'P', 'O'],
  getDimensionsCount: [61, 'P', 'P', 'O'],
  getDimensions: [62, 'P', 'P', 'O', 'size_t'],
  createCpuMemoryInfo: [69, 'P', 'int', 'int', 'O'],
  getAllocator: [78, 'P', 'O'],
  releaseStatus: [93, 'void', 'P'],
  releaseSession: [95, 'void', 'P'],
  releaseValue: [96, 'void', 'P'],
  releaseTypeInfo: [98, 'void', 'P'],
  releaseSessionOptions: [100, 'void', 'P'],
  sessionEndProfiling: [110, 'P', 'P', 'P', 'O'],
  addSessionConfigEntry: [130, 'P', 'P', 'str', 'str'],
  getIntegers: [163, 'P', 'P', 'str', 'O', 'O'],
} as const;

/** Functions that machine code calls. */
const addresses = { getData: 51, getInput: 90, getOutput: 91, parallelFor: 274 } as const;

type Name = keyof typeof table;
type Call = (...values: unknown[]) => unknown;

export type Api = Readonly<Record<Name, Call>> & {
  /** Calls a function that answers with a status. @throws with the runtime's message */
  check(status: unknown): void;
  /** What a call that answers with a status writes where its last parameter points to. @throws likewise */
  made(call: (to: BigUint64Array) => unknown): bigint;
  /** The text that ends with a zero. */
  textAt(address: bigint): string;
  readonly allocator: bigint;
  readonly at: Readonly<Record<keyof typeof addresses, bigint>>;
};

const types: Readonly<Record<string, string>> = { P: 'uintptr_t', O: 'void *', str: 'const char *' };

/** @throws when the package has none for Linux on x86-64 */
export function libraryPath(): string {
  const folder = dirname(createRequire(import.meta.url).resolve('onnxruntime-node/package.json'));
  const path = join(folder, 'bin/napi-v6/linux/x64/libonnxruntime.so.1');
  accessSync(path);
  return path;
}

/** `RTLD_NOW` of Linux. */
const NOW = 2;

export function openApi(): Api {
  const koffi = createRequire(import.meta.url)('koffi') as typeof import('koffi');
  const path = libraryPath();
  // What is opened by koffi alone is taken out of memory when nothing refers to it, with threads that still run.
  koffi.load(null).func('void *dlopen(const char *path, int flags)')(path, NOW);
  const library: LibraryHandle = koffi.load(path);
  const base = library.func('OrtGetApiBase', 'void *', [])() as bigint;
  const [getApi] = pointers(koffi, base, 1);
  const api = koffi.call(getApi, koffi.proto('void *', ['uint32_t']), VERSION) as bigint | null;
  if (!api) throw new Error(`the library has no interface of version ${VERSION}`);
  const functions = pointers(koffi, api, 300);
  const declared = Object.entries(table).map(([name, [index, result, ...parameters]]) => {
    const type: TypeObject = koffi.proto(
      types[result] ?? result,
      parameters.map((parameter) => types[parameter] ?? parameter),
    );
    return [name, koffi.decode(functions[index]!, type) as Call] as const;
  });
  const calls = Object.fromEntries(declared) as Record<Name, Call>;
  const check = (status: unknown) => {
    if (Number(status) === 0) return;
    const message = calls.getErrorMessage(status) as string;
    calls.releaseStatus(status);
    throw new Error(message);
  };
  const made = (call: (to: BigUint64Array) => unknown) => {
    const to = new BigUint64Array(1);
    check(call(to));
    return to[0]!;
  };
  return {
    ...calls,
    check,
    made,
    textAt: (address) => koffi.decode(address, 'char', -1) as string,
    allocator: made((to) => calls.getAllocator(to)),
    at: Object.fromEntries(Object.entries(addresses).map(([name, index]) => [name, functions[index]!])) as Api['at'],
  };
}

/** Addresses that lie one after the other. */
function pointers(koffi: typeof import('koffi'), at: bigint, count: number): bigint[] {
  return Array.from(new BigUint64Array(koffi.view(at, 8 * count)));
}
