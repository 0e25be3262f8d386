import { setTimeout as pause } from 'node:timers/promises'
import { httpCall } from '../../support/http-call.ts'
import type { StorySite } from './traffic.ts'

/** As a crawler, whose reading wakes no site and counts as no use. */
const headers = { 'user-agent': 'Googlebot/2.1' }

/** Strangers try to become the administrators of these sites, again and again. */
export const openStrangers = (sites: readonly StorySite[]) => {
  let isOver = false
  const tryTo = async ({ url }: StorySite): Promise<readonly string[]> => {
    const page = { url: new URL('/setup', url).href, headers }
    const ask = (method: 'GET' | 'POST') => httpCall({ ...page, method }).then(({ status }) => status, String)
    const entered: string[] = []
    while (!isOver) {
      if ((await ask('GET')) === 200) entered.push(`${await ask('POST')} at ${url}`)
      await pause(250)
    }
    return entered
  }
  const tries = sites.map(tryTo)
  return {
    /** @returns where one entered. */
    end: async () => {
      isOver = true
      return (await Promise.all(tries)).flat()
    },
  }
}
