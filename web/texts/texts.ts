import { createContext, createElement, Fragment, type ReactNode, useContext } from 'react'
import { moneyText } from '../../core/plan/money.ts'
import type { Catalogue, Language } from '../settings.ts'
import { partsOf } from './catalogue.ts'

const locales = { en: 'en-GB', de: 'de-DE' } as const

const byteUnits = ['byte', 'kilobyte', 'megabyte', 'gigabyte', 'terabyte'] as const

const minute = 60_000
const hour = 60 * minute
const day = 24 * hour

/** How long it is from now until an instant, in the unit that says it well. */
const waitOf = (at: string, now: string): readonly [count: number, unit: 'day' | 'hour' | 'minute'] => {
  const wait = Date.parse(at) - Date.parse(now)
  const size = Math.abs(wait)
  if (size >= 2 * day) return [Math.round(wait / day), 'day']
  return size >= 2 * hour ? [Math.round(wait / hour), 'hour'] : [Math.round(wait / minute), 'minute']
}

const wholeDate = { day: 'numeric', month: 'long', year: 'numeric' } as const
const windowStyle = { ...wholeDate, weekday: 'short', hour: '2-digit', minute: '2-digit' } as const

interface Window {
  readonly from: string
  readonly until: string
  readonly timeZone: string
}

/** Dates, money and numbers in a language. Instants are RFC 3339; amounts are in the minor units that Stripe counts in. */
export const createFormats = (language: Language) => {
  const locale = locales[language]
  const relative = new Intl.RelativeTimeFormat(locale, { numeric: 'auto' })
  // Rounded days are no calendar days, so they have no names such as *übermorgen*.
  const relativeDays = new Intl.RelativeTimeFormat(locale)
  const instant = new Intl.DateTimeFormat(locale, { dateStyle: 'long', timeStyle: 'short' })
  const moment = new Intl.DateTimeFormat(locale, { dateStyle: 'medium', timeStyle: 'short' })
  const second = new Intl.DateTimeFormat(locale, { dateStyle: 'short', timeStyle: 'medium' })
  const date = new Intl.DateTimeFormat(locale, { dateStyle: 'long' })
  const calendarDay = new Intl.DateTimeFormat(locale, { ...wholeDate, timeZone: 'UTC' })
  const shortDate = new Intl.DateTimeFormat(locale, { day: 'numeric', month: 'short', timeZone: 'UTC' })
  const month = new Intl.DateTimeFormat(locale, { month: 'short', year: 'numeric', timeZone: 'UTC' })
  const number = new Intl.NumberFormat(locale)
  const share = new Intl.NumberFormat(locale, { style: 'percent', maximumFractionDigits: 1 })
  const percent = new Intl.NumberFormat(locale, { style: 'percent' })
  const seconds = new Intl.NumberFormat(locale, { style: 'unit', unit: 'second', unitDisplay: 'long' })
  const minutes = new Intl.NumberFormat(locale, { style: 'unit', unit: 'minute', unitDisplay: 'long' })
  const hours = new Intl.NumberFormat(locale, { style: 'unit', unit: 'hour', unitDisplay: 'long' })
  const days = new Intl.NumberFormat(locale, { style: 'unit', unit: 'day', unitDisplay: 'long' })
  /** Plans count in powers of two and say MB, as most people do. */
  const bytes = (count: number): string => {
    const step = count < 1 ? 0 : Math.min(byteUnits.length - 1, Math.floor(Math.log2(count) / 10))
    const format = new Intl.NumberFormat(locale, {
      style: 'unit',
      unit: byteUnits[step] ?? 'byte',
      unitDisplay: step === 0 ? 'long' : 'short',
      maximumFractionDigits: 1,
    })
    return format.format(count / 1024 ** step)
  }
  return {
    instant: (at: string): string => instant.format(new Date(at)),
    /** Shorter, for tables. */
    moment: (at: string): string => moment.format(new Date(at)),
    /** With seconds, for logs. */
    second: (at: string): string => second.format(new Date(at)),
    /** Of an instant, or a day such as `2027-01-01`, whose date depends on no time zone. */
    date: (at: string): string => (at.includes('T') ? date : calendarDay).format(new Date(at)),
    /** From when until when, in its time zone and in UTC: each zone with `Sat, 5 December 2026 at 22:00 – Sun, 6 December 2026 at 02:00`. */
    windows: ({ from, until, timeZone: own }: Window): readonly (readonly [timeZone: string, window: string])[] =>
      [...new Set([own, 'UTC'])].map((timeZone) => {
        const window = new Intl.DateTimeFormat(locale, { ...windowStyle, timeZone })
        return [timeZone, window.formatRange(new Date(from), new Date(until))]
      }),
    /** A day (UTC) without its year, for charts. */
    shortDate: (at: string): string => shortDate.format(new Date(at)),
    /** The month of a day (UTC): `Dec 2026`. */
    month: (at: string): string => month.format(new Date(at)),
    number: (value: number): string => number.format(value),
    /** @param part 0 to 1. */
    percent: (part: number): string => percent.format(part),
    /** The same with a tenth of a percent. */
    share: (part: number): string => share.format(part),
    money: (money: { readonly amount: number; readonly currency: string }): string =>
      moneyText(money, locale, { trailingZeroDisplay: 'stripIfInteger' }),
    /** Of the cells of files that spreadsheets in this language open. */
    separator: number.format(0.5).includes(',') ? ('semicolon' as const) : ('comma' as const),
    /** `30 seconds`, `2 minutes`, `13 hours`: rounded up. */
    duration: (count: number): string => {
      if (count > 7200) return hours.format(Math.ceil(count / 3600))
      return count <= 90 ? seconds.format(Math.ceil(count)) : minutes.format(Math.ceil(count / 60))
    },
    minutes: (count: number): string => minutes.format(count),
    hours: (count: number): string => hours.format(count),
    days: (count: number): string => days.format(count),
    /** `1.2 MB` */
    bytes,
    /** `512 MB`, `2 GB`: of storage or memory. */
    mebibytes: (count: number): string => bytes(count * 2 ** 20),
    /** The time until or since an instant: `in 3 days`. */
    fromNow: (at: string, now: string): string => {
      const [count, unit] = waitOf(at, now)
      return (unit === 'day' ? relativeDays : relative).format(count, unit)
    },
    /** The same without *in*, as a number and its unit: `3`, `days`. */
    left: (at: string, now: string): readonly string[] => {
      const [count, unit] = waitOf(at, now)
      return new Intl.NumberFormat(locale, { style: 'unit', unit, unitDisplay: 'long' }).format(count).split(/\s+/)
    },
    /** `one, two and three` */
    list: (parts: readonly string[]): string => new Intl.ListFormat(locale, { type: 'conjunction' }).format(parts),
  }
}

