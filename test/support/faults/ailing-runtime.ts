import type { ProcessRuntime } from '../../../adapters/processes/process-runtime.ts'
import type { Launch } from '../../../core/ports/runtime.ts'

/** Longer than the blueprint gives a start. */
const tooLong = 61_000

/**
 * A runtime some of whose launches run and never become healthy: each of their starts takes longer than it may.
 * @param options.isAiling asked each time, so that a launch may be cured.
 */
export const ailingRuntime = (
  real: ProcessRuntime,
  {
    isAiling,
    advance,
  }: { readonly isAiling: (launch: Launch) => boolean; readonly advance: (milliseconds: number) => void },
): ProcessRuntime => {
  const { startBeside } = real
  // Another environment makes another launch of it, also in a search.
  const ill = (launch: Launch): Launch =>
    isAiling(launch) ? { ...launch, environment: { ...launch.environment, TINY_IS_SICK: 'yes' } } : launch
  const starting = (start: (launch: Launch) => Promise<void>) => async (launch: Launch) => {
    await start(ill(launch))
    if (isAiling(launch)) advance(tooLong)
  }
  return {
    ...real,
    start: starting(real.start),
    ...(startBeside === undefined ? {} : { startBeside: starting(startBeside) }),
    locate: (siteId, launch) => real.locate(siteId, launch === undefined ? undefined : ill(launch)),
  }
}
