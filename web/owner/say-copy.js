// @ts-check
import { sayInstant } from './say-instant.js'
import { saySize } from './say-size.js'

/**
 * A verified copy of a site's data, from the API.
 * @typedef {{id: string, at: string, kind: string, bytes: number, pausedMilliseconds: number | null}} Copy
 */

const secondFormat = new Intl.NumberFormat('en-GB', {
  style: 'unit',
  unit: 'second',
  unitDisplay: 'long',
  maximumFractionDigits: 1,
})

/** @type {Readonly<Record<string, string>>} */
const madeBy = { owner: 'requested by you', release: 'made before an update' }

/** The time and the details of a copy. @param {Copy} copy */
export const copyText = ({ at, kind, bytes, pausedMilliseconds }) => [
  sayInstant(at),
  [
    saySize(bytes),
    madeBy[kind] ?? 'made when the site was archived',
    ...(pausedMilliseconds === null ? [] : [`your site paused for ${secondFormat.format(pausedMilliseconds / 1000)}`]),
  ].join(', '),
]
