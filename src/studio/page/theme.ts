/** Dark by default, as reading rooms are; light where it is wished. */
export type Theme = 'dark' | 'light';

export function currentTheme(): Theme {
  return localStorage.getItem('cover.theme') === 'light' ? 'light' : 'dark';
}

export function applyTheme(theme: Theme = currentTheme()): void {
  localStorage.setItem('cover.theme', theme);
  document.documentElement.dataset.theme = theme;
  dispatchEvent(new Event('themechange'));
}

/** A colour of the style sheet, for what is drawn on a canvas. */
export function colourOf(name: string): string {
  return getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();
}
