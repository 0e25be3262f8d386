// @ts-check

/** Joins sentences that are not empty. @param {string[]} sentences */
export const joinSentences = (...sentences) => sentences.filter((sentence) => sentence !== '').join(' ')
