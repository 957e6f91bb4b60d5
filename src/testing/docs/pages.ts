/** The pages of the documentation and their blocks of code, with what stands in a comment before a block. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The folder of the package. */
export const root = fileURLToPath(new URL('../../..', import.meta.url));

export interface Page {
  /** Relative to the package, such as `docs/using.md`. */
  readonly path: string;
  readonly text: string;
}

export interface Block {
  readonly page: string;
  /** Of the block's first line of code, from 1. */
  readonly line: number;
  /** What stands behind the fence: `ts`, `sh`, `yaml`, …; empty for a transcript. */
  readonly language: string;
  readonly text: string;
  /** `<!-- given: … -->` before the block: declarations that the reader has in mind. */
  readonly given: string;
  /** `<!-- not run: … -->` before the block: why it is only checked. */
  readonly notRun: string | null;
}

/** README, what lies beside it, and every page of docs/. */
export function pages(): Page[] {
  const beside = readdirSync(root).filter((name) => name.endsWith('.md'));
  const docs = readdirSync(join(root, 'docs')).filter((name) => name.endsWith('.md'));
  return [...beside, ...docs.map((name) => `docs/${name}`)].map((path) => ({
    path,
    text: readFileSync(join(root, path), 'utf8'),
  }));
}

/** The fenced blocks of a page. */
export function blocksOf({ path, text }: Page): Block[] {
  const blocks: Block[] = [];
  const fence = /((?:^<!--[\s\S]*?-->\n)*)^```([^\n]*)\n([\s\S]*?)^```$/gm;
  for (const { index, 1: comments = '', 2: language = '', 3: body = '' } of text.matchAll(fence)) {
    const line = text.slice(0, index + comments.length).split('\n').length + 1;
    blocks.push({
      page: path,
      line,
      language,
      text: body,
      given: /<!-- given:([\s\S]*?)-->/.exec(comments)?.[1]?.trim() ?? '',
      notRun: /<!-- not run: ([\s\S]*?) -->/.exec(comments)?.[1] ?? null,
    });
  }
  return blocks;
}

/** All blocks of all pages. */
export const allBlocks = (): Block[] => pages().flatMap(blocksOf);
