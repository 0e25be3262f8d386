// @ts-check

/** One text of the sentences that are there. @param {string[]} sentences */
export const joinSentences = (...sentences) => sentences.filter((sentence) => sentence !== '').join(' ')
