// @ts-check
import { sayInstant } from './say-instant.js'

/** @typedef {import('./site-words.js').Site} Site */
/** @typedef {import('./site-acts.js').ActName} ActName */

/** @param {Site} site */
const endText = ({ trialEndsAt }) => (trialEndsAt === null ? '' : ` Its trial now ends on ${sayInstant(trialEndsAt)}.`)

/** What its owner's act has come to. @param {ActName} act @param {Site} before @param {Site} after */
export const actNews = (act, before, after) => {
  const end = before.trialEndsAt === after.trialEndsAt ? '' : endText(after)
  if (act === 'extend') return `It is extended.${end}`
  if (act === 'keep') return 'It is kept.'
  if (act === 'delete') return 'It is to be deleted.'
  return after.status === 'active' ? `It is starting again.${end}` : `It is coming back.${end}`
}

/** @param {Site} site what a restore that is over has come to. */
export const restoreNews = ({ status }) =>
  status === 'active'
    ? 'It is back, with all its data.'
    : 'It could not be restored. Its archive is kept: try again later, or write to us.'
