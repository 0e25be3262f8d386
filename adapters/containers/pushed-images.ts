import { setTimeout as timer } from 'node:timers/promises'
import type { SiteId } from '../../core/ids.ts'
import { type OwnSoftware, ownBlueprint } from '../../lambdas/deployments/deployment.ts'
import { partsOf } from '../../lambdas/deployments/image.ts'
import type { ImageFiles } from '../registry/image-files.ts'
import { pinImages } from '../registry/pin-images.ts'
import type { PushTokens } from '../registry/push-tokens.ts'
import { architectureOf, type Engine } from './engine.ts'
import { createImageLoader, nameOfPushed, readPushedName } from './load-pushed-image.ts'

const repositoryOf = (siteId: SiteId): string => `own/${ownBlueprint(siteId)}`

interface PushedImagesOptions {
  readonly files: ImageFiles
  readonly tokens: Pick<PushTokens, 'issue'>
  /** Host and port of the console. */
  readonly registry: string
  /** In bytes: what is to stay free on the engine's disk, if it is on this machine. */
  readonly reserve?: number | undefined
  /** In milliseconds, for tests: how long a request waits for its images. The gateway waits for 29 s in all. */
  readonly patience?: number
}

/** The images of accounts' software on a host that runs containers: pushed to it, and loaded into its engine. */
export const createPushedImages = ({ files, tokens, registry, reserve, patience = 20_000 }: PushedImagesOptions) => {
  const load = createImageLoader(files, { reserve })
  return {
    /** Loads an image that was pushed here. @returns false for any other image. @throws {SitewrightError} `BlueprintInvalid`, `Unavailable`. */
    load: (engine: Engine, name: string): Promise<boolean> => load(engine, name, name),
    software: (engine: Engine): OwnSoftware => ({
      pushAccess: async (siteId, right) => {
        const repository = repositoryOf(siteId)
        const platform = `linux/${await architectureOf(engine)}`
        return { registry, repository, username: repository, platform, ...tokens.issue(repository, right) }
      },
      /** Also loads its images, so that most of what is refused is refused at once. What takes longer goes on, and the start waits for it. */
      pin: async (blueprint, sources) => {
        const { siteId, images } = sources
        const repository = repositoryOf(siteId)
        const nameOf = (digest: string) => nameOfPushed(repository, digest)
        const content = files.contentOf(repository)
        const architecture = () => architectureOf(engine)
        const pinned = await pinImages(blueprint, sources, { content, nameOf, architecture })
        const loadAll = async (): Promise<void> => {
          for (const [container, digest] of Object.entries(images)) await load(engine, nameOf(digest), container)
        }
        await Promise.race([loadAll(), timer(patience, undefined, { ref: false })])
        return pinned
      },
      remove: async (siteId) => {
        await files.remove(repositoryOf(siteId))
        await removeOthers(engine, repositoryOf(siteId), new Set())
      },
      keepOnly: async (siteId, kept) => {
        const repository = repositoryOf(siteId)
        const named = new Set(kept.flatMap(({ images }) => Object.values(images)))
        await files.keep(repository, await partsOf(files.contentOf(repository), named))
        await removeOthers(engine, repository, named)
      },
    }),
  }
}

/** Removes the images of a repository but these from an engine; one that still runs stays. */
const removeOthers = async ({ calls }: Engine, repository: string, kept: ReadonlySet<string>): Promise<void> => {
  const here = await calls.listImages({ filters: { reference: [`localhost/${repository}`] } })
  for (const tag of here.flatMap(({ RepoTags }) => RepoTags ?? [])) {
    const { digest } = readPushedName(tag) ?? {}
    if (digest === undefined || kept.has(digest)) continue
    await calls
      .getImage(tag)
      .remove()
      .catch(() => undefined)
  }
}

export type PushedImages = ReturnType<typeof createPushedImages>
