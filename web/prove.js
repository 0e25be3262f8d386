// @ts-check

/**
 * Solves a challenge in a worker.
 * @param {import('./solve-challenge.js').Challenge} challenge
 * @returns {Promise<import('./solve-challenge.js').Proof>}
 */
export const prove = async (challenge) => {
  const worker = new Worker('/proof-worker.js', { type: 'module' })
  try {
    return await new Promise((resolve, reject) => {
      worker.addEventListener('message', ({ data }) =>
        data.proof ? resolve(data.proof) : reject(new Error(data.trouble)),
      )
      worker.addEventListener('error', () =>
        reject(new Error('This browser could not solve the check. Reload to try again.')),
      )
      worker.postMessage(challenge)
    })
  } finally {
    worker.terminate()
  }
}
