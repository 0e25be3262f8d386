import { createHash, timingSafeEqual } from 'node:crypto'

const digestOf = (text: string): Buffer => createHash('sha256').update(text).digest()

/** Compares in constant time, also if the lengths differ. */
export const isSameText = (one: string, other: string): boolean => timingSafeEqual(digestOf(one), digestOf(other))

/** What is stored of a token that somebody shows: of sessions, of the API, of entrances to sites and of links to summaries. */
export const tokenHash = (token: string): string => digestOf(token).toString('hex')
