// @ts-check
import { sayInstant } from './say-instant.js'

const format = new Intl.RelativeTimeFormat('en-GB')

const minute = 60_000
const hour = 60 * minute
const day = 24 * hour

/**
 * The time until a future instant: `in 3 days`.
 * @param {string} until RFC 3339 @param {string} now RFC 3339
 */
const sayWait = (until, now) => {
  const wait = Date.parse(until) - Date.parse(now)
  if (wait >= 2 * day) return format.format(Math.round(wait / day), 'day')
  if (wait >= 2 * hour) return format.format(Math.round(wait / hour), 'hour')
  return format.format(Math.max(1, Math.round(wait / minute)), 'minute')
}

/** A future deadline and the time until then. @param {string} until RFC 3339 @param {string} now RFC 3339 */
export const sayDeadline = (until, now) => `${sayInstant(until)} (${sayWait(until, now)})`
