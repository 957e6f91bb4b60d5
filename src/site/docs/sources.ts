/** Pages for what the documentation names in the project: code in colours, and what lies in a folder. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { codeBlock, isKnownLanguage } from './code.js';
import { escaped } from './escape.js';
import type { Article } from './markdown.js';

/** @param path of the file within the project */
export function codeArticle(root: string, path: string): Article {
  const language = /\.(\w+)$/.exec(path)?.[1] ?? '';
  const text = readFileSync(join(root, path), 'utf8');
  const html = codeBlock(text, isKnownLanguage(language) ? language : '');
  return { title: path, html: `<h1>${escaped(path)}</h1>\n${html}`, headings: [] };
}

/** The modules of a folder, each with the first sentence of what it says of itself. */
export function folderArticle(root: string, path: string): Article {
  const modules = readdirSync(join(root, path), { recursive: true, encoding: 'utf8' })
    .map((name) => name.replaceAll('\\', '/'))
    .filter((name) => name.endsWith('.ts') && !name.endsWith('.test.ts'))
    .sort();
  const rows = modules.map((name) => {
    const purpose = purposeOf(readFileSync(join(root, path, name), 'utf8'));
    return `<tr><th scope="row"><code>${escaped(name)}</code></th><td>${escaped(purpose)}</td></tr>`;
  });
  const table = `<div class="scroll" tabindex="0"><table><tbody>${rows.join('\n')}</tbody></table></div>\n`;
  return { title: path, html: `<h1>${escaped(path)}</h1>\n${table}`, headings: [] };
}

/** The first sentence of the comment that a module begins with; empty where it begins without one. */
function purposeOf(text: string): string {
  const comment = /^\/\*\*([\s\S]*?)\*\//.exec(text)?.[1] ?? '';
  const plain = comment.replace(/\n \*/g, ' ').replace(/\s+/g, ' ').trim();
  return /^.*?[.:](?=\s|$)/.exec(plain)?.[0].replace(/:$/, '.') ?? plain;
}
