/** How long to wait before what ended is started again. All in milliseconds. */
export interface BackOff {
  readonly first: number
  readonly longest: number
  /** A process that ran for this long had started well: its end begins a new count. */
  readonly stableAfter: number
}

export const defaultBackOff: BackOff = { first: 100, longest: 30_000, stableAfter: 10_000 }

/** @param restarts how often it was restarted in a row. @returns the pause, and the count to pass next time. */
export const nextPause = (
  backOff: BackOff,
  { restarts, ranFor }: { readonly restarts: number; readonly ranFor: number },
): { readonly pause: number; readonly restarts: number } => {
  const inARow = ranFor >= backOff.stableAfter ? 0 : restarts
  return { pause: Math.min(backOff.longest, backOff.first * 2 ** inARow), restarts: inARow + 1 }
}

/** Runs a piece of work once all earlier work under the same key has ended, however that ended. */
export type OneAtATime = <Result>(key: string, work: () => Promise<Result>) => Promise<Result>

export const oneAtATime = (): OneAtATime => {
  const tails = new Map<string, Promise<void>>()
  return (key, work) => {
    const result = (tails.get(key) ?? Promise.resolve()).then(work)
    const tail = result.then(
      () => undefined,
      () => undefined,
    )
    tails.set(key, tail)
    tail.then(() => {
      if (tails.get(key) === tail) tails.delete(key)
    })
    return result
  }
}

/** Knows the keys whose work waits or runs. */
export const workByKey = () => {
  const works = new Map<string, Promise<void>>()
  return {
    note: (key: string, work: Promise<void>): Promise<void> => {
      const noted = work.finally(() => {
        if (works.get(key) === noted) works.delete(key)
      })
      works.set(key, noted)
      return noted
    },
    has: (key: string): boolean => works.has(key),
  }
}
