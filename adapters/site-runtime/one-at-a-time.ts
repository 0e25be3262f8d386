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
