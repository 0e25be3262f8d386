import type { SiteId } from '../../core/ids.ts'
import { unknownClient } from '../../router/client-usage.ts'
import type { AdmittedTraffic, Exhausted, SharedLimits, TrafficOfSites } from '../../router/site-traffic.ts'
import type { Lease, Report, TrafficAnswer, TrafficQuestion } from './router-messages.ts'

const mebibyte = 1_048_576

/** Between two reports. */
export const reportMilliseconds = 100

/** How much of a limit all routers together may admit between two reports before they ask. */
const unaskedPart = 1 / 100

/** How long a refused client is refused without another question. Connections become free at any moment. */
const refusedMilliseconds = { requests: 500, bandwidth: 500, connections: 50 } as const

/** Requests, bytes, and connections and closable connections more or fewer, since the last report. */
type Amounts = [requests: number, bytes: number, connections: number, closable: number]

interface Answer {
  readonly exhausted?: Exhausted | undefined
}

class SiteState {
  limits: SharedLimits | undefined
  connections = 0
  /** Questions without an answer yet. */
  asking = 0
  /** The last question. @returns its answer, or nothing if there was none in time. */
  question: Promise<Answer | undefined> | undefined
  /** Reports without a lease yet. */
  underway = 0
  /** What may still be admitted without a question. */
  mayAdmit = { requests: 0, connections: 0 }
  hasLease = false
  isTight = false
  unreportedBytes = 0
  unreported = new Map<string, Amounts>()
  readonly closable = new Map<string, Set<() => void>>()
  readonly refused = new Map<string, { readonly until: number; readonly exhausted: Exhausted }>()
}

const numbersOf = ({ requestsPerMinute, bandwidthMiBPerMinute, connections }: SharedLimits): SharedLimits => ({
  requestsPerMinute,
  bandwidthMiBPerMinute,
  connections,
})

interface SharedTrafficOptions {
  readonly routers: number
  readonly send: (question: TrafficQuestion) => void
  readonly now: () => number
  readonly answerMilliseconds?: number
}

/**
 * The traffic of sites through this router, of which all routers of this machine share the limits. Far below a limit, a request is admitted
 * at once, within a lease or the small part that needs none; near it, each is a question to the coordinator.
 * @param options.routers how many there usually are.
 * @param options.now milliseconds of a clock that never goes back.
 * @param options.answerMilliseconds how long it waits for an answer before it admits a request by itself.
 */
