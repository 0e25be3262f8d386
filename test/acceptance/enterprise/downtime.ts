import { setTimeout as sleep } from 'node:timers/promises'
import { Client } from 'undici'

/** Asks a site again and again, and measures for how long it did not answer. */
export const openPulse = ({ port, host }: { readonly port: number; readonly host: string }) => {
  const client = new Client(`http://127.0.0.1:${port}`)
  let answeredAt = performance.now()
  let longest = 0
  let isOver = false
  const ask = async (): Promise<void> => {
    const call = { method: 'GET', path: '/api/entries?limit=1', headers: { host }, headersTimeout: 60_000 } as const
    const { statusCode, body } = await client.request(call)
    await body.dump()
    if (statusCode !== 200) return
    const now = performance.now()
    longest = Math.max(longest, now - answeredAt)
    answeredAt = now
  }
  const beats = (async () => {
    while (!isOver) {
      await ask().catch(() => undefined)
      await sleep(20)
    }
    await client.close()
  })()
  return {
    /** The longest time without an answer since the last call, in milliseconds. */
    takeLongest: (): number => {
      const taken = Math.max(longest, performance.now() - answeredAt)
      longest = 0
      return Math.round(taken)
    },
    stop: async (): Promise<void> => {
      isOver = true
      await beats
    },
  }
}
