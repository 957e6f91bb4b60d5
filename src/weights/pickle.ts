/**
 * Reads Python pickles (protocols 2 to 5) as data. A pickle is a program for a small stack machine; this machine knows
 * the values of Python and a list of allowed globals, each with a function of ours. It never imports, looks up or runs
 * anything that a file names: a global that is not on the list ends the reading, with its name in the message.
 */
import { InputError } from '../core/errors.js';
import { Cursor } from './cursor.js';
import { type PickleCall, PickleGlobal, type PickleValue } from './pickle-value.js';
import { quote } from './quote.js';

export interface PickleOptions {
  /** The file's name, for messages. */
  readonly source: string;
  /** Every allowed global as `module.name`; null for one that may be named but not called. */
  readonly globals: ReadonlyMap<string, PickleCall | null>;
  /** What a persistent id stands for. Without it, persistent ids are refused. */
  readonly persistent?: PickleCall;
}

/** A value and the offset after it, for files with several pickles in a row. */
export interface PickleResult {
  readonly value: PickleValue;
  readonly end: number;
}

/**
 * Reads one pickle.
 * @param start The offset of its first byte.
 * @throws InputError ('weights') when the pickle is cut short or not valid, or names a global that is not allowed.
 */
export function readPickle(bytes: Uint8Array, start: number, options: PickleOptions): PickleResult {
  const machine = new Machine(bytes, start, options);
  const value = machine.run();
  return { value, end: machine.input.position };
}

const HIGHEST_PROTOCOL = 5;
const STOP = 0x2e;

class Machine {
  readonly input: Cursor;
  private stack: PickleValue[] = [];
  /** The stacks below the open marks. */
  private readonly below: PickleValue[][] = [];
  private readonly memo = new Map<number, PickleValue>();
  private opcodeAt: number;
  /** What each operation does; any other is refused. */
  private readonly operations = new Map<number, () => void>([
    [0x80, () => this.protocol(this.input.uint8())], // PROTO
    [0x95, () => this.frame()], // FRAME
    [0x4e, () => this.push(null)], // NONE
    [0x88, () => this.push(true)], // NEWTRUE
    [0x89, () => this.push(false)], // NEWFALSE
    [0x4b, () => this.push(this.input.uint8())], // BININT1
    [0x4d, () => this.push(this.input.uint16())], // BININT2
    [0x4a, () => this.push(this.input.int32())], // BININT
    [0x8a, () => this.push(this.input.integer(this.input.uint8()))], // LONG1
    [0x8b, () => this.push(this.input.integer(this.input.uint32()))], // LONG4
    [0x47, () => this.push(this.input.float64())], // BINFLOAT
    [0x8c, () => this.push(this.input.text(this.input.uint8()))], // SHORT_BINUNICODE
    [0x55, () => this.push(this.input.text(this.input.uint8()))], // SHORT_BINSTRING
    [0x58, () => this.push(this.input.text(this.input.uint32()))], // BINUNICODE
    [0x54, () => this.push(this.input.text(this.input.uint32()))], // BINSTRING
    [0x8d, () => this.push(this.input.text(this.input.length64()))], // BINUNICODE8
    [0x43, () => this.push(this.input.take(this.input.uint8()))], // SHORT_BINBYTES
    [0x42, () => this.push(this.input.take(this.input.uint32()))], // BINBYTES
    [0x8e, () => this.push(this.input.take(this.input.length64()))], // BINBYTES8
    [0x5d, () => this.push([])], // EMPTY_LIST
    [0x29, () => this.push([])], // EMPTY_TUPLE
    [0x7d, () => this.push(new Map())], // EMPTY_DICT
    [0x28, () => this.mark()], // MARK
    [0x74, () => this.push(this.popToMark())], // TUPLE
    [0x6c, () => this.push(this.popToMark())], // LIST
    [0x85, () => this.push(this.popMany(1))], // TUPLE1
    [0x86, () => this.push(this.popMany(2))], // TUPLE2
    [0x87, () => this.push(this.popMany(3))], // TUPLE3
    [0x64, () => this.dict(this.popToMark())], // DICT
    [0x61, () => this.append(this.popMany(1))], // APPEND
    [0x65, () => this.append(this.popToMark())], // APPENDS
    [0x73, () => this.setItems(this.popMany(2))], // SETITEM
    [0x75, () => this.setItems(this.popToMark())], // SETITEMS
    [0x30, () => this.drop()], // POP
    [0x31, () => this.dropToMark()], // POP_MARK
    [0x32, () => this.push(this.top())], // DUP
    [0x71, () => this.put(this.input.uint8())], // BINPUT
    [0x72, () => this.put(this.input.uint32())], // LONG_BINPUT
    [0x94, () => this.put(this.memo.size)], // MEMOIZE
    [0x68, () => this.get(this.input.uint8())], // BINGET
    [0x6a, () => this.get(this.input.uint32())], // LONG_BINGET
    [0x63, () => this.global(this.input.line(), this.input.line())], // GLOBAL
    [0x69, () => this.instance()], // INST
    [0x93, () => this.stackGlobal()], // STACK_GLOBAL
    [0x52, () => this.reduce()], // REDUCE
    [0x62, () => this.build()], // BUILD
    [0x51, () => this.persistentId()], // BINPERSID
  ]);

