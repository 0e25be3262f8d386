// @ts-check

/** @typedef {Pick<import('./site-words.js').Site, 'extension' | 'suspended' | 'deletion'>} Site */
/** @typedef {Pick<import('./say-billing.js').Billing, 'state'>} Billing */

/**
 * Whether its owner can choose a plan: for a trial, for what runs, and for what has ended. Not for what we have taken away.
 * What they have deleted themselves can be bought back, but is not changed while it is to go.
 * @param {Site} site @param {Billing | undefined} billing
 */
export const offersPlans = ({ extension, suspended, deletion }, billing) => {
  if (suspended?.because === 'operator' || deletion?.revocable === false) return false
  if (billing === undefined || billing.state === 'none') return extension !== null
  return billing.state === 'ended' || (billing.state === 'active' && deletion === null)
}
