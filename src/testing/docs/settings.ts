/** The tables of settings in the documentation, made from the schemas: a block between two comments. */
import { flow } from '../../cli/config-text.js';
import { finetuneSchema } from '../../finetune/config.js';
import { configSchema } from '../../pretrain/config.js';
import { describeSettings } from '../../train/config/describe.js';

const schemas = { pretrain: configSchema, finetune: finetuneSchema };

const marked = /(<!-- settings: (pretrain|finetune) -->\n)[\s\S]*?(<!-- end -->)/g;

/** A page with the tables that belong between its marks. */
export function withSettings(page: string): string {
  return page.replace(marked, (_, begin: string, name: keyof typeof schemas, end: string) => {
    const rows = describeSettings(schemas[name]).map(({ path, type, fallback, description }) =>
      row(`\`${path.join('.')}\``, type, `\`${flow(fallback)}\``, description),
    );
    return `${begin}\n${[row('key', 'allowed', 'default', 'meaning'), row('---', '---', '---', '---'), ...rows].join('\n')}\n\n${end}`;
  });
}

/** Whether a page has such a table. */
export const hasSettings = (page: string) => page.search(marked) >= 0;

function row(...cells: readonly string[]): string {
  return `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
}
