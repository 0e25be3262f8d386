// @ts-check

const format = new Intl.ListFormat('en-GB', { type: 'conjunction' })

/** @param {string[]} parts `one, two and three` */
export const sayList = (parts) => format.format(parts)
