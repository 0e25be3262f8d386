import * as z from 'zod/mini'
import { SitewrightError } from '../../core/errors.ts'
import { jsonOf } from '../../core/json.ts'

const descriptor = z.object({ digest: z.string(), size: z.int().check(z.nonnegative()) })

// https://github.com/opencontainers/image-spec: an index lists an image for each platform; Docker's formats have the same fields.
const manifestSchema = z.union([
  z.object({
    manifests: z.array(
      z.object({ digest: z.string(), platform: z.optional(z.object({ architecture: z.string(), os: z.string() })) }),
    ),
  }),
  z.object({ config: descriptor, layers: z.array(descriptor) }),
])
const configSchema = z.object({ architecture: z.string() })

/** Compressed, as it is pushed. */
const maxBytes = 2 * 2 ** 30

/** It is read into memory. */
export const largestConfig = 2 ** 20

/** What a registry has, by digest. */
export interface PushedContent {
  readonly manifest: (digest: string) => Promise<string | undefined>
  /** @returns undefined for one that is larger than the largest, too. */
  readonly config: (digest: string) => Promise<string | undefined>
  /** Of a layer or a configuration. Only for a registry that takes manifests without checking what they name. */
  readonly size?: (digest: string) => Promise<number | undefined>
}

export interface PushedImage {
  readonly config: string
  readonly layers: readonly string[]
}

/** @throws {SitewrightError} `BlueprintInvalid`. */
export const refuseImage = (container: string, message: string): never => {
  const fields = [{ path: `images.${container}`, message }]
  throw new SitewrightError('BlueprintInvalid', `The image of '${container}' ${message}.`, { fields })
}

const parseAs = <Schema extends z.ZodMiniType>(schema: Schema, text: string): z.output<Schema> | undefined =>
  schema.safeParse(jsonOf(text)).data

/** Whether all parts are there, with the sizes that their manifest tells. */
const isWhole = async ({ size }: PushedContent, parts: readonly z.output<typeof descriptor>[]): Promise<boolean> => {
  if (size === undefined) return true
  for (const part of parts) if ((await size(part.digest)) !== part.size) return false
  return true
}

/**
 * Checks that a pushed image is whole, for the machines of this installation, and not too large.
 * @returns its parts.
 * @throws {SitewrightError} `BlueprintInvalid`.
 */
export const requireImage = async (
  content: PushedContent,
  { container, digest, architecture }: { container: string; digest: string; architecture: string },
): Promise<PushedImage> => {
  const text = await content.manifest(digest)
  if (text === undefined) return refuseImage(container, `was not pushed: there is no ${digest}`)
  const manifest = parseAs(manifestSchema, text)
  if (manifest === undefined) return refuseImage(container, 'has no manifest that we can read')
  if ('manifests' in manifest) {
    const own = manifest.manifests.find(
      ({ platform }) => platform?.os === 'linux' && platform.architecture === architecture,
    )
    if (own === undefined || own.digest === digest)
      return refuseImage(container, `is not made for linux/${architecture}`)
    return requireImage(content, { container, digest: own.digest, architecture })
  }
  const bytes = manifest.layers.reduce((sum, { size }) => sum + size, 0)
  if (bytes > maxBytes)
    return refuseImage(container, `has ${Math.ceil(bytes / 2 ** 20)} MiB, and at most 2,048 are allowed`)
  if (manifest.config.size > largestConfig) return refuseImage(container, 'has a configuration of more than 1 MiB')
  const hasParts = await isWhole(content, [manifest.config, ...manifest.layers])
  const config = hasParts && parseAs(configSchema, (await content.config(manifest.config.digest)) ?? '')
  if (!config) return refuseImage(container, 'is not whole: push it again')
  if (config.architecture !== architecture) {
    return refuseImage(container, `is made for ${config.architecture}, and sites run on ${architecture}`)
  }
  return { config: manifest.config.digest, layers: manifest.layers.map(({ digest: layer }) => layer) }
}

/**
 * All that images need: also images for other platforms and attestations of an index, which are pulled with it, and what is there of one that is
 * not whole.
 * @returns the digests of manifests, configurations and layers.
 */
export const partsOf = async (
  { manifest: read }: Pick<PushedContent, 'manifest'>,
  images: Iterable<string>,
): Promise<ReadonlySet<string>> => {
  const manifests = new Set(images)
  const blobs = new Set<string>()
  for (const digest of manifests) {
    const manifest = parseAs(manifestSchema, (await read(digest)) ?? '')
    if (manifest === undefined) continue
    if ('manifests' in manifest) for (const one of manifest.manifests) manifests.add(one.digest)
    else for (const one of [manifest.config, ...manifest.layers]) blobs.add(one.digest)
  }
  return new Set([...manifests, ...blobs])
}
