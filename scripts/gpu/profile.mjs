// What the runtime's record of several runs says of one: nodes by place and operator, what crosses between device and
// CPU, and where it was measured the device's own time by kind of program.

/** Runs at the beginning that compile and fill caches. */
const COLD = 2;

/** @param events those of ONNX Runtime's profile @param runs how many it holds */
export function summary(events, runs) {
  const ends = events.filter(({ name }) => name === 'SequentialExecutor::Execute');
  const from = ends.at(Math.min(COLD, runs - 1))?.ts ?? 0;
  const counted = ends.filter(({ ts }) => ts >= from).length || 1;
  const nodes = events.filter(({ cat, name, ts }) => cat === 'Node' && name.endsWith('_kernel_time') && ts >= from);
  const places = {};
  const crossing = { toCpu: { count: 0, bytes: 0 }, toDevice: { count: 0, bytes: 0 } };
  for (const { args, dur } of nodes) {
    const place = String(args.provider).replace('ExecutionProvider', '');
    places[place] ??= {};
    places[place][args.op_name] ??= { nodes: 0, hostMs: 0 };
    const row = places[place][args.op_name];
    row.nodes += 1 / counted;
    row.hostMs += dur / 1000 / counted;
    const way = { MemcpyToHost: 'toCpu', MemcpyFromHost: 'toDevice' }[args.op_name];
    if (!way) continue;
    crossing[way].count += 1 / counted;
    crossing[way].bytes += Number(args.output_size) / counted;
  }
  return { runs: counted, places, crossing, device: deviceTime(events, runs) };
}

/** The device's clock starts elsewhere: its events are cut into runs by their number. */
function deviceTime(events, runs) {
  const programs = events.filter(({ cat }) => cat === 'Api').sort((a, b) => a.ts - b.ts);
  if (programs.length === 0) return null;
  const each = Math.floor(programs.length / runs);
  const warm = programs.slice(-each);
  const kinds = {};
  const largest = [];
  for (const { name, dur, args } of warm) {
    const [, op, program] = name.split('&');
    const kind = program ?? op ?? name;
    kinds[kind] ??= { programs: 0, ms: 0 };
    const row = kinds[kind];
    row.programs++;
    row.ms += dur / 1000;
    largest.push({ ms: dur / 1000, name, shapes: args?.shapes });
  }
  const sorted = Object.fromEntries(Object.entries(kinds).sort(([, a], [, b]) => b.ms - a.ms));
  return {
    programs: warm.length,
    ms: warm.reduce((sum, { dur }) => sum + dur / 1000, 0),
    kinds: sorted,
    largest: largest.sort((a, b) => b.ms - a.ms).slice(0, 40),
  };
}
