/**
 * What can happen to a call: it fails and nothing was done; it was done and then fails; it was done and its reply does
 * not come in time; the process is gone before it, or after.
 */
export const faultKinds = ['fails-before', 'fails-after', 'reply-lost', 'gone-before', 'gone-after'] as const
/** Besides, the disk of the other cell may go away before a call, or be back. The call itself is made. */
export type FaultKind = (typeof faultKinds)[number] | 'disk-gone' | 'disk-back'

/** One fault in one run. `call` is `<function> <port>.<method>#<n>`, the n-th such call of the run. */
export interface FaultPoint {
  readonly call: string
  readonly kind: FaultKind
}

/** Names the calls of a run as they are made, and puts in the one fault that the run is to have. */
export interface FaultPlan {
  /** From here on calls are named and may fail. */
  readonly arm: () => void
  readonly disarm: () => void
  readonly take: (name: string) => FaultKind | undefined
  readonly calls: () => readonly string[]
  readonly wasReached: () => boolean
  /** Whether it was the end of the process. */
  readonly endedHost: () => boolean
}

export const planFault = (point: FaultPoint | undefined): FaultPlan => {
  const counts = new Map<string, number>()
  const calls: string[] = []
  let armed = false
  let reached = false
  return {
    arm: () => {
      armed = true
    },
    disarm: () => {
      armed = false
    },
    take: (name) => {
      if (!armed) return undefined
      const count = (counts.get(name) ?? 0) + 1
      counts.set(name, count)
      const call = `${name}#${count}`
      calls.push(call)
      if (reached || call !== point?.call) return undefined
      reached = true
      return point.kind
    },
    calls: () => calls,
    wasReached: () => reached,
    endedHost: () => reached && point?.kind.startsWith('gone') === true,
  }
}
