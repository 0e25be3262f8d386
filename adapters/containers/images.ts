import type { Blueprint, BlueprintContainer } from '../../core/blueprint/blueprint.ts'
import { SitewrightError } from '../../core/errors.ts'
import type { Log } from '../../core/ports/context.ts'
import { oneAtATime } from '../site-runtime/pacing.ts'
import type { Engine } from './engine.ts'
import { followToEnd } from './engine.ts'
import { engineUnavailable, refusalOf } from './engine-error.ts'

/**
 * Provides a container's image: builds it if the blueprint says how, otherwise pulls it.
 * @throws {SitewrightError} `LaunchFailed` if that fails, `RuntimeUnavailable` if the engine does not answer.
 */
export type EnsureImage = (blueprint: Blueprint, container: BlueprintContainer) => Promise<void>

const longestMilliseconds = 15 * 60_000

/** Without a tag Docker would pull every version there is. */
const withTag = (image: string): string => (/[:@][^/]*$/.test(image) ? image : `${image}:latest`)

export const imageProvider = ({
  engine,
  resolvePath,
  log,
}: {
  readonly engine: Engine
  readonly resolvePath: (blueprint: Blueprint, path: string) => string
  readonly log: Pick<Log, 'info'>
}): EnsureImage => {
  const exclusively = oneAtATime()

  const isThere = async (image: string): Promise<boolean> => {
    try {
      await engine.calls.getImage(image).inspect()
      return true
    } catch (error) {
      if (refusalOf(error).status === 404) return false
      throw engineUnavailable(error, `look for the image ${image}`)
    }
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
        'LaunchFailed',
        `The engine at ${engine.address} does not have the image ${image}, and it could not be ${way}: ` +
          `${refusalOf(error).reason}. Provide the image by hand, or correct the blueprint '${blueprint.name}'.`,
        { cause: error },
      )
    }
  }

  return (blueprint, container) => exclusively(container.image, () => provide(blueprint, container))
}
