/** What lies on this computer, copied into the page. */
import { lastName } from '../../../core/names';
import { isVolumeName, stemOf } from '../../../data/file-names';
import { pretrainingOf, SCRATCH } from '../../answers/pretraining';
import { asPng } from './as-png';
import { dataOf } from './data-of';
import type { Added, AddedFile, Place } from './place';
import { addressOf, at, places } from './places';

/** Images that are sent to the page's place at once. */
const AT_ONCE = 16;

/**
 * Copies the images of a folder as PNG of 8 or 16 bits a channel, volumes as the files that they are.
 * @param from and `to`: addresses of folders
 */
export async function copyFolder(from: string, to: string, onProgress: (text: string) => void): Promise<Added> {
  const source = at(from);
  const { entries, more } = await dataOf(from);
  const images = entries.filter(({ kind }) => kind === 'image');
  const volumes = entries
    .filter(({ kind }) => kind !== 'image')
    .map(({ name, path, kind }) => ({ id: kind === 'volume' ? stemOf(name) : name, path }));
  const copied = [
    await copyImages(source.place, images, at(to), onProgress),
    await copyVolumes(source.place, volumes, at(to), onProgress),
  ];
  const left = more > 0 ? [`${more} more files of this folder are not listed, and were not copied`] : [];
  return {
    images: copied.reduce((sum, { images }) => sum + images, 0),
    notes: [...copied.flatMap(({ notes }) => notes), ...left],
  };
}

async function copyImages(
  source: Place,
  images: readonly { readonly name: string; readonly path: string }[],
  target: { readonly place: Place; readonly name: string },
  onProgress: (text: string) => void,
): Promise<Added> {
  let [done, notes]: [number, string[]] = [0, []];
  for (let first = 0; first < images.length; first += AT_ONCE) {
    const files: AddedFile[] = [];
    for (const { name, path } of images.slice(first, first + AT_ONCE)) {
      onProgress(`Copying ${first + files.length + 1} of ${images.length} …`);
      const png = await asPng(await source.image(path));
      files.push({ name: `${name.replace(/\.[^.]+$/, '')}.png`, content: new Blob([png]) });
    }
    const added = await target.place.addImages(target.name, files);
    done += added.images;
    notes = [...notes, ...added.notes];
  }
  return { images: done, notes };
}

/** What became of a project that was copied. */
export interface CopiedProject {
  readonly address: string;
  /** A sentence for each case that is not in the copy. */
  readonly missing: readonly string[];
  /** Whether a project of this name was there, which stays as it is. */
  readonly wasThere: boolean;
}

/**
 * Copies a project of this computer with its images or volumes, its labels and the pretraining that it begins with.
 * Volumes are copied as the files that they are.
 */
export async function copyProject(address: string, onProgress: (text: string) => void): Promise<CopiedProject> {
  const { place: source, name } = at(address);
  const target = places().find(({ facts }) => facts.ownsFiles)?.place;
  if (!target) throw new Error('This page cannot keep files.');
  const project = await source.project(name);
  const known = await target.projects();
  if (known.some((one) => one.name === name)) return { address: addressOf(target, name), missing: [], wasThere: true };
  const into = { place: target, name };
  const volumes = project.caseList.filter(({ volume }) => volume);
  const images = project.caseList.filter(({ volume }) => !volume);
  const named = images.map(({ id, path }) => ({ name: `${id}.png`, path }));
  const notes = [
    ...(await copyImages(source, named, into, onProgress)).notes,
    ...(await copyVolumes(source, volumes, into, onProgress)).notes,
  ];
  const own = pretrainingOf(project) ?? SCRATCH;
  if (own !== SCRATCH) await copyRun(addressOf(source, own), onProgress);
  const { classes, restIsBackground } = project;
  await target.newProject({ name, folder: name, classes, from: own });
  await target.changeProject(name, { restIsBackground });
  const there = new Set((await target.project(name)).caseList.map(({ id }) => id));
  for (const { id, labelled, held } of project.caseList) {
    if (!labelled || !there.has(id)) continue;
    const drawn = await source.drawn(name, id);
    if (drawn) await target.saveDrawn(name, id, Uint8Array.from(drawn));
    if (held) await target.hold(name, id, true);
  }
  const left = project.caseList.filter(({ id }) => !there.has(id)).map(({ id }) => `${id} is not in the copy`);
  return { address: addressOf(target, name), missing: left.length > 0 ? [...left, ...notes] : [], wasThere: false };
}

async function copyVolumes(
  source: Place,
  volumes: readonly { readonly id: string; readonly path: string }[],
  target: { readonly place: Place; readonly name: string },
  onProgress: (text: string) => void,
): Promise<Added> {
  let [done, notes]: [number, string[]] = [0, []];
  for (const [index, { id, path }] of volumes.entries()) {
    onProgress(`Copying ${index + 1} of ${volumes.length} …`);
    const files = await source.filesOf(path);
    // The case names the copy: its file may be a link to one of another name.
    const ending = isVolumeName(path) ? lastName(path).slice(stemOf(path).length) : null;
    const named = files.map(({ name, content }) => ({
      name: ending === null ? `${id}/${name}` : id + ending,
      content,
    }));
    const added = await target.place.addImages(target.name, named);
    done += added.images;
    notes = [...notes, ...added.notes];
  }
  return { images: done, notes };
}

/** Copies a run of this computer, unless the page has one of its name. @returns the address of the copy */
export async function copyRun(address: string, onProgress: (text: string) => void): Promise<string> {
  const { place: source, name } = at(address);
  const target = places().find(({ facts }) => facts.ownsFiles)?.place;
  if (!target) throw new Error('This page cannot keep files.');
  const known = await target.runs();
  if (!known.some(({ id }) => id === name)) {
    onProgress(`Copying the run ${name} …`);
    await target.importRun(name, await source.exportRun(name));
  }
  return addressOf(target, name);
}
