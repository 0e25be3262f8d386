// @ts-check
import { sayInstant } from './say-instant.js'
import { days, isLive } from './site-words.js'

/** @typedef {import('./site-words.js').Site} Site */
/** @typedef {'extend' | 'resume' | 'keep' | 'delete'} ActName */
/** @typedef {{name: ActName, label: string, kind: 'main' | 'quiet' | 'plain' | 'plain danger'}} Act */

/** @param {Site} site */
const mayExtend = ({ extension }) => extension !== null && extension.left > 0

/** @param {Site} site */
const extend = (site) => {
  if (!mayExtend(site)) return []
  /** @type {Act} */
  const act = {
    name: 'extend',
    label: `Extend the trial by ${days(site.extension?.days ?? 0)}`,
    kind: isLive(site) ? 'quiet' : 'plain',
  }
  return [act]
}

/** Operations that must end before a resume. */
const blocksResuming = new Set(['suspended suspend', 'archived archive'])

/** @param {Site} site */
const resume = ({ status, operation }) => {
  if (blocksResuming.has(`${status} ${operation}`)) return []
  /** @type {Act} */
  const act = { name: 'resume', label: status === 'archived' ? 'Restore site' : 'Resume site', kind: 'main' }
  return [act]
}

/** @type {Act} */
const remove = { name: 'delete', label: 'Delete site', kind: 'plain danger' }

/**
 * What an owner can do with a site now, the likeliest first. Owners win over endings by deadline.
 * @param {Site} site
 * @returns {Act[]}
 */
export const actsFor = (site) => {
  if (isLive(site)) return [...extend(site), remove]
  if (site.status !== 'suspended' && site.status !== 'archived') return []
  if (site.deletion !== null) {
    return site.deletion.revocable ? [{ name: 'keep', label: 'Cancel deletion', kind: 'main' }] : []
  }
  if (site.operation === 'restore') return []
  // The owner cannot resume it.
  if (site.suspended?.because === 'operator') return [remove]
  return [...resume(site), ...extend(site), remove]
}

/** Says what resuming uses up. @param {Site} site @param {string} now */
const resumingText = ({ extension, trialEndsAt, status }, now) => {
  const doing = status === 'archived' ? 'Restoring your site' : 'Resuming your site'
  if (extension === null || trialEndsAt === null) return ''
  const isLeft = extension.left > 0
  if (trialEndsAt <= now) {
    return isLeft
      ? `${doing} uses your extension and continues the trial for ${days(extension.days)}.`
      : `You have used the trial extension. ${doing} requires a plan.`
  }
  const afterwards = isLeft ? `it uses your extension of ${days(extension.days)}` : 'it requires a plan'
  return `${doing} is free until the trial ends on ${sayInstant(trialEndsAt)}. After that ${afterwards}.`
}

/**
 * A hint for these acts; may be empty.
 * @param {Site} site @param {string} now by the domain clock; RFC 3339
 */
export const actsText = (site, now) => {
  const names = actsFor(site).map(({ name }) => name)
  if (names.includes('keep'))
    return 'If you cancel the deletion, a site with a paid plan comes back. A trial stays off until you resume it.'
  if (names.includes('resume')) return resumingText(site, now)
  if (isLive(site) && site.extension?.left === 0) return 'You have used the trial extension.'
  return ''
}
