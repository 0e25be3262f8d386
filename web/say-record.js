// @ts-check

/** @typedef {import('./say-domain.js').DnsRecord} DnsRecord */

/** @type {Record<string, string>} */
const purposes = { ownership: 'shows that the domain is yours', traffic: 'leads visitors to the site' }

/** What a record is for. @param {DnsRecord} record */
export const purposeText = ({ purpose }) => purposes[purpose] ?? ''

/** What DNS said of it. @param {DnsRecord} record @param {boolean} wasThere whether it has been right before */
export const seenText = ({ seen }, wasThere) => {
  if (seen === null) return 'not looked for yet'
  if (seen === 'right') return '✓ right'
  if (seen === 'unknown') return 'no answer from DNS'
  return wasThere ? '✗ gone, or something else' : 'not there yet'
}

/**
 * What people stumble over who set such records.
 * @param {DnsRecord[]} records
 */
export const settingText = (records) => {
  const relative = 'Some providers want the name without your domain at its end.'
  return records.some(({ type }) => type === 'ALIAS')
    ? `${relative} An ALIAS is called ANAME by some, and others take a CNAME in its place.`
    : relative
}