  constructor(
    bytes: Uint8Array,
    start: number,
    private readonly options: PickleOptions,
  ) {
    this.input = new Cursor(bytes, start, (what, cause) => this.invalid(what, cause));
    this.opcodeAt = start;
  }

  run(): PickleValue {
    for (;;) {
      this.opcodeAt = this.input.position;
      const opcode = this.input.uint8();
      if (opcode === STOP) break;
      const operation = this.operations.get(opcode);
      if (!operation) throw this.invalid(`operation 0x${opcode.toString(16).padStart(2, '0')} is not supported`);
      operation();
    }
    const value = this.pop();
    if (this.stack.length > 0 || this.below.length > 0) throw this.invalid('values are left over at its end');
    return value;
  }

  private protocol(version: number): void {
    if (version > HIGHEST_PROTOCOL) {
      throw this.invalid(`protocol should be at most ${HIGHEST_PROTOCOL}, found ${version}`);
    }
  }

  /** The length of what follows, which is a hint for buffering; the operations within it are read as any other. */
  private frame(): void {
    this.input.length64();
  }

  private mark(): void {
    this.below.push(this.stack);
    this.stack = [];
  }

  private drop(): void {
    this.pop();
  }

  private dropToMark(): void {
    this.popToMark();
  }

  private dict(items: PickleValue[]): void {
    this.push(new Map());
    this.setItems(items);
  }

  private append(items: PickleValue[]): void {
    const list = this.top();
    if (!Array.isArray(list)) throw this.invalid('items are appended to something that is no list');
    for (const item of items) list.push(item);
  }

  private setItems(items: PickleValue[]): void {
    const dict = this.top();
    if (!(dict instanceof Map) || items.length % 2 !== 0) throw this.invalid('items are set without a dict or a value');
    for (let index = 0; index < items.length; index += 2) dict.set(items[index]!, items[index + 1]!);
  }

  private put(index: number): void {
    this.memo.set(index, this.top());
  }

  private get(index: number): void {
    const value = this.memo.get(index);
    if (value === undefined) throw this.invalid(`memo ${index} is read before it is written`);
    this.push(value);
  }

  private global(module: string, name: string): void {
    const full = `${module}.${name}`;
    if (!this.options.globals.has(full)) throw refused(this.options.source, full);
    this.push(new PickleGlobal(full));
  }

  /** Makes an instance of a class at once. No allowed global is made so; the name is read for the message. */
  private instance(): void {
    this.global(this.input.line(), this.input.line());
    throw this.invalid('an instance is made of something that is no class');
  }

  private stackGlobal(): void {
    const [module, name] = this.popMany(2);
    if (typeof module !== 'string' || typeof name !== 'string') throw this.invalid('a global is named by no text');
    this.global(module, name);
  }

  private reduce(): void {
    const [callee, args] = this.popMany(2);
    const call = callee instanceof PickleGlobal ? this.options.globals.get(callee.name) : undefined;
    if (!call || !Array.isArray(args)) throw this.invalid('something that is no function is called');
    this.push(call(args));
  }

  /** State beside the items of an OrderedDict (`_metadata` of a state_dict) is left out; other objects have none. */
  private build(): void {
    this.pop();
    if (!(this.top() instanceof Map)) throw this.invalid('attributes are set on something that is no dict');
  }

  private persistentId(): void {
    const id = this.pop();
    const { persistent } = this.options;
    if (!persistent || !Array.isArray(id)) throw this.invalid('a persistent id is not expected here');
    this.push(persistent(id));
  }

  private push(value: PickleValue): void {
    this.stack.push(value);
  }

  private top(): PickleValue {
    const value = this.stack.at(-1);
    if (value === undefined) throw this.invalid('a value is missing');
    return value;
  }

  private pop(): PickleValue {
    const value = this.stack.pop();
    if (value === undefined) throw this.invalid('a value is missing');
    return value;
  }

  private popMany(count: number): PickleValue[] {
    if (this.stack.length < count) throw this.invalid('a value is missing');
    return this.stack.splice(-count);
  }

  private popToMark(): PickleValue[] {
    const items = this.stack;
    const below = this.below.pop();
    if (below === undefined) throw this.invalid('a mark is missing');
    this.stack = below;
    return items;
  }

  private invalid(what: string, cause?: unknown): InputError {
    return new InputError(
      'weights',
      `${this.options.source}: not a valid pickle, at byte ${this.opcodeAt}: ${what}`,
      'The file may be cut short, damaged or of another kind; copy or save it again.',
      { cause },
    );
  }
}

function refused(source: string, name: string): InputError {
  return new InputError(
    'weights',
    `${source}: names ${quote(name)}, which is not on the list of what a checkpoint may use. Nothing was run.`,
    "Where you trust the file, load it in PyTorch and save only its weights: torch.save(checkpoint['state_dict'], path).",
  );
}
