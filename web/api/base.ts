/** The path below which the pages of this offer are, such as `/schools`. Empty before any script, which only follows links. */
export const base = (): string =>
  (typeof document === 'undefined' ? undefined : document.documentElement.dataset['base']) ?? ''
