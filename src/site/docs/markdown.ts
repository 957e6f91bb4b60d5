/** Markdown of the project as HTML: places for headings, code in colours, tables that scroll, pictures with sizes. */
import { Marked, type Token, type Tokens } from 'marked';
import { codeBlock } from './code.js';
import { escaped } from './escape.js';

export interface Heading {
  readonly depth: number;
  /** As HTML. */
  readonly title: string;
  readonly anchor: string;
}

export interface Picture {
  readonly address: string;
  readonly width: number;
  readonly height: number;
}

/** What a page asks of the project around it. */
export interface Surroundings {
  /** The address of what a link of the page names; the text of the link stands alone where it is null. */
  address(target: string): string | null;
  picture(target: string): Picture;
}

export interface Article {
  /** The first heading, without markup. */
  readonly title: string;
  readonly html: string;
  readonly headings: readonly Heading[];
}

/** The place of a heading, as GitHub names it. */
export function anchorOf(title: string): string {
  return title
    .toLowerCase()
    .replace(/[^\p{L}\p{N} _-]/gu, '')
    .replaceAll(' ', '-');
}

/** @throws Error for a page without a heading, for HTML other than comments, and for what `surroundings` refuses */
export function articleOf(markdown: string, surroundings: Surroundings): Article {
  const headings: Heading[] = [];
  let title = '';
  const marked = new Marked({
    renderer: {
      heading({ tokens, depth, text }) {
        const anchor = unused(anchorOf(text), headings);
        const html = this.parser.parseInline(tokens);
        if (depth === 1 && title === '') title = plainText(tokens);
        headings.push({ depth, title: html, anchor });
        const link = `<a class="anchor" href="#${anchor}" aria-label="Link to ${escaped(plainText(tokens))}">#</a>`;
        return `<h${depth} id="${anchor}">${html}${depth > 1 ? ` ${link}` : ''}</h${depth}>\n`;
      },
      code: ({ text, lang = '' }) => codeBlock(text, lang),
      link({ href, tokens }) {
        const text = this.parser.parseInline(tokens);
        if (/^[a-z]+:/i.test(href)) return `<a href="${escaped(href)}" rel="external noreferrer">${text}</a>`;
        const address = surroundings.address(href);
        return address === null ? text : `<a href="${escaped(address)}">${text}</a>`;
      },
      image({ href, text }) {
        const { address, width, height } = surroundings.picture(href);
        const size = `width="${width}" height="${height}"`;
        return `<img src="${escaped(address)}" alt="${escaped(text)}" ${size} loading="lazy" decoding="async">`;
      },
      table({ header, align, rows }) {
        const cell = (name: 'th' | 'td', { tokens }: Tokens.TableCell, column: number) => {
          const side = align[column] === 'right' ? ' class="number"' : '';
          const scope = name === 'th' ? ' scope="col"' : '';
          return `<${name}${scope}${side}>${this.parser.parseInline(tokens)}</${name}>`;
        };
        const row = (name: 'th' | 'td', cells: readonly Tokens.TableCell[]) =>
          `<tr>${cells.map((one, column) => cell(filled(one) ? name : 'td', one, column)).join('')}</tr>`;
        const head = header.some(filled) ? `<thead>${row('th', header)}</thead>` : '';
        const body = rows.map((cells) => row('td', cells)).join('\n');
        return `<div class="scroll" tabindex="0"><table>${head}<tbody>${body}</tbody></table></div>\n`;
      },
      html({ text }) {
        if (text.replace(/<!--[\s\S]*?-->/g, '').trim() === '') return '';
        throw new Error(`expected no HTML but comments, found ${text.trim().slice(0, 60)}`);
      },
    },
  });
  const html = marked.parse(markdown, { async: false });
  if (title === '') throw new Error('expected a heading of the first level, found none');
  return { title, html, headings };
}

const filled = ({ text }: Tokens.TableCell) => text.trim() !== '';

/** Headings of one name are counted, as GitHub does. */
function unused(anchor: string, headings: readonly Heading[]): string {
  const taken = new Set(headings.map((heading) => heading.anchor));
  for (let count = 0; ; count++) {
    const name = count === 0 ? anchor : `${anchor}-${count}`;
    if (!taken.has(name)) return name;
  }
}

export function plainText(tokens: readonly Token[]): string {
  return tokens.map((token) => ('tokens' in token && token.tokens ? plainText(token.tokens) : textOf(token))).join('');
}

const textOf = (token: Token) => ('text' in token ? String(token.text) : '');
