import type { Instant } from '../instant.ts'
import german from './german.json' with { type: 'json' }

export type MailLanguage = 'en' | 'de'

/** The German sentences by the English ones, whose values are numbered: `{0}`. */
const inGerman = new Map(Object.entries(german))

/** A whole sentence of ours in German; undefined for a text that mails do not say. */
export const germanOf = (sentence: string): string | undefined => inGerman.get(sentence)

/** A tag of templates: says an English sentence in the language of a mail, with its values. */
export type Say = (parts: readonly string[], ...values: readonly (string | number)[]) => string

/** A sentence without a translation stays English: no mail is lost for it. */
export const sayIn =
  (language: MailLanguage = 'en'): Say =>
  (parts, ...values) => {
    const english = parts.map((part, index) => (index === 0 ? part : `{${index - 1}}${part}`)).join('')
    const sentence = language === 'de' ? (inGerman.get(english) ?? english) : english
    return sentence.replace(/\{(\d)\}/g, (_, place) => String(values[Number(place)]))
  }

export const days = (count: number, say = sayIn()): string => (count === 1 ? say`1 day` : say`${count} days`)

const hour = 3_600_000

/** The whole days until a deadline, such as `3 days`. A notice is late after an outage, and mailed a moment after it is due. */
export const timeLeft = (now: Instant, until: Instant, say = sayIn()): string => {
  const count = Math.floor((Date.parse(until) - Date.parse(now) + hour) / (24 * hour))
  return count < 1 ? say`less than a day` : days(count, say)
}

/** Whether this platform knows the time zone, such as `Europe/Berlin`. */
export const isTimeZone = (name: string): boolean => {
  try {
    return new Intl.DateTimeFormat('en', { timeZone: name }).resolvedOptions().timeZone !== ''
  } catch (error) {
    if (error instanceof RangeError) return false
    throw error
  }
}

/** As locales name them; English as in Europe. */
export const localeOf = (language: MailLanguage = 'en'): string => (language === 'en' ? 'en-GB' : language)

const wholeDay = { weekday: 'long', day: 'numeric', month: 'long', year: 'numeric' } as const
const clockTime = { hour: '2-digit', minute: '2-digit', timeZoneName: 'short' } as const

const formatIn = (options: Intl.DateTimeFormatOptions) => {
  return (instant: Instant, timeZone = 'UTC', language?: MailLanguage): string =>
    new Intl.DateTimeFormat(localeOf(language), {
      ...options,
      timeZone: isTimeZone(timeZone) ? timeZone : 'UTC',
    }).format(new Date(instant))
}

/** Formats an instant with day, time and zone. An unknown zone reads as UTC. */
export const localTime = formatIn({ ...wholeDay, ...clockTime })

export const localDay = formatIn(wholeDay)
