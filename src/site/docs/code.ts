/** Code with its parts told apart by classes; no colour is written into the page. */
import hljs from 'highlight.js/lib/core';
import bash from 'highlight.js/lib/languages/bash';
import javascript from 'highlight.js/lib/languages/javascript';
import json from 'highlight.js/lib/languages/json';
import python from 'highlight.js/lib/languages/python';
import shell from 'highlight.js/lib/languages/shell';
import typescript from 'highlight.js/lib/languages/typescript';
import xml from 'highlight.js/lib/languages/xml';
import yaml from 'highlight.js/lib/languages/yaml';
import { escaped } from './escape.js';

const grammars = { bash, javascript, json, python, shell, typescript, xml, yaml };
for (const [name, grammar] of Object.entries(grammars)) hljs.registerLanguage(name, grammar);

/** What stands behind a fence, and endings of files. */
const languages: Readonly<Record<string, keyof typeof grammars>> = {
  bash: 'bash',
  sh: 'bash',
  js: 'javascript',
  mjs: 'javascript',
  json: 'json',
  py: 'python',
  python: 'python',
  ts: 'typescript',
  html: 'xml',
  yaml: 'yaml',
};

export const isKnownLanguage = (language: string): boolean => language in languages;

/**
 * Of what no language is named the lines that begin with `$ ` are commands, and the others what they print.
 * @throws Error for a language that is not known
 */
export function codeHtml(text: string, language: string): string {
  if (language === '') return /^\$ /m.test(text) ? hljs.highlight(text, { language: 'shell' }).value : escaped(text);
  const known = languages[language];
  if (known) return hljs.highlight(text, { language: known }).value;
  throw new Error(`expected a block of ${Object.keys(languages).join(', ')} or of no language, found ${language}`);
}

/** A block that is scrolled with the keyboard, too. */
export function codeBlock(text: string, language: string): string {
  return `<pre tabindex="0"><code>${codeHtml(text, language)}</code></pre>\n`;
}
