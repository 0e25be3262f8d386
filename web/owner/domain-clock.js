// @ts-check

/** In milliseconds: how far the domain clock is ahead of the browser's. */
let ahead = 0

/** @param {string} now RFC 3339, as the API has just said it */
export const setDomainClock = (now) => {
  ahead = Date.parse(now) - Date.now()
}

/** The time of the domain clock; RFC 3339. */
export const domainNow = () => new Date(Date.now() + ahead).toJSON()
