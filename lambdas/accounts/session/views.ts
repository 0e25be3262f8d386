import * as z from 'zod'
import { notFound } from '../../../core/errors.ts'
import { idSchema } from '../../../core/ids.ts'
import { named } from '../../../core/named.ts'
import { type SessionPlace, sessionIdOf } from './session-facts.ts'
import { idleEnd, lastUseOf, type SessionLife, type UsedSession } from './session-life.ts'

const instant = z.iso.datetime({ precision: 3 })

const sessionEntrySchema = named('SessionEntry', {
  id: idSchema('ses'),
  createdAt: instant,
  usedAt: instant.describe('The last use. It may be some minutes late.'),
  idleEndsAt: instant.describe('When it ends if it is not used again.'),
  expiresAt: instant.describe('When it ends at the latest.'),
  browser: z.string().nullable().describe('Such as `Firefox on Linux`.'),
  network: z.string().nullable().describe('The first part of the network address, such as an IPv4 /24.'),
  current: z.boolean().describe('Whether it is the session of this request.'),
})

export const sessionListSchema = z.strictObject({ sessions: z.array(sessionEntrySchema) })

export interface ListedSession extends UsedSession {
  readonly tokenHash: string
  readonly place?: SessionPlace | undefined
}

export const sessionFacts = (session: ListedSession) => ({
  createdAt: session.createdAt,
  usedAt: lastUseOf(session),
  expiresAt: session.expiresAt,
  browser: session.place?.browser ?? null,
  network: session.place?.network ?? null,
})

/** @param current the hash of the token of this request; undefined if it has another kind of token. */
export const sessionListView = (
  sessions: readonly ListedSession[],
  current: string | undefined,
  life: SessionLife,
): z.infer<typeof sessionListSchema> => ({
  sessions: sessions
    .map((session) => ({
      id: sessionIdOf(session.tokenHash),
      ...sessionFacts(session),
      idleEndsAt: idleEnd(session, life),
      current: session.tokenHash === current,
    }))
    .toSorted((one, other) => (one.usedAt < other.usedAt ? 1 : -1)),
})

/** @throws {SitewrightError} `NotFound`, also for a session of somebody else. */
export const requireListed = <Listed extends ListedSession>(sessions: readonly Listed[], id: string): Listed =>
  sessions.find(({ tokenHash }) => sessionIdOf(tokenHash) === id) ?? notFound('There is no such session.')
