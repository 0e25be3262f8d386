// @ts-check

/** @typedef {Pick<import('./site-words.js').Site, 'extension' | 'suspended' | 'deletion'>} Site */
/** @typedef {Pick<import('./say-billing.js').Billing, 'state'>} Billing */

/**
 * Whether the owner can choose a plan: for trials, and for active and ended subscriptions, unless an operator suspended or deletes
 * the site. A site that its owner deleted can be bought, but its plan cannot be changed.
 * @param {Site} site @param {Billing | undefined} billing
 */
export const offersPlans = ({ extension, suspended, deletion }, billing) => {
  if (suspended?.because === 'operator' || deletion?.revocable === false) return false
  if (billing === undefined || billing.state === 'none') return extension !== null
  return billing.state === 'ended' || (billing.state === 'active' && deletion === null)
}
