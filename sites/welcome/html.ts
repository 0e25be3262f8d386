const escapes: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
}

/** For text and for the values of quoted attributes. */
export const escapeHtml = (text: string): string => text.replace(/[&<>"']/g, (character) => escapes[character] ?? '')

/** An instant as HTML, in UTC, which the page's script turns into the reader's time; what is none is shown as it came. */
export const timeElement = (instant: string, locale = 'en-GB'): string => {
  const milliseconds = Date.parse(instant)
  const format = new Intl.DateTimeFormat(locale, { dateStyle: 'medium', timeStyle: 'short', timeZone: 'UTC' })
  const shown = Number.isNaN(milliseconds) ? instant : `${format.format(milliseconds)} UTC`
  return `<time datetime="${escapeHtml(instant)}">${escapeHtml(shown)}</time>`
}

/** A size as the console shows it: `256 MB`, `1.5 GB`. Both count in powers of two and say MB, as most people do. */
export const sizeText = (mebibytes: number): string => {
  if (mebibytes < 1024) return `${mebibytes} MB`
  const [count, unit] = mebibytes < 2 ** 20 ? [mebibytes / 1024, 'GB'] : [mebibytes / 2 ** 20, 'TB']
  return `${Math.round(count * 10) / 10} ${unit}`
}
