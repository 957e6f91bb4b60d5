/**
 * The documentation as files of a site: the README, every page of docs/, and what they name in the project, from link
 * to link.
 */
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join, posix } from 'node:path';
import sharp from 'sharp';
import { chaptersOf } from './contents.js';
import { framed } from './frame.js';
import { type Article, articleOf, type Picture, type Surroundings } from './markdown.js';
import { pathBetween, placeOfPage } from './paths.js';
import { codeArticle, folderArticle } from './sources.js';

/** Files of the site by their places. */
export type SiteFiles = Map<string, string | Uint8Array>;

const CONTENTS = 'docs/README.md';
const PICTURES = /\.(png|svg)$/;

/**
 * @param root of the project
 * @param bar further addresses for the bar, such as the playground's
 * @throws Error that names every link that leads nowhere, and pages that the contents do not name
 */
export async function documentation(
  root: string,
  bar: readonly (readonly [place: string, name: string])[],
): Promise<SiteFiles> {
  const files: SiteFiles = new Map();
  const articles = new Map<string, Article>();
  const problems: string[] = [];
  const waiting = ['README.md', CONTENTS];
  const known = new Set(waiting);
  const sizes = new Map<string, Picture>();
  const find = (source: string) => {
    if (known.has(source)) return;
    known.add(source);
    waiting.push(source);
  };

  /** The path within the project that a link of a page names; null, and noted, where nothing is there. */
  const named = (page: string, target: string): string | null => {
    const path = posix.join(posix.dirname(page), target);
    if (!path.startsWith('..') && existsSync(join(root, path))) return path.replace(/\/$/, '');
    problems.push(`${page}: ${target} leads nowhere`);
    return null;
  };
  const surroundings = (page: string): Surroundings => {
    const place = placeOf(root, page);
    return {
      address(target) {
        const [file = '', anchor] = target.split('#');
        if (file === '') return target;
        const path = named(page, file);
        if (path === null) return null;
        find(path);
        return pathBetween(place, placeOf(root, path)) + (anchor === undefined ? '' : `#${anchor}`);
      },
      picture(target) {
        const path = named(page, target) ?? target;
        const { width = 0, height = 0 } = sizes.get(path) ?? {};
        if (existsSync(join(root, path))) files.set(path, readFileSync(join(root, path)));
        return { address: pathBetween(place, path), width, height };
      },
    };
  };

  for (const path of readdirSync(join(root, 'docs')).map((name) => `docs/${name}`)) {
    if (!PICTURES.test(path)) continue;
    const { width, height } = await sharp(join(root, path)).metadata();
    sizes.set(path, { address: path, width, height });
  }
  for (let source = waiting.shift(); source !== undefined; source = waiting.shift()) {
    const path = source;
    try {
      if (path.endsWith('.md')) {
        articles.set(path, articleOf(readFileSync(join(root, path), 'utf8'), surroundings(path)));
      } else if (statSync(join(root, path)).isDirectory()) articles.set(path, folderArticle(root, path));
      else articles.set(path, codeArticle(root, path));
    } catch (error) {
      problems.push(`${path}: ${(error as Error).message}`);
    }
  }
  const chapters = chaptersOf(CONTENTS, readFileSync(join(root, CONTENTS), 'utf8'));
  const listed = new Set([CONTENTS, ...chapters.flatMap(({ pages }) => pages)]);
  for (const name of readdirSync(join(root, 'docs'))) {
    if (name.endsWith('.md') && !listed.has(`docs/${name}`))
      problems.push(`docs/${name}: ${CONTENTS} does not name it`);
  }
  if (problems.length) throw new Error(problems.join('\n'));

  const titles = new Map([...articles].map(([path, { title }]) => [path, title]));
  const links = [['index.html', 'COVER'] as const, [placeOfPage(CONTENTS), 'Documentation'] as const, ...bar];
  for (const [path, article] of articles) {
    const place = placeOf(root, path);
    files.set(place, framed(place, article, { chapters, titles, bar: links.slice(1) }));
  }
  return files;
}

/** Where what a link names lies in the site. */
function placeOf(root: string, path: string): string {
  if (path.endsWith('.md')) return placeOfPage(path);
  return statSync(join(root, path)).isDirectory() ? `${path}/index.html` : `${path}.html`;
}
