/** The faults that are known, in a file that may only become shorter: a line that is no longer true has to go. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from '../docs/pages.js';
import { circlesOfFiles, circlesOfFolders, namedMethods, ofNode, sidewaysArrows, upwardArrows } from './faults.js';
import { readImports, type SourceFile } from './imports.js';

export const exceptionsFile = join(root, 'src/testing/rooms/exceptions.json');

/** By rule. */
export type Faults = Readonly<Record<string, readonly string[]>>;

export function faultsOf(imports: ReadonlyMap<string, SourceFile>): Faults {
  return {
    'imports go down': upwardArrows(imports),
    'a method, a task and a format know no other': sidewaysArrows(imports),
    'a method of pretraining is named by its registry alone': namedMethods(imports),
    'no circle of files': circlesOfFiles(imports),
    'no circle of folders': circlesOfFolders(imports),
    'rooms that work anywhere reach nothing of Node': ofNode(imports),
  };
}

export const knownFaults = (): Faults => JSON.parse(readFileSync(exceptionsFile, 'utf8')) as Faults;

export const ownImports = () => readImports(join(root, 'src'));
