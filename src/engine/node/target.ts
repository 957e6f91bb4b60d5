/** How graphs are built for a device of this machine. */
import type { Target } from '../../graph/index.js';
import type { Device } from '../engine.js';
import { ownOperatorsWork } from './native/available.js';

export function targetOf(device: Device): Target {
  if (device !== 'cpu') return 'gpu';
  if (process.arch !== 'x64') return 'cpu';
  return ownOperatorsWork() ? 'own' : 'x64';
}
