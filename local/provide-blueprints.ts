import { setTimeout as timer } from 'node:timers/promises'
import type { Blueprint } from '../core/blueprint/blueprint.ts'
import { isErrorOfKind } from '../core/errors.ts'
import { pauseAfter } from '../lambdas/blueprints/blueprint-status.ts'
import { type BlueprintStatusPorts, endImageFailure, notingImageFailure } from '../lambdas/blueprints/change-status.ts'
import type { HostRuntime } from './choose-runtime.ts'
import { restartLimits } from './restart-limits.ts'

export interface ProvidePorts extends BlueprintStatusPorts {
  readonly provideImages: NonNullable<HostRuntime['provideImages']>
  /** For tests. */
  readonly wait?: (milliseconds: number, signal: AbortSignal) => Promise<void>
}

const untilThen = (milliseconds: number, signal: AbortSignal): Promise<void> =>
  timer(milliseconds, undefined, { signal, ref: false })

/** @returns whether there is nothing to try again. */
const provide = async (ports: ProvidePorts, blueprint: Blueprint): Promise<boolean> => {
  const { name, version } = blueprint
  try {
    await notingImageFailure(ports, blueprint, () => ports.provideImages(blueprint))
    await endImageFailure(ports, blueprint)
    return true
  } catch (error) {
    if (!isErrorOfKind(error, 'BlueprintUnavailable')) {
      ports.log.warn(
        { event: 'image-unavailable', blueprint: name, version, err: error },
        'the image of a blueprint is not available; its sites may not start',
      )
    }
    return false
  }
}

const keepProviding = async (ports: ProvidePorts, blueprint: Blueprint, signal: AbortSignal): Promise<void> => {
  for (let failures = 1; !(await provide(ports, blueprint)); failures += 1) {
    await (ports.wait ?? untilThen)(pauseAfter(failures), signal)
  }
}

/**
 * Builds or pulls the images of all blueprints at once, before visitors need them, and tries again what fails.
 * @returns after the first tries, or after five seconds: a start continues without images.
 */
export const provideBlueprints = async (
  {
    provideImages: provideNow,
    ...rest
  }: Omit<ProvidePorts, 'provideImages'> & { readonly provideImages: HostRuntime['provideImages'] | undefined },
  blueprints: readonly Blueprint[],
): Promise<{ readonly close: () => void }> => {
  if (provideNow === undefined) return { close: () => undefined }
  const ports = { ...rest, provideImages: provideNow }
  const ending = new AbortController()
  const firsts = blueprints.map((blueprint) => {
    const first = Promise.withResolvers<void>()
    const provideImages: ProvidePorts['provideImages'] = (one) => ports.provideImages(one).finally(first.resolve)
    keepProviding({ ...ports, provideImages }, blueprint, ending.signal).catch((error: unknown) => {
      first.resolve()
      if (!ending.signal.aborted)
        ports.log.warn({ blueprint: blueprint.name, err: error }, 'images are no longer provided')
    })
    return first.promise
  })
  await Promise.race([Promise.all(firsts), (ports.wait ?? untilThen)(restartLimits.imagesArrive, ending.signal)])
  return { close: () => ending.abort() }
}
