import { createHmac } from 'node:crypto'
import * as z from 'zod'
import { SitewrightError } from '../../core/errors.ts'
import { type Instant, toInstant } from '../../core/instant.ts'
import type { Clocks } from '../../core/ports/context.ts'

const rateLimitSchema = z.strictObject({ limit: z.int().min(1).max(1_000_000), minutes: z.int().min(1).max(10_080) })

export type RateLimit = z.infer<typeof rateLimitSchema>

/** An empty list is no limit. */
export const rateLimits = z
  .array(rateLimitSchema)
  .max(4)
  .refine((limits) => new Set(limits.map(({ minutes }) => minutes)).size === limits.length, {
    error: 'must have one limit for each number of minutes',
  })
  .readonly()

/** Each window takes up to sixty bytes of the longest one's item. */
export const maxParts = 150

/** Whether a window can be stored within a longer one: it ends with it, and there are not too many of them. */
export const isPartOf = (minutes: number, longest: number): boolean =>
  longest % minutes === 0 && longest / minutes <= maxParts

export interface RateWindow {
  /** Opaque, without personal data in the clear. */
  readonly key: string
  readonly endsAt: Instant
  /** The longest window of the subject, which this one is a part of: they are stored and counted together. */
  readonly within?: Pick<RateWindow, 'key' | 'endsAt'>
}

export interface LimitedWindow extends RateWindow {
  readonly limit: number
}

export interface RateWindows {
  /** Increments every window atomically and returns the counts. A repeated call counts twice. */
  readonly count: (windows: readonly RateWindow[]) => Promise<readonly number[]>
  /** Increments windows that are stored together. @returns false if one of them is at its limit; then nothing is counted. */
  readonly countUpTo: (windows: readonly LimitedWindow[]) => Promise<boolean>
  readonly read: (windows: readonly RateWindow[]) => Promise<readonly number[]>
}

/** Reads the key of codes, links, addresses and networks, which may have been rotated since the last call. */
export type CodeSecret = () => Promise<string>

export interface CountPorts {
  readonly rateWindows: RateWindows
  readonly clocks: Clocks
  /** Keys the stored addresses and networks, so that the table does not reveal them. */
  readonly codeSecret: CodeSecret
}

type Limited =
  | 'signups of address and network'
  | 'signups of domain'
  | 'signups of network'
  | 'signups'
  | 'tries of address and network'
  | 'tries of network'
  | 'tries of code and network'
  | 'tries of code'
  | 'wrong codes'
  | 'mails of address'
  | 'mails of plus addresses'
  | 'accounts of network'
  | 'mails'
  | 'queued mails'
  | 'operator codes of address and network'
  | 'operator codes of address'
  | 'operator codes of network'
  | 'operator tries of network'
  | 'one-time passwords of operator'
  | 'invitations of account'
  | 'wakes of client'
  | 'wakes of site'
  | 'wakes'
  | 'wakes by button'
  | 'wakes by button of client'
  | 'wakes by buttons'

export interface Subject {
  readonly of: Limited
  readonly name: string
  /** Counts apart what arrives, before any limit. */
  readonly isArriving?: boolean
  readonly limits: readonly RateLimit[]
}

const minuteMilliseconds = 60_000

export const windowKey = (secret: string, ...parts: readonly (string | number)[]): string =>
  createHmac('sha256', secret)
    .update(`window\n${parts.join('\n')}`)
    .digest('base64url')

const windowsOf = (secret: string, { of, name, isArriving = false, limits }: Subject, now: Instant) => {
  const windowOf = (minutes: number): RateWindow => {
    const length = minutes * minuteMilliseconds
    const start = Math.floor(Date.parse(now) / length) * length
    return {
      key: windowKey(secret, isArriving ? `arriving ${of}` : of, name, minutes, start),
      endsAt: toInstant(new Date(start + length)),
    }
  }
  if (limits.length === 0) return []
  const longest = Math.max(...limits.map(({ minutes }) => minutes))
  const within = windowOf(longest)
  return limits.map(({ limit, minutes }) => ({
    limit,
    window: { ...windowOf(minutes), ...(isPartOf(minutes, longest) ? { within } : {}) },
  }))
}

interface Use {
  /** The used share of the nearest limit; 0 without limits, above 1 beyond a limit. */
  readonly share: number
  /** Until all windows beyond their limit have ended; 0 if there is none. */
  readonly retryAfterSeconds: number
}

const useOf = async (
  { clocks, codeSecret }: CountPorts,
  subjects: readonly Subject[],
  countsOf: (windows: readonly RateWindow[]) => Promise<readonly number[]>,
): Promise<Use> => {
  const now = clocks.wall()
  const secret = await codeSecret()
  const limited = subjects.flatMap((subject) => windowsOf(secret, subject, now))
  if (limited.length === 0) return { share: 0, retryAfterSeconds: 0 }
  const counts = await countsOf(limited.map(({ window }) => window))
  const used = limited.map(({ limit, window }, index) => ({ window, share: (counts[index] ?? 0) / limit }))
  const waits = used
    .filter(({ share }) => share > 1)
    .map(({ window }) => Math.ceil((Date.parse(window.endsAt) - Date.parse(now)) / 1000))
  return { share: Math.max(...used.map(({ share }) => share)), retryAfterSeconds: Math.max(0, ...waits) }
}

/** Counts one action in all windows of its subjects, in one round trip, and refuses nothing. */
export const countUse = (ports: CountPorts, subjects: readonly Subject[]): Promise<Use> =>
  useOf(ports, subjects, ports.rateWindows.count)

/** The windows of a subject, whose limits have to be parts of the longest. @param share of each limit, rounded down. */
export const limitedWindows = async (
  { clocks, codeSecret }: Omit<CountPorts, 'rateWindows'>,
  subject: Subject,
  share = 1,
): Promise<readonly LimitedWindow[]> =>
  windowsOf(await codeSecret(), subject, clocks.wall()).map(({ limit, window }) => ({
    ...window,
    limit: Math.floor(limit * share),
  }))

/** Counts one action of a subject. @returns false if that would exceed a limit: then nothing is counted. */
export const countUpTo = async (ports: CountPorts, subject: Subject): Promise<boolean> => {
  const windows = await limitedWindows(ports, subject)
  return windows.length === 0 || ports.rateWindows.countUpTo(windows)
}

export const readUse = (ports: CountPorts, subjects: readonly Subject[]): Promise<Use> =>
  useOf(ports, subjects, ports.rateWindows.read)

/**
 * Counts one action in all windows of its subjects. Refused requests count too.
 * @throws {SitewrightError} `RateLimited`.
 */
export const countInWindows = async (ports: CountPorts, subjects: readonly Subject[]): Promise<void> => {
  const { retryAfterSeconds } = await countUse(ports, subjects)
  if (retryAfterSeconds === 0) return
  throw new SitewrightError('RateLimited', `Too many requests. Try again in ${inWords(retryAfterSeconds)}.`, {
    retryAfterSeconds,
  })
}

export const inWords = (seconds: number): string => {
  const minutes = Math.ceil(seconds / 60)
  if (minutes > 90) return `${Math.round(minutes / 60)} hours`
  if (seconds < 60) return `${seconds} s`
  return minutes === 1 ? 'a minute' : `${minutes} minutes`
}
