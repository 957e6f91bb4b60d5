/** How graphs are built for a device of this machine. */
import type { Target } from '../../graph/index.js';
import type { Device } from '../engine.js';

export function targetOf(device: Device): Target {
  if (device !== 'cpu') return 'gpu';
  return process.arch === 'x64' ? 'x64' : 'cpu';
}
