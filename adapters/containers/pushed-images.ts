import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { PassThrough, type Writable } from 'node:stream'
import type { SiteId } from '../../core/ids.ts'
import { type OwnSoftware, ownBlueprint } from '../../lambdas/deployments/deployment.ts'
import { type PushedImage, partsOf, requireImage } from '../../lambdas/deployments/image.ts'
import { tarEnd, tarHeader, tarPadding } from '../archiver/archive-entry.ts'
import type { ImageFiles } from '../registry/image-files.ts'
import { pinImages } from '../registry/pin-images.ts'
import type { PushTokens } from '../registry/push-tokens.ts'
import { architectureOf, type Engine, followToEnd } from './engine.ts'

const repositoryOf = (siteId: SiteId): string => `own/${ownBlueprint(siteId)}`

/** An image that is here alone: no engine looks for it elsewhere. */
const nameOf = (repository: string, digest: string): string =>
  `localhost/${repository}:${digest.replace('sha256:', '')}`
const namePattern = /^localhost\/(own\/site-[0-9a-z]{26}):([0-9a-f]{64})$/

const write = async (out: Writable, bytes: Buffer): Promise<void> => {
  if (!out.write(bytes)) await once(out, 'drain')
}

/** Writes an image in the form that engines load: https://github.com/moby/docker-image-spec. */
const writeImage = async (
  out: Writable,
  files: ImageFiles,
  { repository, name, image }: { repository: string; name: string; image: PushedImage },
): Promise<void> => {
  const head = (path: string, size: number) => tarHeader({ path, mode: 0o644, mtime: '0', type: 'file', size })
  const fileOf = (digest: string): string => digest.replace('sha256:', '')
  const list = [{ Config: fileOf(image.config), RepoTags: [name], Layers: image.layers.map(fileOf) }]
  const manifest = Buffer.from(JSON.stringify(list))
  await write(out, Buffer.concat([head('manifest.json', manifest.length), manifest, tarPadding(manifest.length)]))
  for (const digest of new Set([image.config, ...image.layers])) {
    const size = await files.size(repository, digest)
    if (size === undefined) throw new Error(`${digest} of ${name} is missing`)
    await write(out, head(fileOf(digest), size))
    const hash = createHash('sha256')
    for await (const chunk of files.read(repository, digest, size)) {
      hash.update(chunk)
      await write(out, chunk)
    }
    // Without its end the engine takes none of it.
    if (`sha256:${hash.digest('hex')}` !== digest) throw new Error(`${digest} of ${name} is not what was pushed`)
    await write(out, tarPadding(size))
  }
  out.end(tarEnd)
}

/** The images of accounts' software on a host that runs containers: pushed to it, and loaded into its engine. */
export const createPushedImages = ({
  files,
  tokens,
  registry,
}: {
  readonly files: ImageFiles
  readonly tokens: Pick<PushTokens, 'issue'>
  /** Host and port of the console. */
  readonly registry: string
}) => ({
  /** Loads an image that was pushed here. @returns false for any other image. @throws {SitewrightError} `BlueprintInvalid`. */
  load: async (engine: Engine, name: string): Promise<boolean> => {
    const [, repository, hex] = namePattern.exec(name) ?? []
    if (repository === undefined || hex === undefined) return false
    const architecture = await architectureOf(engine)
    const wanted = { container: repository, digest: `sha256:${hex}`, architecture }
    const image = await requireImage(files.contentOf(repository), wanted)
    const stream = new PassThrough()
    const written = writeImage(stream, files, { repository, name, image }).catch((error: Error) => {
      // Ends the call, too: the engine would wait for the rest.
      stream.destroy(error)
      throw error
    })
    const [progress] = await Promise.all([engine.streams.loadImage(stream), written])
    await followToEnd(progress)
    return true
  },
  software: (
    engine: Engine,
    provideImages: (blueprint: Parameters<OwnSoftware['pin']>[0]) => Promise<void>,
  ): OwnSoftware => ({
    pushAccess: async (siteId, right) => {
      const repository = repositoryOf(siteId)
      const platform = `linux/${await architectureOf(engine)}`
      return { registry, repository, username: repository, platform, ...tokens.issue(repository, right) }
    },
    pin: async (blueprint, sources) => {
      const { siteId } = sources
      const repository = repositoryOf(siteId)
      const pushed = { content: files.contentOf(repository), nameOf: (digest: string) => nameOf(repository, digest) }
      const pinned = await pinImages(blueprint, sources, { ...pushed, architecture: () => architectureOf(engine) })
      // Before the site stops: its visitors do not wait for it.
      await provideImages(pinned)
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
})

/** Removes the images of a repository but these from an engine; one that still runs stays. */
const removeOthers = async ({ calls }: Engine, repository: string, kept: ReadonlySet<string>): Promise<void> => {
  const here = await calls.listImages({ filters: { reference: [`localhost/${repository}`] } })
  for (const tag of here.flatMap(({ RepoTags }) => RepoTags ?? [])) {
    const [, , hex] = namePattern.exec(tag) ?? []
    if (hex === undefined || kept.has(`sha256:${hex}`)) continue
    await calls
      .getImage(tag)
      .remove()
      .catch(() => undefined)
  }
}

export type PushedImages = ReturnType<typeof createPushedImages>
