// @ts-check
import { joinSentences } from './join-sentences.js'
import { sayInstant } from './say-instant.js'
import { sayList } from './say-list.js'
import { sayWait } from './say-wait.js'

/** @typedef {{type: string, name: string, value: string, purpose: string, seen: 'right' | 'wrong' | 'unknown' | null}} DnsRecord */
/**
 * A hostname of an owner's own, as the API says it. Instants are RFC 3339.
 * @typedef {{
 *   hostname: string, state: 'pending' | 'verified' | 'failing' | 'releasing', records: DnsRecord[], checkedAt: string | null,
 *   verifiedAt: string | null, releaseAt: string | null, releasedBecause: 'plan-changed' | 'records-gone' | null,
 * }} Domain
 */

/** In milliseconds: certificates come, and the answers of DNS are known everywhere, a while after a domain is verified. */
const untilServed = 15 * 60_000

/** @param {Domain} domain */
const isAllRight = ({ records }) => records.every(({ seen }) => seen === 'right')

/** @param {Domain} domain */
const pendingText = (domain) =>
  isAllRight(domain)
    ? 'Its records are right, but it leads to another site of yours. Remove it there first.'
    : 'Waiting for DNS. Set both records where the DNS of your domain is kept: they are looked for by themselves. Until both are right it leads nobody to the site.'

/** @param {Domain} domain @param {string} now */
const verifiedText = ({ verifiedAt }, now) =>
  verifiedAt !== null && Date.parse(now) - Date.parse(verifiedAt) < untilServed
    ? 'It is verified, and leads to the site. The first time this can take a few minutes.'
    : 'It is verified, and leads to the site.'

/** @param {Domain} domain */
const failingText = ({ records }) => {
  const types = records.filter(({ seen }) => seen === 'wrong').map(({ type }) => type)
  const what =
    types.length === 1
      ? `Its ${types[0]} record is gone, or says something else.`
      : 'Its records are gone, or say something else.'
  return `${what} It still leads to the site, but will not for long. Set it right to keep the domain.`
}

/** @type {Record<string, [why: string, remedy: string]>} */
const releases = {
  'plan-changed': ['the plan has no custom domains', 'Choose a plan that has them to keep it.'],
  'records-gone': ['its DNS records are gone or say something else', 'Set them right to keep it.'],
}

/** @param {Domain} domain @param {string} now */
const releasingText = ({ releaseAt, releasedBecause }, now) => {
  const [why, remedy] = releases[releasedBecause ?? ''] ?? ['it is given up', '']
  return releaseAt !== null && releaseAt > now
    ? `It stops leading to the site on ${sayInstant(releaseAt)}, because ${why}. That is ${sayWait(releaseAt, now)}. ${remedy}`
    : `It is about to stop leading to the site, because ${why}. ${remedy}`
}

/**
 * How a domain is, and what its owner has to do about it.
 * @param {Domain} domain @param {string} now by the clock that deadlines go by; RFC 3339
 */
export const domainText = (domain, now) => {
  if (domain.state === 'pending') return pendingText(domain)
  if (domain.state === 'verified') return verifiedText(domain, now)
  return domain.state === 'failing' ? failingText(domain) : releasingText(domain, now)
}

/** When it was looked at, and when nobody waits for it any more; empty where there is nothing to say. @param {Domain} domain */
export const lookText = ({ state, checkedAt, releaseAt }) =>
  joinSentences(
    checkedAt === null ? '' : `Looked at last on ${sayInstant(checkedAt)}.`,
    state === 'pending' && releaseAt !== null
      ? `It is dropped on ${sayInstant(releaseAt)} unless both records are right by then.`
      : '',
  )

/** @param {Domain} domain what a look that was asked for has come to. */
export const lookedText = (domain) => {
  if (isAllRight(domain))
    return domain.state === 'verified' ? 'Looked just now: both records are right.' : 'Looked just now.'
  const named = (/** @type {string} */ seen) =>
    domain.records.filter((record) => record.seen === seen).map(({ type }) => `the ${type} record`)
  const [wrong, unknown] = [named('wrong'), named('unknown')]
  return joinSentences(
    'Looked just now.',
    wrong.length === 0 ? '' : `Not right yet: ${sayList(wrong)}. DNS may take a while to tell of a change.`,
    unknown.length === 0 ? '' : `No answer about ${sayList(unknown)}: try again in a moment.`,
  )
}

/** What has become of a domain meanwhile; empty for no news. @param {Domain} before @param {Domain} after */
export const domainNews = (before, after) =>
  before.state === 'pending' && after.state === 'verified'
    ? `${after.hostname} is verified, and leads to the site.`
    : ''

/** What to know before a domain is removed. @param {Domain} domain */
export const removalText = ({ hostname, state }) =>
  state === 'pending'
    ? `Remove ${hostname}? Its records are no longer looked for.`
    : `Remove ${hostname}? It leads nobody to the site from then on.`
