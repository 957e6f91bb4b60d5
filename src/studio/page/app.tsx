/** The frame of the page: the rooms at the side, the room in the middle. A room is loaded when it is entered. */
import { useEffect, useMemo, useState } from 'preact/hooks';
import { messageOf } from './api';
import { useLoaded, useRoute } from './hooks';
import { Notice } from './parts/notice';
import type { Place } from './place/place';
import { takeUpPlaces } from './place/places';
import type { Room } from './room';
import { applyTheme, currentTheme } from './theme';

const studioRooms: readonly Room[] = [
  {
    name: 'runs',
    title: 'Runs',
    icon: 'M3 16l4-6 3 3 4-7 3 4',
    load: async () => (await import('./rooms/runs/room')).RunsRoom,
  },
  {
    name: 'label',
    title: 'Label and train',
    icon: 'M4 16l1-4 8-8 3 3-8 8zM11 6l3 3',
    load: async () => (await import('./rooms/label/room')).LabelRoom,
  },
  {
    name: 'results',
    title: 'Segmentations',
    icon: 'M10 3a7 7 0 1 0 0 14 7 7 0 0 0 0-14zM10 3v14M10 10h7',
    load: async () => (await import('./rooms/results/room')).ResultsRoom,
  },
  {
    name: 'views',
    title: 'Views and vectors',
    icon: 'M3 7h7m0 0L7 4m3 3L7 10M10 14h7m0 0l-3-3m3 3l-3 3',
    load: async () => (await import('./rooms/views/room')).ViewsRoom,
  },
  {
    name: 'match',
    title: 'Match',
    icon: 'M6 6a2 2 0 1 0 0 .1zM15 13a2 2 0 1 0 0 .1zM7 7l6 5',
    load: async () => (await import('./rooms/match/room')).MatchRoom,
  },
  {
    name: 'start',
    title: 'Start a run',
    icon: 'M6 4l10 6-10 6z',
    load: async () => (await import('./rooms/start/room')).StartRoom,
  },
];

export interface AppProps {
  /** Where work can be done; the first one that answers is where it is begun. */
  readonly places: readonly Place[];
  /** A room that comes before those of the studio. */
  readonly first?: Room;
}

export function App({ places, first }: AppProps) {
  const rooms = useMemo(() => (first ? [first, ...studioRooms] : studioRooms), [first]);
  const [name = '', ...rest] = useRoute();
  const room = rooms.find((one) => one.name === name) ?? (rooms[0] as Room);
  const { value: Shown, error } = useLoaded(room.name, room.load);
  const [ready, setReady] = useState(false);
  const [problem, setProblem] = useState('');
  useEffect(() => {
    takeUpPlaces(places)
      .then((missing) => {
        setReady(true);
        setProblem(missing.join(' '));
      })
      .catch((error: unknown) => setProblem(messageOf(error)));
  }, [places]);
  useEffect(() => {
    document.title = `${room.title} · COVER studio`;
  }, [room]);
  return (
    <div class="frame">
      <button type="button" class="skip" onClick={() => document.getElementById('main')?.focus()}>
        To the content
      </button>
      <header class="side">
        <div class="brand">
          <img src={new URL('./icon.svg', import.meta.url).href} alt="" width="26" height="26" />
          <span>COVER studio</span>
        </div>
        <nav aria-label="Rooms">
          <ul>
            {rooms.map((one) => (
              <li key={one.name}>
                <a href={`#/${one.name}`} aria-current={one === room ? 'page' : undefined}>
                  <svg viewBox="0 0 20 20" width="20" height="20" aria-hidden="true">
                    <path d={one.icon} />
                  </svg>
                  <span>{one.title}</span>
                </a>
              </li>
            ))}
          </ul>
        </nav>
        <div class="foot">
          <ThemeSwitch />
          <p class="quiet">nothing leaves this computer</p>
        </div>
      </header>
      <main id="main" tabIndex={-1}>
        {problem && <Notice kind="error">{problem}</Notice>}
        {error && <Notice kind="error">{error}</Notice>}
        {ready && Shown && <Shown rest={rest} />}
      </main>
    </div>
  );
}

function ThemeSwitch() {
  const [theme, setTheme] = useState(currentTheme());
  const next = theme === 'dark' ? 'light' : 'dark';
  return (
    <button
      type="button"
      class="plain"
      onClick={() => {
        applyTheme(next);
        setTheme(next);
      }}
    >
      {next === 'light' ? 'Light' : 'Dark'} page
    </button>
  );
}
