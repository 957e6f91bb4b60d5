/** What methods that predict no displacement field forbid. */
import type { BaseConfig } from './base-config.js';

export function noFields({ run }: Pick<BaseConfig, 'run'>) {
  if (!run.writeFields) return null;
  return { key: ['run', 'writeFields'], expected: 'false, since only the method cover predicts displacement fields' };
}
