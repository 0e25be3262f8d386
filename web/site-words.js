// @ts-check
import { sayInstant } from './say-instant.js'
import { sayWait } from './say-wait.js'

/**
 * What the pages read of a site that the API answers with. Instants are RFC 3339.
 * @typedef {{
 *   id: string, name: string, hostname: string, url: string, status: string, plan: string, features: string[], trialEndsAt: string | null,
 *   nextStep: {step: string, at: string} | null,
 *   suspended: {at: string, because: string} | null,
 *   archived: {at: string, purgeAt: string | null} | null,
 *   deletion: {requestedAt: string, purgeAt: string | null, revocable: boolean} | null,
 *   deletionDays: number | null,
 *   extension: {left: number, days: number} | null,
 *   operation: string | null,
 *   storage: string | null,
 *   failure?: {reason: string},
 * }} Site
 */

/** @param {number} count */
export const days = (count) => (count === 1 ? '1 day' : `${count} days`)

/** @param {Site} site */
const whySuspended = ({ suspended, deletion, trialEndsAt }) => {
  if (deletion !== null) return 'It is switched off, because it is to be deleted.'
  if (suspended?.because === 'trial-ended') {
    const isExtended = trialEndsAt === null || trialEndsAt > suspended.at
    return `It is switched off, because its trial ${isExtended ? 'had' : 'has'} ended.`
  }
  if (suspended?.because === 'storage-full') {
    return 'It is switched off, because it has grown past the storage of its plan. Delete what you do not need once it runs again.'
  }
  if (suspended?.because === 'payment-overdue') {
    return 'It is switched off, because a payment is overdue. Once that is paid, it runs again.'
  }
  if (suspended?.because === 'subscription-ended') {
    return 'It is switched off, because its subscription has ended. Choose a plan to take it up again.'
  }
  if (suspended?.because === 'operator') return 'We have switched it off. Write to us about it.'
  return 'It is switched off.'
}

/** @param {Site} site what a site is, in a sentence or two. */
export const statusText = (site) => {
  if (site.status === 'building') return 'It is being built.'
  if (site.status === 'active') return `It is running, on the plan ${site.plan}.`
  if (site.status === 'suspended') return whySuspended(site)
  if (site.status === 'archived') return 'It is archived: switched off, and a checked copy of all its data is kept.'
  if (site.status === 'purged') return 'It is deleted for good. Write to us if you want another one.'
  const reason = site.failure?.reason ?? 'It did not start.'
  return `It could not be built. ${reason} Your trial is not used up: you can try again.`
}

/** @type {Record<string, string>} */
const operationTexts = {
  suspend: 'It is being switched off.',
  archive: 'It is being archived.',
  restore: 'It is being restored from its archive.',
  copy: 'A copy of its data is being taken. The site pauses for a moment, and visitors wait meanwhile.',
  resize: 'It is being given the size of its plan.',
  purge: 'It is being deleted for good.',
}

/** @param {Site} site what is being done with it just now; empty for nothing. */
export const operationText = ({ operation }) =>
  operation === null ? '' : (operationTexts[operation] ?? 'Something is being done with it.')

/**
 * A deadline, and what comes then; both empty where there is none.
 * @typedef {[deadline: string, then: string]} DeadlineTexts
 */

/** @param {Site} site @param {string} now @returns {DeadlineTexts} */
const endOfTrial = ({ trialEndsAt, nextStep }, now) => {
  if (trialEndsAt === null) return ['', '']
  if (trialEndsAt > now) {
    const then = `That is ${sayWait(trialEndsAt, now)}. Then the site is switched off, and its data is kept.`
    return [`The trial ends on ${sayInstant(trialEndsAt)}.`, then]
  }
  // What was to be switched off once and was not is asked about again later.
  return nextStep?.step === 'suspend' && nextStep.at > now
    ? [`The trial has ended. The site is switched off on ${sayInstant(nextStep.at)}.`, 'Its data is kept then.']
    : [`The trial ended on ${sayInstant(trialEndsAt)}.`, 'The site is about to be switched off, and its data is kept.']
}

/** @param {NonNullable<Site['deletion']>} deletion @param {string} now @returns {DeadlineTexts} */
const endByDeletion = ({ purgeAt, revocable }, now) => {
  if (purgeAt === null) return ['It is to be deleted, but is kept for now.', '']
  const then = revocable ? 'Until then you can change your mind.' : 'Write to us about it.'
  return purgeAt > now
    ? [`It is deleted for good on ${sayInstant(purgeAt)}.`, `That is ${sayWait(purgeAt, now)}. ${then}`]
    : ['It is about to be deleted for good.', then]
}

/** @param {Site} site @param {string} now @returns {DeadlineTexts} */
const endOfGrace = ({ nextStep }, now) => {
  if (nextStep === null) return ['Its data stays in place.', '']
  return nextStep.at > now
    ? [
        `Its data stays in place until ${sayInstant(nextStep.at)}.`,
        `That is ${sayWait(nextStep.at, now)}. Then it is archived.`,
      ]
    : ['It is about to be archived.', '']
}

/** @param {NonNullable<Site['archived']>} archived @param {string} now @returns {DeadlineTexts} */
const endOfRetention = ({ purgeAt }, now) => {
  if (purgeAt === null) return ['It can be restored at any time.', '']
  return purgeAt > now
    ? [
        `It can be restored until ${sayInstant(purgeAt)}.`,
        `That is ${sayWait(purgeAt, now)}. After that it is deleted for good.`,
      ]
    : ['It is about to be deleted for good.', '']
}

/**
 * The one deadline that a site's owner lives by, in the browser's time zone. One that is over waits its turn.
 * @param {Site} site @param {string} now by the clock that deadlines go by; RFC 3339
 * @returns {DeadlineTexts}
 */
export const deadlineTexts = (site, now) => {
  const { status, archived, deletion } = site
  if (status === 'active') return endOfTrial(site, now)
  if (deletion !== null) return endByDeletion(deletion, now)
  if (status === 'suspended') return endOfGrace(site, now)
  return archived === null ? ['', ''] : endOfRetention(archived, now)
}

/** @param {Site} site */
export const storageText = ({ storage }) => {
  if (storage === 'near') return 'More than four fifths of its storage are used.'
  if (storage === 'full') return 'Its storage is full: it takes nothing new until you delete something in it.'
  return ''
}
