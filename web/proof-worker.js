// @ts-check
import { solveChallenge } from './solve-challenge.js'

/** Away from the page, which must not stand still meanwhile: one challenge in, its proof out. */
addEventListener('message', async ({ data }) => {
  try {
    postMessage({ proof: await solveChallenge(data) })
  } catch (error) {
    postMessage({ trouble: String(error) })
  }
})
