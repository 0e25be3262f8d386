import { setTimeout as sleep } from 'node:timers/promises'
import { demoApi } from '../demo/api.ts'

/** Waits until the pool is at its target. @returns what it holds, at the latest after `patienceMilliseconds`. */
export const awaitPool = async (origin: string, patienceMilliseconds: number) => {
  const { health } = demoApi(origin)
  const startedAt = performance.now()
  let { pool } = await health()
  while (pool.ready !== pool.target && performance.now() - startedAt < patienceMilliseconds) {
    await sleep(100)
    pool = (await health()).pool
  }
  return pool
}
