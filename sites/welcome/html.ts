const escapes: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
}

/** For text and for the values of quoted attributes. */
export const escapeHtml = (text: string): string => text.replace(/[&<>"']/g, (character) => escapes[character] ?? '')

const formats = {
  day: { dateStyle: 'long', timeZone: 'UTC' },
  minute: { dateStyle: 'medium', timeStyle: 'short', timeZone: 'UTC' },
} as const

/** An instant as HTML, to the day or the minute, in UTC; what is none is shown as it came. */
export const timeElement = (instant: string, precision: keyof typeof formats, locale = 'en-GB'): string => {
  const milliseconds = Date.parse(instant)
  const format = new Intl.DateTimeFormat(locale, formats[precision])
  const shown = Number.isNaN(milliseconds) ? instant : format.format(milliseconds)
  return `<time datetime="${escapeHtml(instant)}">${escapeHtml(shown)}</time>`
}

/** A size as the console shows it: `256 MB`, `1.5 GB`. Both count in powers of two and say MB, as most people do. */
export const sizeText = (mebibytes: number): string =>
  mebibytes < 1024 ? `${mebibytes} MB` : `${Math.round((mebibytes / 1024) * 10) / 10} GB`