export const createSharedTraffic = ({ routers, send, now, answerMilliseconds = 1000 }: SharedTrafficOptions) => {
  const sites = new Map<SiteId, SiteState>()
  const asked = new Map<number, (found: Answer) => void>()
  let questions = 0

  const stateOf = (siteId: SiteId): SiteState => {
    const state = sites.get(siteId) ?? new SiteState()
    sites.set(siteId, state)
    return state
  }

  const amountsOf = (state: SiteState, client: string): Amounts => {
    const amounts = state.unreported.get(client) ?? [0, 0, 0, 0]
    state.unreported.set(client, amounts)
    return amounts
  }

  const reportOf = (siteId: SiteId, state: SiteState, limits: SharedLimits): Report => {
    const clients = [...state.unreported].map(([client, amounts]): Report['clients'][number] => [client, ...amounts])
    state.unreported = new Map()
    state.unreportedBytes = 0
    state.mayAdmit = { requests: 0, connections: 0 }
    state.underway += 1
    return { siteId, limits: numbersOf(limits), clients }
  }

  const unasked = (limit: number): number => Math.max(1, Math.floor((limit * unaskedPart) / routers))

  const take = ({ siteId, requests, connections, isTight }: Lease): void => {
    const state = stateOf(siteId)
    state.isTight = isTight
    state.underway = Math.max(0, state.underway - 1)
    // A later report has given this lease back.
    if (state.underway > 0) return
    state.hasLease = requests > 0 || connections > 0
    state.mayAdmit.requests += requests
    state.mayAdmit.connections += connections
  }

  const renew = (state: SiteState, limits: SharedLimits): void => {
    const { mayAdmit } = state
    mayAdmit.requests = Math.max(mayAdmit.requests, unasked(limits.requestsPerMinute))
    mayAdmit.connections = Math.max(mayAdmit.connections, unasked(limits.connections))
  }

  const forgetRefusals = ({ refused }: SiteState): void => {
    const present = now()
    for (const [client, { until }] of refused) if (until <= present) refused.delete(client)
  }

  const hasNews = ({ unreported, hasLease, isTight }: SiteState): boolean => unreported.size > 0 || hasLease || isTight

  /** Reports what is new, gives unused leases back, and forgets sites that nobody uses. */
  const report = (): void => {
    const reports: Report[] = []
    for (const [siteId, state] of sites) {
      forgetRefusals(state)
      const { limits, connections, asking, underway } = state
      if (limits === undefined || (connections + asking + underway === 0 && !hasNews(state))) sites.delete(siteId)
      else {
        if (hasNews(state)) reports.push(reportOf(siteId, state, limits))
        renew(state, limits)
      }
    }
    if (reports.length > 0) send({ reports })
  }

  const join = (state: SiteState, client: string, close: (() => void) | undefined): void => {
    state.connections += 1
    if (close !== undefined) state.closable.set(client, (state.closable.get(client) ?? new Set()).add(close))
  }

  const ask = async (
    siteId: SiteId,
    limits: SharedLimits,
    client: string,
    close: (() => void) | undefined,
  ): Promise<Exhausted | undefined> => {
    questions += 1
    const id = questions
    const { promise, resolve } = Promise.withResolvers<Answer | undefined>()
    asked.set(id, resolve)
    const state = stateOf(siteId)
    state.asking += 1
    state.question = promise
    send({ ask: id, client, isClosable: close !== undefined, report: reportOf(siteId, state, limits) })
    const patience = setTimeout(resolve, answerMilliseconds, undefined)
    const answer = await promise
    clearTimeout(patience)
    state.asking -= 1
    if (state.question === promise) state.question = undefined
    if (answer === undefined) {
      asked.set(id, ({ exhausted }) => {
        if (exhausted === undefined) count(stateOf(siteId), client, close, -1)
      })
      return admit(state, client, close)
    }
    const { exhausted } = answer
    if (exhausted === undefined) join(state, client, close)
    else state.refused.set(client, { until: now() + refusedMilliseconds[exhausted.what], exhausted })
    return exhausted
  }

  const mayAdmitOne = ({ isTight, mayAdmit }: SiteState): boolean =>
    !isTight && mayAdmit.requests >= 1 && mayAdmit.connections >= 1

  const count = (state: SiteState, client: string, close: (() => void) | undefined, requests: 1 | -1): void => {
    const amounts = amountsOf(state, client)
    amounts[0] += requests
    amounts[2] += requests
    if (close !== undefined) amounts[3] += requests
  }

  const admit = (state: SiteState, client: string, close: (() => void) | undefined): undefined => {
    state.mayAdmit.requests -= 1
    state.mayAdmit.connections -= 1
    count(state, client, close, 1)
    join(state, client, close)
  }

  type Enter = AdmittedTraffic['enter']

  /** Admits, asks, or waits for a question that is open, since its answer brings a lease that a second question would give back. */
  const admitOrAsk = (siteId: SiteId, ...given: Parameters<Enter>): ReturnType<Enter> => {
    const [limits, client = unknownClient, close] = given
    const state = stateOf(siteId)
    const closable = client === unknownClient ? undefined : close
    if (mayAdmitOne(state)) return admit(state, client, closable)
    if (state.isTight || state.question === undefined) return ask(siteId, limits, client, closable)
    return state.question.then((answer) =>
      answer === undefined ? admit(state, client, closable) : enter(siteId)(...given),
    )
  }

  const enter =
    (siteId: SiteId): Enter =>
    (limits, client = unknownClient, close = undefined) => {
      const state = stateOf(siteId)
      if (state.limits === undefined) renew(state, limits)
      state.limits = limits
      const refusal = state.refused.get(client)
      if (refusal !== undefined && refusal.until > now()) return refusal.exhausted
      return admitOrAsk(siteId, limits, client, close)
    }

  const leave = (siteId: SiteId, client: string = unknownClient, close?: () => void): void => {
    const state = stateOf(siteId)
    state.connections -= 1
    state.mayAdmit.connections += 1
    const amounts = amountsOf(state, client)
    amounts[2] -= 1
    const closable = state.closable.get(client)
    if (close === undefined || closable?.delete(close) !== true) return
    amounts[3] -= 1
    if (closable.size === 0) state.closable.delete(client)
  }

  const carry = (siteId: SiteId, count: number, client: string = unknownClient): void => {
    const state = stateOf(siteId)
    amountsOf(state, client)[1] += count
    state.unreportedBytes += count
    const { limits } = state
    if (limits === undefined) return
    const max = limits.bandwidthMiBPerMinute * mebibyte * unaskedPart
    if (state.unreportedBytes > max) send({ reports: [reportOf(siteId, state, limits)] })
  }

  const traffic: TrafficOfSites = {
    of: (siteId) => ({
      enter: enter(siteId),
      leave: (client, close) => leave(siteId, client, close),
      carry: (count, client) => carry(siteId, count, client),
    }),
  }

  return {
    traffic,
    report,
    /** Takes what the coordinator answers. */
    hear: (answer: TrafficAnswer): void => {
      if ('leases' in answer) for (const lease of answer.leases) take(lease)
      else if ('close' in answer) {
        const [oldest] = sites.get(answer.siteId)?.closable.get(answer.close) ?? []
        oldest?.()
      } else {
        take(answer.lease)
        asked.get(answer.answer)?.(answer)
        asked.delete(answer.answer)
      }
    },
  }
}
