type Call = (event: unknown) => Promise<unknown>

/**
 * Lets one call run at a time. Calls that come meanwhile share the next one: whatever woke them, it sees everything that
 * was written before it starts.
 * @param invoke its promise must last as long as its work: the next call begins when it settles.
 */
export const coalesceCalls = (invoke: Call): Call => {
  let running: Promise<unknown> | undefined
  let next: Promise<unknown> | undefined
  const run: Call = (event) => {
    running = invoke(event).finally(() => {
      running = undefined
    })
    return running
  }
  return (event) => {
    // Between the end of one call and the start of the next, nothing runs and yet one is to come.
    if (next !== undefined) return next
    if (running === undefined) return run(event)
    // Whoever made the call that runs hears of its failure.
    next = running
      .catch(() => undefined)
      .then(() => {
        next = undefined
        return run(event)
      })
    return next
  }
}
