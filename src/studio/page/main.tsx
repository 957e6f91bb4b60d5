/** Where the page of the studio begins: this computer comes first, then the page itself. */
import { render } from 'preact';
import { App } from './app';
import { pagePlace } from './place/page/place';
import { serverPlace } from './place/server';
import './style.css';
import { applyTheme } from './theme';

applyTheme();
render(<App places={[serverPlace, pagePlace()]} />, document.getElementById('app') as HTMLElement);
