// @ts-check
import { joinSentences } from './join-sentences.js'
import { sayInstant } from './say-instant.js'
import { sayList } from './say-list.js'
import { sayDeadline } from './say-wait.js'

/** @typedef {{type: string, name: string, value: string, purpose: string, seen: 'right' | 'wrong' | 'unknown' | null}} DnsRecord */
/**
 * A custom domain from the API. Instants are RFC 3339.
 * @typedef {{
 *   hostname: string, state: 'pending' | 'verified' | 'failing' | 'releasing', records: DnsRecord[], checkedAt: string | null,
 *   verifiedAt: string | null, releaseAt: string | null, releasedBecause: 'plan-changed' | 'records-gone' | null,
 * }} Domain
 */

/** In milliseconds: how long certificates and DNS may take after verification. */
const untilServed = 15 * 60_000

/** @param {Domain} domain */
const isAllRight = ({ records }) => records.every(({ seen }) => seen === 'right')

/** @param {Domain} domain */
const pendingText = (domain) =>
  isAllRight(domain)
    ? 'Both records are correct, but another of your sites uses this domain. Remove it there first.'
    : 'Waiting for DNS. Set these records at your DNS provider. We check them automatically. The domain works once they are correct.'

/** @param {Domain} domain @param {string} now */
const verifiedText = ({ verifiedAt }, now) =>
  verifiedAt !== null && Date.parse(now) - Date.parse(verifiedAt) < untilServed
    ? 'The domain is verified. It can take a few minutes until it shows your site.'
    : 'The domain is verified and shows your site.'

/** @param {Domain} domain */
const failingText = ({ records }) => {
  const types = records.filter(({ seen }) => seen === 'wrong').map(({ type }) => type)
  const what = types.length === 1 ? `The ${types[0]} record is missing or wrong.` : 'The records are missing or wrong.'
  return `${what} The domain still works, but will stop soon. Correct the DNS records to keep it.`
}

/** @type {Record<string, [why: string, remedy: string]>} */
const releases = {
  'plan-changed': ['your plan has no custom domains', 'Choose a plan with custom domains to keep it.'],
  'records-gone': ['its DNS records are missing or wrong', 'Correct them to keep it.'],
}

/** @param {Domain} domain @param {string} now */
const releasingText = ({ releaseAt, releasedBecause }, now) => {
  const [why, remedy] = releases[releasedBecause ?? ''] ?? ['it is being removed', '']
  return releaseAt !== null && releaseAt > now
    ? `The domain will stop working on ${sayDeadline(releaseAt, now)} because ${why}. ${remedy}`
    : `The domain is about to stop working because ${why}. ${remedy}`
}

/**
 * Describes a domain's state and what its owner should do.
 * @param {Domain} domain @param {string} now by the domain clock; RFC 3339
 */
export const domainText = (domain, now) => {
  if (domain.state === 'pending') return pendingText(domain)
  if (domain.state === 'verified') return verifiedText(domain, now)
  return domain.state === 'failing' ? failingText(domain) : releasingText(domain, now)
}

/** The time of the last check, and when a pending domain is removed; may be empty. @param {Domain} domain */
export const lookText = ({ state, checkedAt, releaseAt }) =>
  joinSentences(
    checkedAt === null ? '' : `Last checked on ${sayInstant(checkedAt)}.`,
    state === 'pending' && releaseAt !== null
      ? `We remove the domain on ${sayInstant(releaseAt)} unless the records are correct by then.`
      : '',
  )

/** The result of a requested check. @param {Domain} domain */
export const lookedText = (domain) => {
  if (isAllRight(domain))
    return domain.state === 'verified' ? 'Checked just now: the records are correct.' : 'Checked just now.'
  const named = (/** @type {string} */ seen) =>
    domain.records.filter((record) => record.seen === seen).map(({ type }) => `the ${type} record`)
  const [wrong, unknown] = [named('wrong'), named('unknown')]
  return joinSentences(
    'Checked just now.',
    wrong.length === 0 ? '' : `Not correct yet: ${sayList(wrong)}. DNS changes can take a while.`,
    unknown.length === 0 ? '' : `DNS did not answer for ${sayList(unknown)}. Try again in a moment.`,
  )
}

/** Announces a verified domain; empty otherwise. @param {Domain} before @param {Domain} after */
export const domainNews = (before, after) =>
  before.state === 'pending' && after.state === 'verified' ? `${after.hostname} is verified and shows your site.` : ''

/** The question before a domain is removed. @param {Domain} domain */
export const removalText = ({ hostname, state }) =>
  state === 'pending'
    ? `Remove ${hostname}? We will stop checking its DNS records.`
    : `Remove ${hostname}? The domain will stop working.`
