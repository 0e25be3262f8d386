import { readdir } from 'node:fs/promises'
import type { Blueprint, BlueprintContainer } from '../../core/blueprint/blueprint.ts'
import { isErrorOfKind, SitewrightError } from '../../core/errors.ts'
import type { Log } from '../../core/ports/context.ts'
import { oneAtATime } from '../site-runtime/pacing.ts'
import { architectureOf, type Engine, followToEnd, processorOf } from './engine.ts'
import { engineUnavailable, refusalOf } from './engine-error.ts'

/**
 * Provides a container's image: builds it if the blueprint says how, otherwise pulls it.
 * @throws {SitewrightError} `BlueprintUnavailable` if that fails, `RuntimeUnavailable` if the engine does not answer.
 */
export type EnsureImage = (blueprint: Blueprint, container: BlueprintContainer) => Promise<void>

/** Provides the images of all containers of a blueprint. Throws like `EnsureImage`. */
export const provideImagesWith =
  (ensureImage: EnsureImage) =>
  async (blueprint: Blueprint): Promise<void> => {
    for (const container of blueprint.containers) await ensureImage(blueprint, container)
  }

const longestMilliseconds = 15 * 60_000

/** A failure is remembered for so long, in milliseconds: many sites may need the same image at once. */
const memoryMilliseconds = 10_000

/** The kernel of this machine runs programs of other processors. An engine on another system may do so too. */
const emulates = async (): Promise<boolean> =>
  process.platform !== 'linux' ||
  (await readdir('/proc/sys/fs/binfmt_misc').catch(() => [])).some((name) => name.startsWith('qemu-'))

/** Without a tag Docker would pull every version there is. */
const withTag = (image: string): string => (/[:@][^/]*$/.test(image) ? image : `${image}:latest`)

/** The directories that each image declares by `VOLUME`. Fails as the engine does, also where it has no such image. */
export const volumesOf = async (
  { calls }: Engine,
  images: Iterable<string>,
): Promise<ReadonlyMap<string, readonly string[]>> => {
  const found = [...new Set(images)].map(async (image) => {
    const { Config } = await calls.getImage(image).inspect()
    return [image, Object.keys(Config?.Volumes ?? {})] as const
  })
  return new Map(await Promise.all(found))
}

export const imageProvider = (options: {
  readonly engine: Engine
  readonly resolvePath: (blueprint: Blueprint, path: string) => string
  readonly log: Pick<Log, 'info'>
  /** Loads an image that was pushed to this host. Returns false for any other one. */
  readonly loadOwn?: ((engine: Engine, image: string) => Promise<boolean>) | undefined
  /** For tests. */
  readonly mayEmulate?: () => Promise<boolean>
}): EnsureImage => {
  const { engine, resolvePath, log, loadOwn, mayEmulate = emulates } = options
  const exclusively = oneAtATime()

  const failures = new Map<string, { readonly error: unknown; readonly until: number }>()

  const find = async (image: string): Promise<{ readonly Architecture: string } | undefined> => {
    try {
      return await engine.calls.getImage(image).inspect()
    } catch (error) {
      if (refusalOf(error).status === 404) return undefined
      throw engineUnavailable(error, `look for the image ${image}`)
    }
  }

  /** @throws {SitewrightError} `BlueprintUnavailable` */
  const isThere = async (image: string): Promise<boolean> => {
    const found = await find(image)
    if (found === undefined) return false
    const [made, own] = [processorOf(found.Architecture), await architectureOf(engine)]
    if (made === own || made === '' || (await mayEmulate())) return true
    throw new SitewrightError(
      'BlueprintUnavailable',
      `The image ${image} is made for another architecture: ${made}, not ${own}.`,
    )
  }

  const build = async (image: string, context: string, dockerfile: string): Promise<void> => {
    const abortSignal = AbortSignal.timeout(longestMilliseconds)
    // Docker's builder behind this API knows no platform of its own.
    const { Os, Arch } = await engine.calls.version()
    const buildargs = { BUILDPLATFORM: `${Os}/${Arch}` }
    await followToEnd(
      await engine.streams.buildImage(
        { context, src: ['.'] },
        { t: image, dockerfile, rm: true, buildargs, abortSignal },
      ),
    )
  }

  const pull = async (image: string): Promise<void> => {
    if (await loadOwn?.(engine, image)) return
    const abortSignal = AbortSignal.timeout(longestMilliseconds)
    await followToEnd(await engine.streams.pull(withTag(image), { abortSignal }))
  }

  const provide = async (blueprint: Blueprint, { image, build: recipe }: BlueprintContainer): Promise<void> => {
    if (await isThere(image)) return
    const context = recipe === undefined ? undefined : resolvePath(blueprint, recipe.context)
    log.info({ image, context }, context === undefined ? 'pulling an image' : 'building an image')
    const way = context === undefined ? 'pulled' : `built from ${context}`
    try {
      if (recipe === undefined || context === undefined) await pull(image)
      else await build(image, context, recipe.dockerfile)
    } catch (error) {
      // Throws by itself where the engine is gone, which is not the image's fault.
      if (await isThere(image)) return
      throw new SitewrightError(
        'BlueprintUnavailable',
        `The engine at ${engine.address} does not have the image ${image}, and it could not be ${way}: ` +
          `${refusalOf(error).reason}. Provide the image by hand, or correct the blueprint '${blueprint.name}'.`,
        { cause: error },
      )
    }
    await isThere(image)
  }

  const provideOrRemember = async (blueprint: Blueprint, container: BlueprintContainer): Promise<void> => {
    const failure = failures.get(container.image)
    if (failure !== undefined && performance.now() < failure.until) throw failure.error
    failures.delete(container.image)
    try {
      await provide(blueprint, container)
    } catch (error) {
      if (isErrorOfKind(error, 'BlueprintUnavailable')) {
        failures.set(container.image, { error, until: performance.now() + memoryMilliseconds })
      }
      throw error
    }
  }

  return (blueprint, container) => exclusively(container.image, () => provideOrRemember(blueprint, container))
}
