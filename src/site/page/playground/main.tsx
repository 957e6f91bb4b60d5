/** Where the playground begins: the studio with the page as its only place, and a room that leads through it. */
import { render } from 'preact';
import { App } from '../../../studio/page/app';
import { pagePlace } from '../../../studio/page/place/page/place';
import type { Room } from '../../../studio/page/room';
import '../../../studio/page/style.css';
import { applyTheme } from '../../../studio/page/theme';
import './playground.css';

const first: Room = {
  name: 'playground',
  title: 'Playground',
  icon: 'M8 3v5L4 16h12L12 8V3M7 3h6M6 12h8',
  load: async () => (await import('./room')).PlaygroundRoom,
};

applyTheme();
const places = [pagePlace()];
render(<App places={places} first={first} />, document.getElementById('app') as HTMLElement);
