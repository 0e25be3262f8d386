import type { Language } from '../settings.ts'

const locales = { en: 'en-GB', de: 'de-DE' } as const

const minute = 60_000
const hour = 60 * minute
const day = 24 * hour

/** Dates, money and numbers in a language. Instants are RFC 3339; amounts are in the currency's minor units. */
export const createFormats = (language: Language) => {
  const locale = locales[language]
  const relative = new Intl.RelativeTimeFormat(locale, { numeric: 'auto' })
  const instant = new Intl.DateTimeFormat(locale, { dateStyle: 'long', timeStyle: 'short' })
  const moment = new Intl.DateTimeFormat(locale, { dateStyle: 'medium', timeStyle: 'short' })
  const date = new Intl.DateTimeFormat(locale, { dateStyle: 'long' })
  const number = new Intl.NumberFormat(locale)
  const percent = new Intl.NumberFormat(locale, { style: 'percent' })
  const seconds = new Intl.NumberFormat(locale, { style: 'unit', unit: 'second', unitDisplay: 'long' })
  const minutes = new Intl.NumberFormat(locale, { style: 'unit', unit: 'minute', unitDisplay: 'long' })
  return {
    instant: (at: string): string => instant.format(new Date(at)),
    /** Shorter, for tables. */
    moment: (at: string): string => moment.format(new Date(at)),
    date: (at: string): string => date.format(new Date(at)),
    number: (value: number): string => number.format(value),
    /** @param part 0 to 1. */
    percent: (part: number): string => percent.format(part),
    money: ({ amount, currency }: { readonly amount: number; readonly currency: string }): string => {
      const format = new Intl.NumberFormat(locale, {
        style: 'currency',
        currency,
        trailingZeroDisplay: 'stripIfInteger',
      })
      return format.format(amount / 10 ** (format.resolvedOptions().maximumFractionDigits ?? 2))
    },
    /** `30 seconds`, `2 minutes`: rounded up. */
    duration: (count: number): string =>
      count <= 90 ? seconds.format(Math.ceil(count)) : minutes.format(Math.ceil(count / 60)),
    /** The time until or since an instant: `in 3 days`. */
    fromNow: (at: string, now: string): string => {
      const wait = Date.parse(at) - Date.parse(now)
      const size = Math.abs(wait)
      if (size >= 2 * day) return relative.format(Math.round(wait / day), 'day')
      if (size >= 2 * hour) return relative.format(Math.round(wait / hour), 'hour')
      return relative.format(Math.round(wait / minute), 'minute')
    },
  }
}

export type Formats = ReturnType<typeof createFormats>
