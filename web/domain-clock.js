// @ts-check

/** In milliseconds: how far the clock of the deadlines is ahead of the browser's, which may be wrong, or behind one that was turned. */
let ahead = 0

/** @param {string} now RFC 3339, as the API has just said it */
export const setDomainClock = (now) => {
  ahead = Date.parse(now) - Date.now()
}

/** What time it is by the clock that deadlines go by; RFC 3339. */
export const domainNow = () => new Date(Date.now() + ahead).toJSON()
