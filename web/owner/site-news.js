// @ts-check
import { sayInstant } from './say-instant.js'

/** @typedef {import('./site-words.js').Site} Site */
/** @typedef {import('./site-acts.js').ActName} ActName */

/** @param {Site} site */
const endText = ({ trialEndsAt }) => (trialEndsAt === null ? '' : ` The trial now ends on ${sayInstant(trialEndsAt)}.`)

/** The result of an owner's act. @param {ActName} act @param {Site} before @param {Site} after */
export const actNews = (act, before, after) => {
  const end = before.trialEndsAt === after.trialEndsAt ? '' : endText(after)
  if (act === 'extend') return `Your trial is extended.${end}`
  if (act === 'keep') return 'The deletion is cancelled.'
  if (act === 'delete') return 'Your site is scheduled for deletion.'
  return after.status === 'active' ? `Your site is starting.${end}` : `Your site is being restored.${end}`
}

/** The result of a restore. @param {Site} site */
export const restoreNews = ({ status }) =>
  status === 'active'
    ? 'Your site is restored with all its data.'
    : 'Your site could not be restored. Its archive is kept. Try again later, or write to us.'
