/** Looks at every file of a dataset of the page, as `cover doctor` does. */
import { examineFile } from '../../../../browser/examine';
import { isPageVolume } from '../../../../browser/file-kinds';
import { pageHost } from '../../../../browser/host';
import { OpfsStore } from '../../../../browser/opfs-store';
import { formatDoctorReport } from '../../../../data/doctor-text';
import { doctorReport } from '../../../../data/report';
import type { Findings } from '../../../shared/protocol';
import { imagesIn } from './images';

/** Files that are not fit and are listed; all are counted. */
const LISTED = 200;

export async function doctor(folder: string): Promise<Findings> {
  const all = [...(await imagesIn(folder)).values()];
  const volumes = all.filter(isPageVolume);
  const [kind, chosen] =
    volumes.length > all.length / 2
      ? (['volumes', volumes] as const)
      : (['images', all.filter((file) => !isPageVolume(file))] as const);
  const store = new OpfsStore('data');
  const { digest } = pageHost();
  const found = [];
  for (const file of chosen) {
    found.push(await examineFile(store, file, { kind, minimumSize: null, slices: null }, digest));
  }
  const report = doctorReport(kind, found);
  const bad = report.files.filter(({ state }) => state !== 'ok');
  return {
    text: formatDoctorReport(report, { most: 0 }),
    usable: report.usable.length,
    files: report.files.length,
    bad: bad.slice(0, LISTED).map(({ file, state, reason }) => ({ file, state, reason })),
  };
}
