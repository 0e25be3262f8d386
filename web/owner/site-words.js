// @ts-check
import { sayInstant } from './say-instant.js'
import { sayDeadline } from './say-wait.js'

/**
 * The fields of a site that the pages read. Instants are RFC 3339.
 * @typedef {{
 *   id: string, name: string, hostname: string, url: string, status: string, planName: string, features: string[], trialEndsAt: string | null, sleepAfterMinutes: number | null,
 *   nextStep: {step: string, at: string} | null,
 *   suspended: {at: string, because: string} | null,
 *   archived: {at: string, purgeAt: string | null} | null,
 *   deletion: {requestedAt: string, purgeAt: string | null, revocable: boolean} | null,
 *   deletionDays: number | null,
 *   extension: {left: number, days: number} | null,
 *   operation: string | null,
 *   storage: string | null,
 *   handOver: {status: string, reason: string | null, answer: {status: number, excerpt: string} | null} | null,
 *   credentials: {shownAt: string | null} | null,
 *   failure?: {reason: string},
 * }} Site
 */

/** Whether a site is in use: it runs, or it starts at the next visit. @param {{status: string}} site */
export const isLive = ({ status }) => status === 'active' || status === 'asleep'

/** @param {number} count */
export const days = (count) => (count === 1 ? '1 day' : `${count} days`)

/** @param {Site} site */
const whySuspended = ({ suspended, deletion, trialEndsAt }) => {
  if (deletion !== null) return 'Your site is suspended because it is scheduled for deletion.'
  if (suspended?.because === 'trial-ended') {
    const isExtended = trialEndsAt === null || trialEndsAt > suspended.at
    return `Your site ${isExtended ? 'has been suspended since its trial' : 'is suspended because its trial has'} ended.`
  }
  if (suspended?.because === 'storage-full') {
    return 'Your site is suspended because it exceeded the storage of its plan, or grew faster than its host has room for. After you resume it, delete data that you do not need.'
  }
  if (suspended?.because === 'payment-overdue') {
    return 'Your site is suspended because a payment is overdue. It resumes when you pay.'
  }
  if (suspended?.because === 'subscription-ended') {
    return 'Your site is suspended because its subscription has ended. Choose a plan to resume it.'
  }
  if (suspended?.because === 'operator') return 'We have suspended your site. Write to us for the reason.'
  return 'Your site is suspended.'
}

/** Says that the product of a site did not take its owner; empty otherwise. @param {Site} site */
export const handOverText = ({ handOver }) => {
  if (handOver?.status !== 'failed') return ''
  return `Your site could not be set up for you. ${handOver.reason ?? ''} Try again, or open it and set it up yourself.`
}

/** Describes the status of a site. @param {Site} site */
export const statusText = (site) => {
  if (site.status === 'building') return 'Your site is being built.'
  if (site.status === 'active') return `Your site is running on the ${site.planName} plan.`
  if (site.status === 'asleep') {
    return `Your site is on the ${site.planName} plan. It sleeps because nobody has used it for a while, and starts at the next visit.`
  }
  if (site.status === 'suspended') return whySuspended(site)
  if (site.status === 'archived') return 'Your site is archived. It does not run; we keep a verified copy of its data.'
  if (site.status === 'purged') return 'Your site is permanently deleted. Write to us if you want another one.'
  const reason = site.failure?.reason ?? 'The site did not start.'
  return `Your site could not be built. ${reason} Your trial is still available: try again.`
}

/** @type {Record<string, string>} */
const operationTexts = {
  handover: 'Your site is being set up for you.',
  suspend: 'Your site is being suspended.',
  archive: 'Your site is being archived.',
  restore: 'Your site is being restored from its archive.',
  copy: 'Your data is being copied. Your site pauses for a moment; visitors wait.',
  resize: 'Your site is being resized for its plan.',
  upgrade: 'Your site is being updated.',
  purge: 'Your site is being deleted permanently.',
  sleep: 'Your site is going to sleep. It starts at the next visit.',
  wake: 'Your site is starting.',
}

/** Describes the operation in progress; empty without one. @param {Site} site */
export const operationText = ({ operation }) =>
  operation === null ? '' : (operationTexts[operation] ?? 'Your site is being changed.')

/**
 * A deadline, and what happens then; both empty without one.
 * @typedef {[deadline: string, then: string]} DeadlineTexts
 */

/** @param {Site} site @param {string} now @returns {DeadlineTexts} */
const endOfTrial = ({ trialEndsAt, nextStep }, now) => {
  if (trialEndsAt === null) return ['', '']
  if (trialEndsAt > now) {
    const then = 'Then your site is suspended, and its data is kept.'
    return [`The trial ends on ${sayDeadline(trialEndsAt, now)}.`, then]
  }
  // A closed gate has postponed the suspension.
  return nextStep?.step === 'suspend' && nextStep.at > now
    ? [`The trial has ended. Your site will be suspended on ${sayDeadline(nextStep.at, now)}.`, 'Its data is kept.']
    : [`The trial ended on ${sayInstant(trialEndsAt)}.`, 'Your site is about to be suspended. Its data is kept.']
}

/** @param {NonNullable<Site['deletion']>} deletion @param {string} now @returns {DeadlineTexts} */
const endByDeletion = ({ purgeAt, revocable }, now) => {
  if (purgeAt === null) return ['Your site is scheduled for deletion. No date is set yet.', '']
  const then = revocable ? 'You can cancel the deletion until then.' : 'Write to us if you want to keep it.'
  return purgeAt > now
    ? [`Your site will be deleted permanently on ${sayDeadline(purgeAt, now)}.`, then]
    : ['Your site is about to be deleted permanently.', then]
}

/** @param {Site} site @param {string} now @returns {DeadlineTexts} */
const endOfGrace = ({ nextStep }, now) => {
  if (nextStep === null) return ['Its data is kept.', '']
  return nextStep.at > now
    ? [`We will archive your site on ${sayDeadline(nextStep.at, now)} unless you resume it first.`, '']
    : ['Your site is about to be archived.', '']
}

/** @param {NonNullable<Site['archived']>} archived @param {string} now @returns {DeadlineTexts} */
const endOfRetention = ({ purgeAt }, now) => {
  if (purgeAt === null) return ['You can restore it at any time.', '']
  return purgeAt > now
    ? [`We will delete it permanently on ${sayDeadline(purgeAt, now)}.`, 'You can restore it until then.']
    : ['Your site is about to be deleted permanently.', '']
}

/**
 * The next deadline for the owner, in the browser's time zone. It may have passed.
 * @param {Site} site @param {string} now by the domain clock; RFC 3339
 * @returns {DeadlineTexts}
 */
export const deadlineTexts = (site, now) => {
  const { status, archived, deletion } = site
  if (status === 'active') return endOfTrial(site, now)
  if (deletion !== null) return endByDeletion(deletion, now)
  if (status === 'suspended') return endOfGrace(site, now)
  return archived === null ? ['', ''] : endOfRetention(archived, now)
}

/** @param {Pick<Site, 'sleepAfterMinutes'>} site */
export const sleepText = ({ sleepAfterMinutes: minutes }) =>
  minutes === null
    ? 'Your site never sleeps.'
    : `Your site sleeps after ${minutes === 1 ? 'one minute' : `${minutes} minutes`} without visitors. The next visitor wakes it.`

/** @param {Site} site */
export const storageText = ({ storage }) => {
  if (storage === 'near') return 'Your site uses more than 80% of its storage.'
  if (storage === 'full') return 'The storage of your site is full. It cannot save new data until you delete something.'
  return ''
}
