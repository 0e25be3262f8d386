import { type Instant, plusMilliseconds } from '../../../core/instant.ts'

/** For how long a session lasts, in minutes. */
export interface SessionLife {
  /** Without a request. */
  readonly idle: number
  /** At most, however much it is used. */
  readonly longest: number
  /** The last use is stored at most once in this time, so a session may seem idle for that much longer than it is. */
  readonly noteEvery: number
}

const hour = 60
const day = 24 * hour

export const ownerSessionLife: SessionLife = { idle: 14 * day, longest: 30 * day, noteEvery: 5 }
export const operatorSessionLife: SessionLife = { idle: 30, longest: 12 * hour, noteEvery: 2 }

const minute = 60_000

export interface UsedSession {
  readonly createdAt: Instant
  /** The end, even if it is used. */
  readonly expiresAt: Instant
  /** Absent until a use is stored. */
  readonly usedAt?: Instant | undefined
}

export const longestEnd = (createdAt: Instant, { longest }: SessionLife): Instant =>
  plusMilliseconds(createdAt, longest * minute)

export const lastUseOf = ({ createdAt, usedAt }: UsedSession): Instant => usedAt ?? createdAt

/** When a session ends if it is not used again. */
export const idleEnd = (session: UsedSession, { idle }: SessionLife): Instant => {
  const end = plusMilliseconds(lastUseOf(session), idle * minute)
  return end < session.expiresAt ? end : session.expiresAt
}

export const isUseDue = (session: UsedSession, { noteEvery }: SessionLife, now: Instant): boolean =>
  plusMilliseconds(lastUseOf(session), noteEvery * minute) <= now

export const cookieSeconds = ({ longest }: SessionLife): number => longest * 60
