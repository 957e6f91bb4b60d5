/** Schemas of the requests that change something. Everything has a limit; nothing unknown is let through. */
import { z } from 'zod';
import { presets } from '../../pretrain/config.js';
import { classNames } from './class-names.js';
import { VOLUME_MASKS, type VolumeMask } from './protocol.js';

/**
 * A path below one of the served folders, with `/` between its parts. What it may be is checked where it is resolved.
 */
const path = z.string().max(4096);
const run = path.min(1);
/** A name that becomes a folder or a file: letters, digits and a few signs, not beginning with a dot or a dash. */
const name = z
  .string()
  .regex(
    /^[\p{L}\p{N}][\p{L}\p{N} ._-]{0,99}$/u,
    'expected a name of letters, digits, spaces, dots, dashes and underscores',
  );
const count = z.int().positive().max(10_000_000);
/** Settings that name a file or a folder: they are set by the server alone. */
const PATHS = ['data.source', 'data.cache', 'data.preset', 'model.from'];
/** `section.key=value`, or one of a few keys without a section; a whole section could bring a path along. */
const setting = z
  .string()
  .regex(/^(\w+(\.\w+)+|method|seed|threads|device)=[^\0\n\r]{0,1000}$/, 'expected section.key=value')
  .refine((text) => !PATHS.includes(text.split('=')[0] ?? ''), 'this setting is chosen in the page');

export const startPretraining = z.strictObject({
  /** Below the folder of the data. */
  folder: path,
  name: name.refine((text) => text !== 'labels', 'expected another name: labels/ holds what is drawn'),
  preset: z.enum(Object.keys(presets)),
  steps: count,
  settings: z.array(setting).max(50).default([]),
  /** The run whose weights it begins with; empty for random ones. */
  from: path.default(''),
});

export const runRequest = z.strictObject({ run });
export const extendRequest = z.strictObject({ run, steps: count });
export const folderRequest = z.strictObject({ folder: path });

export const newProject = z.strictObject({
  name,
  folder: path,
  classes: classNames,
  from: run,
});

export const changeProject = z.strictObject({
  project: name,
  classes: classNames.optional(),
  from: run.optional(),
  restIsBackground: z.boolean().optional(),
});

export const caseRequest = z.strictObject({ project: name, id: z.string().min(1).max(255) });
export const holdRequest = caseRequest.extend({ held: z.boolean() });

export const exportRequest = z.strictObject({
  project: name,
  format: z.enum(Object.keys(VOLUME_MASKS) as VolumeMask[]),
});

export const trainRequest = z.strictObject({
  project: name,
  steps: count,
  /** Whether labels that were transferred are trained on, too. */
  transferred: z.boolean().default(false),
  settings: z.array(setting).max(50).default([]),
});

export const projectName = name;
