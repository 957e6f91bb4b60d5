/** What stands at the side of every page: the table of docs/README.md, with the titles of its pages. */
import { posix } from 'node:path';
import { lexer, type Token, type Tokens } from 'marked';
import { plainText } from './markdown.js';

export interface Chapter {
  /** What a reader wants. */
  readonly purpose: string;
  /** Pages of the project, such as `docs/using.md`. */
  readonly pages: readonly string[];
}

/** @param source the page with the table, such as `docs/README.md` */
export function chaptersOf(source: string, markdown: string): Chapter[] {
  const table = lexer(markdown).find((token): token is Tokens.Table => token.type === 'table');
  if (!table) throw new Error(`${source}: expected a table of the pages, found none`);
  const seen = new Set<string>();
  return table.rows.map(([purpose, pages]) => ({
    purpose: plainText(purpose!.tokens),
    pages: linksIn(pages!.tokens).flatMap((href) => {
      const page = posix.join(posix.dirname(source), href.split('#')[0]!);
      if (seen.has(page)) return [];
      seen.add(page);
      return [page];
    }),
  }));
}

function linksIn(tokens: readonly Token[]): string[] {
  return tokens.flatMap((token) => [
    ...(token.type === 'link' ? [(token as Tokens.Link).href] : []),
    ...linksIn('tokens' in token ? (token.tokens ?? []) : []),
  ]);
}