type Formats = ReturnType<typeof createFormats>

type Values<Value> = Readonly<Record<string, Value>>

export interface Texts<Key extends string> {
  readonly language: Language
  readonly format: Formats
  readonly t: (key: Key, values?: Values<string | number>) => string
  /** The same with elements as values. */
  readonly nodes: (key: Key, values: Values<ReactNode>) => ReactNode
  /** A text whose key is known at run time only, such as that of an error; undefined if there is none. */
  readonly find: (key: string, values?: Values<string | number>) => string | undefined
}

export const createTexts = (language: Language, catalogue: Catalogue): Texts<string> => {
  const textOf = (key: string): string => {
    const text = catalogue[key]
    if (text === undefined) throw new Error(`there is no text '${key}'`)
    return text
  }
  const fill = (text: string, values: Values<string | number> = {}): string => partsOf(text, values).join('')
  return {
    language,
    format: createFormats(language),
    t: (key, values) => fill(textOf(key), values),
    nodes: (key, values) =>
      // Parts have no identity of their own: their order is fixed.
      createElement(Fragment, undefined, ...partsOf<ReactNode>(textOf(key), values)),
    find: (key, values) => (catalogue[key] === undefined ? undefined : fill(textOf(key), values)),
  }
}

const TextsContext = createContext<Texts<string>>(createTexts('en', {}))
export const TextsProvider = TextsContext.Provider

/** The texts of the page around; name its keys. */
export const useTexts = <Key extends string>(): Texts<Key> => useContext(TextsContext)
