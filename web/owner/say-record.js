// @ts-check

/** @typedef {import('./say-domain.js').DnsRecord} DnsRecord */

/** @type {Record<string, string>} */
const purposes = {
  ownership: 'proves that the domain is yours',
  traffic: 'sends visitors to your site',
  edge: 'lets our network serve the domain',
}

/** The purpose of a record. @param {DnsRecord} record */
export const purposeText = ({ purpose }) => purposes[purpose] ?? ''

/** The result of the last DNS check. @param {DnsRecord} record @param {boolean} wasThere whether it was correct before */
export const seenText = ({ seen, purpose }, wasThere) => {
  if (purpose === 'edge') return 'not checked here'
  if (seen === null) return 'not checked yet'
  if (seen === 'right') return '✓ correct'
  if (seen === 'unknown') return 'no answer from DNS'
  return wasThere ? '✗ missing or wrong' : 'not found yet'
}

/**
 * Hints for setting the records.
 * @param {DnsRecord[]} records
 */
export const settingText = (records) => {
  const relative = 'Some providers expect the name without your domain at the end.'
  return records.some(({ type }) => type === 'ALIAS')
    ? `${relative} Some providers call an ALIAS record ANAME; others accept a CNAME instead.`
    : relative
}
