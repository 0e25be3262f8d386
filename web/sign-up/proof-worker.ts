import { solveChallenge } from './solve-challenge.ts'

/** Solves a challenge in a worker, so that the page stays responsive. */
addEventListener('message', async ({ data }) => {
  try {
    postMessage({ proof: await solveChallenge(data) })
  } catch (error) {
    postMessage({ reason: String(error) })
  }
})
