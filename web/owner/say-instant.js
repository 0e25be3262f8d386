// @ts-check

const format = new Intl.DateTimeFormat('en-GB', {
  weekday: 'long',
  day: 'numeric',
  month: 'long',
  year: 'numeric',
  hour: '2-digit',
  minute: '2-digit',
  timeZoneName: 'short',
})

/**
 * A deadline with day, time and zone of the browser.
 * @param {string} instant RFC 3339
 */
export const sayInstant = (instant) => format.format(new Date(instant))
