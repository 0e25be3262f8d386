import { createHash } from 'node:crypto'
import { type PushedImage, refuseImage } from '../../lambdas/deployments/image.ts'
import type { ImageFiles } from './image-files.ts'
import { createTarMeasure, LayerRefused } from './measure-layer.ts'
import { unpackLayer } from './unpack-layer.ts'

/** Of all layers of an image, as they take it on a disk. */
const maxUnpacked = 8 * 2 ** 30

type Files = Pick<ImageFiles, 'read' | 'size'>

export interface MeasuredLayer {
  /** In bytes, of its tar file. */
  readonly size: number
  readonly sha256: string
}

export interface MeasuredImage {
  /** What it takes on a disk, at most. */
  readonly bytes: number
  /** Files and directories, at most. */
  readonly entries: number
  readonly layers: ReadonlyMap<string, MeasuredLayer>
}

/** The tar file of a layer, which has to be as it was pushed. @throws {LayerRefused}; {Error} for one that is missing or was changed. */
export async function* readLayer(files: Files, repository: string, digest: string): AsyncGenerator<Buffer> {
  const size = await files.size(repository, digest)
  if (size === undefined) throw new Error(`${digest} of ${repository} is missing`)
  let first = ''
  for await (const chunk of files.read(repository, digest, Math.min(size, 4))) first += chunk.toString('hex')
  const hash = createHash('sha256')
  const content = async function* (): AsyncGenerator<Buffer> {
    for await (const chunk of files.read(repository, digest, size)) {
      hash.update(chunk)
      yield chunk
    }
    if (`sha256:${hash.digest('hex')}` !== digest) throw new Error(`${digest} of ${repository} is not what was pushed`)
  }
  yield* unpackLayer(first, content())
}

/**
 * Unpacks the layers of an image to see that they do not fill the engine's disk, which all sites may share: 2 GiB could become a thousand times as
 * much. A layer counts each time that the image has it.
 * @param options.limit for tests.
 * @throws {SitewrightError} `BlueprintInvalid`.
 */
export const measureImage = async (
  files: Files,
  { repository, container, image }: { repository: string; container: string; image: PushedImage },
  { limit = maxUnpacked } = {},
): Promise<MeasuredImage> => {
  const layers = new Map<string, MeasuredLayer>()
  let [bytes, entries] = [0, 0]
  try {
    for (const digest of image.layers) {
      const measure = createTarMeasure()
      const hash = createHash('sha256')
      let [size, taken] = [0, 0]
      for await (const chunk of readLayer(files, repository, digest)) {
        hash.update(chunk)
        size += chunk.length
        taken = measure.add(chunk)
        if (bytes + taken > limit) throw new LayerRefused(`has more than ${limit / 2 ** 20} MiB when it is unpacked`)
      }
      entries += measure.end()
      bytes += taken
      layers.set(digest, { size, sha256: hash.digest('hex') })
    }
  } catch (error) {
    if (error instanceof LayerRefused) refuseImage(container, error.message)
    throw error
  }
  return { bytes, entries, layers }
}
