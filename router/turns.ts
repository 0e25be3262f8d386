/** The part of the limits that turns need. */
export interface TurnOptions {
  /** How long one turn of the loop may last before what else arrives waits in line. */
  readonly turnMilliseconds: number
  /** Milliseconds of a clock that never goes back. */
  readonly now?: () => number
}

interface Work {
  readonly peer: string
  readonly work: () => void
  /** Hears how long the work took, in milliseconds, with what it caused before the next piece of work. */
  readonly took?: ((milliseconds: number) => void) | undefined
}

/** How long processor time counts: the present generation and the one before. */
const generationMilliseconds = 5000

/** Each step of the line has its own place in a turn, so that what it starts is finished, and charged, before the next. */
const maxSteps = 32

/**
 * Shares the processor time of this process between peers: sites whose answers it reads, and clients whose requests it reads. Once a turn of
 * the event loop has lasted for its time, whatever else arrives waits in line; each turn serves those of the line who used least. A peer that
 * sends what is expensive to read therefore waits for itself. A peer that is alone gets everything.
 */
export const createTurns = ({ turnMilliseconds, now = () => performance.now() }: TurnOptions) => {
  /** When the present turn began; undefined between two. */
  let began: number | undefined
  /** What the line took of this turn. */
  let served = 0
  let running: Work | undefined
  let runningSince = 0
  /** How many steps of the line are still to come in this turn. The last one ends it. */
  let steps = 0
  const line = new Map<string, Work[]>()
  let rolled = now()
  let present = new Map<string, number>()
  let before = new Map<string, number>()

  const charge = (peer: string, milliseconds: number, at: number): void => {
    if (at - rolled >= generationMilliseconds) {
      before = at - rolled < 2 * generationMilliseconds ? present : new Map()
      present = new Map()
      rolled = at
    }
    present.set(peer, (present.get(peer) ?? 0) + milliseconds)
  }
  const usedBy = (peer: string): number => (present.get(peer) ?? 0) + (before.get(peer) ?? 0)

  const leastUsed = (): string | undefined => {
    let found: string | undefined
    let min = Number.POSITIVE_INFINITY
    for (const peer of line.keys()) {
      const used = usedBy(peer)
      if (used >= min) continue
      found = peer
      min = used
    }
    return found
  }

  /** Charges the work that ran last. @returns what it took. */
  const settle = (at: number): number => {
    if (running === undefined) return 0
    const { peer, took } = running
    const milliseconds = at - runningSince
    running = undefined
    charge(peer, milliseconds, at)
    took?.(milliseconds)
    return milliseconds
  }

  const run = (work: Work, at: number): void => {
    running = work
    runningSince = at
    work.work()
  }

  /** @returns when the turn of this time began. */
  const beganBy = (at: number): number => {
    if (began === undefined) {
      began = at
      setImmediate(serveLine)
    }
    return began
  }

  /** Where there is a line, whatever else arrives joins it: who used least is served first, and nothing is served past it. */
  const isOverBy = (at: number): boolean => at - beganBy(at) >= turnMilliseconds || line.size > 0

  const expectSteps = (): void => {
    if (steps > 0) return
    steps = maxSteps + 1
    for (let count = 0; count < steps; count += 1) setImmediate(step)
  }

  /** The line has a time of its own: what arrives could otherwise keep it waiting for ever. Its steps follow in the same pass of the loop. */
  const serveLine = (): void => {
    settle(now())
    served = 0
    if (steps === 0) began = undefined
  }

  const step = (): void => {
    const at = now()
    served += settle(at)
    steps -= 1
    const peer = served < turnMilliseconds && steps > 0 ? leastUsed() : undefined
    const waiting = peer === undefined ? undefined : line.get(peer)
    const next = waiting?.shift()
    if (peer !== undefined && waiting !== undefined && next !== undefined) {
      // The last in the order of the line, among those who used as much.
      line.delete(peer)
      if (waiting.length > 0) line.set(peer, waiting)
      run(next, at)
    }
    if (steps === 0) endTurn(at)
  }

  const endTurn = (at: number): void => {
    began = undefined
    if (line.size === 0) return
    // Keeps the loop from waiting for what arrives.
    beganBy(at)
    expectSteps()
  }

  const wait = (work: Work): void => {
    const waiting = line.get(work.peer)
    if (waiting === undefined) line.set(work.peer, [work])
    else waiting.push(work)
    beganBy(now())
    expectSteps()
  }

  return {
    /** Whether work should `wait`: this turn has lasted for its time, or others wait. */
    isOver: (): boolean => isOverBy(now()),
    /** Does work at once that cannot wait. */
    run: (work: Work): void => {
      const at = now()
      settle(at)
      beganBy(at)
      run(work, at)
    },
    /** Does work at once, or in its turn where this one has ended, or others wait. */
    take: (work: Work): void => {
      const at = now()
      settle(at)
      if (isOverBy(at)) wait(work)
      else run(work, at)
    },
    /** Does work in its turn. */
    wait,
    /** Processor time of a peer within the last seconds, in milliseconds. */
    usedBy,
  }
}

export type Turns = ReturnType<typeof createTurns>

/** Whose processor time it is that reading a connection takes, and the turns of this process. */
export interface ReadingTurns {
  readonly turns: Turns
  readonly peer: string
}
