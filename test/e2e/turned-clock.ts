import { type Answer, call } from './call.ts'

interface Turned {
  readonly now: string
  readonly ran: readonly { readonly at: string; readonly siteId: string; readonly step: string }[]
  readonly brake?: 'on'
}

interface HostAddress {
  readonly port: number
}

export const clockOf = async (host: HostAddress): Promise<string> =>
  (await call<{ now: string }>(host, { path: '/_local/clock' })).json.now

/** Resolves when the work is done. */
export const turnClock = (host: HostAddress, advance: unknown): Promise<Answer<Turned>> =>
  call(host, { method: 'POST', path: '/_local/clock', body: { advance } })
