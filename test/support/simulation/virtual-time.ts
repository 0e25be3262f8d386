import { setImmediate as nextTurn } from 'node:timers/promises'

export interface VirtualTime {
  /** Milliseconds since the start. */
  readonly now: () => number
  readonly pause: (milliseconds: number) => Promise<void>
  /** Lets time pass until the work is done. */
  readonly until: <Result>(work: Promise<Result>) => Promise<Result>
}

/** Milliseconds between two moments. */
const step = 20

/** A clock that moves on when everybody waits for it. */
export const createVirtualTime = (): VirtualTime => {
  let now = 0
  const waiting = new Map<number, (() => void)[]>()
  const moments: number[] = []

  /** Keeps the moments sorted, the next one last. */
  const insert = (moment: number): void => {
    let [low, high] = [0, moments.length]
    while (low < high) {
      const middle = (low + high) >> 1
      if ((moments[middle] ?? 0) > moment) low = middle + 1
      else high = middle
    }
    moments.splice(low, 0, moment)
  }

  return {
    now: () => now,
    pause: (milliseconds) =>
      new Promise((resolve) => {
        const moment = step * Math.ceil((now + Math.max(1, milliseconds)) / step)
        const others = waiting.get(moment)
        if (others !== undefined) return void others.push(resolve)
        waiting.set(moment, [resolve])
        insert(moment)
      }),
    until: async (work) => {
      let isDone = false
      const done = () => {
        isDone = true
      }
      work.then(done, done)
      for (;;) {
        await nextTurn()
        if (isDone) return work
        const moment = moments.pop()
        if (moment === undefined) throw new Error('everybody waits, and nothing happens')
        now = moment
        for (const resolve of waiting.get(moment) ?? []) resolve()
        waiting.delete(moment)
      }
    },
  }
}
