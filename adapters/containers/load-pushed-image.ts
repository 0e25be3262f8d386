import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { statfs } from 'node:fs/promises'
import { PassThrough, type Writable } from 'node:stream'
import { isErrorOfKind, SitewrightError } from '../../core/errors.ts'
import { type PushedImage, requireImage } from '../../lambdas/deployments/image.ts'
import { tarEnd, tarHeader, tarPadding } from '../archiver/tar.ts'
import { keepLast } from '../keep-last.ts'
import type { ImageFiles } from '../registry/image-files.ts'
import { type MeasuredImage, type MeasuredLayer, measureImage, readLayer } from '../registry/measure-image.ts'
import { oneAtATime } from '../site-runtime/pacing.ts'
import { architectureOf, type Engine, followToEnd } from './engine.ts'

const namePattern = /^localhost\/(own\/site-[0-9a-z]{26}):([0-9a-f]{64})$/

/** An image that is here alone: no engine looks for it elsewhere. */
export const nameOfPushed = (repository: string, digest: string): string =>
  `localhost/${repository}:${digest.replace('sha256:', '')}`

/** Undefined for the name of any other image. */
export const readPushedName = (name: string): { readonly repository: string; readonly digest: string } | undefined => {
  const [, repository, hex] = namePattern.exec(name) ?? []
  return repository === undefined || hex === undefined ? undefined : { repository, digest: `sha256:${hex}` }
}

const write = async (out: Writable, bytes: Buffer): Promise<void> => {
  // It would never drain.
  if (out.destroyed) throw new Error('nobody reads the image any more')
  if (!out.write(bytes)) await once(out, 'drain')
}

interface ImageToLoad {
  readonly repository: string
  readonly name: string
  readonly image: PushedImage
  readonly measured: MeasuredImage
}

/** Writes an image in the form that engines load: https://github.com/moby/docker-image-spec. Its layers are unpacked: nothing in it is more than what was measured. */
const writeImage = async (
  out: Writable,
  files: ImageFiles,
  { repository, name, image, measured }: ImageToLoad,
): Promise<void> => {
  const head = (path: string, size: number) => tarHeader({ path, mode: 0o644, mtime: '0', type: 'file', size })
  const fileOf = (digest: string): string => digest.replace('sha256:', '')
  const writeFile = async (path: string, content: AsyncIterable<Buffer>, { size, sha256 }: MeasuredLayer) => {
    await write(out, head(path, size))
    const hash = createHash('sha256')
    for await (const chunk of content) {
      hash.update(chunk)
      await write(out, chunk)
    }
    // Without its end the engine takes none of it.
    if (hash.digest('hex') !== sha256) throw new Error(`${path} of ${name} is not what was pushed`)
    await write(out, tarPadding(size))
  }
  const list = [{ Config: fileOf(image.config), RepoTags: [name], Layers: image.layers.map(fileOf) }]
  const manifest = Buffer.from(JSON.stringify(list))
  await write(out, Buffer.concat([head('manifest.json', manifest.length), manifest, tarPadding(manifest.length)]))
  const size = (await files.size(repository, image.config)) ?? 0
  const config = { size, sha256: fileOf(image.config) }
  await writeFile(fileOf(image.config), files.read(repository, image.config, size), config)
  for (const [digest, layer] of measured.layers) {
    await writeFile(fileOf(digest), readLayer(files, repository, digest), layer)
  }
  out.end(tarEnd)
}

/** What the host keeps free unless its settings say otherwise, as `docs/limits.md` says; at most a tenth of a disk. */
const usualReserve = 2 * 2 ** 30

/** Podman keeps an image as it came, then its layers, and unpacks these. */
const copiesWritten = 3

/**
 * @param reserve in bytes, what is kept free.
 * @throws {SitewrightError} `Unavailable` if the engine's disk has no room for an image; not where it is on another machine.
 */
export const requireRoom = async (
  { address, calls }: Pick<Engine, 'address' | 'calls'>,
  { bytes, entries }: Pick<MeasuredImage, 'bytes' | 'entries'>,
  { reserve = usualReserve, diskOf = statfs } = {},
): Promise<void> => {
  if (!address.startsWith('unix:')) return
  const { DockerRootDir } = await calls.info()
  const disk = await diskOf(String(DockerRootDir)).catch(() => undefined)
  if (disk === undefined) return
  const kept = Math.min(reserve, (disk.blocks * disk.bsize) / 10)
  const hasRoom = disk.bavail * disk.bsize - kept >= copiesWritten * bytes
  // Some file systems have no bound of files, and say 0.
  if (hasRoom && (disk.files === 0 || disk.ffree - disk.files / 10 >= entries)) return
  throw new SitewrightError('Unavailable', 'The disk of this host has no room for the image. Ask its operators.')
}

const isLoaded = ({ calls }: Engine, name: string): Promise<boolean> =>
  calls
    .getImage(name)
    .inspect()
    .then(
      () => true,
      () => false,
    )

const maxRefusals = 100

/** Loads images that were pushed to this host into its engine. */
export const createImageLoader = (files: ImageFiles, { reserve }: { readonly reserve?: number | undefined } = {}) => {
  const byName = oneAtATime()
  /** Measuring one takes a core, and each is loaded into the room that the one before left. */
  const inTurn = oneAtATime()
  /** What a name means never changes, so neither does the answer. */
  const refusals = new Map<string, unknown>()

  const measure = async (name: string, wanted: Parameters<typeof measureImage>[1]): Promise<MeasuredImage> => {
    if (refusals.has(name)) throw refusals.get(name)
    try {
      return await inTurn('measure', () => measureImage(files, wanted))
    } catch (error) {
      if (isErrorOfKind(error, 'BlueprintInvalid')) keepLast(refusals, name, error, maxRefusals)
      throw error
    }
  }

  const loadNow = async (engine: Engine, name: string, container: string): Promise<boolean> => {
    const { repository, digest } = readPushedName(name) ?? {}
    if (repository === undefined || digest === undefined) return false
    if (await isLoaded(engine, name)) return true
    const architecture = await architectureOf(engine)
    const image = await requireImage(files.contentOf(repository), { container, digest, architecture })
    const measured = await measure(name, { repository, container, image })
    await inTurn(`load ${engine.address}`, () => send(engine, { repository, name, image, measured }))
    return true
  }

  const send = async (engine: Engine, toLoad: ImageToLoad): Promise<void> => {
    await requireRoom(engine, toLoad.measured, { reserve })
    const stream = new PassThrough()
    // Whoever writes hears of it.
    stream.on('error', () => undefined)
    const written = writeImage(stream, files, toLoad).catch((error: Error) => {
      // Ends the call, too: the engine would wait for the rest.
      stream.destroy(error)
      throw error
    })
    const loaded = engine.streams
      .loadImage(stream)
      .then(followToEnd)
      // It may have ended early, and then nothing takes the rest.
      .finally(() => stream.destroy(new Error('The engine has ended the load.')))
    // Why the engine ended says more than that it did.
    const [outcome] = await Promise.allSettled([loaded, written])
    if (outcome.status === 'rejected') throw outcome.reason
    await written
  }

  /**
   * Loads an image unless the engine has it.
   * @param container how its owner calls what runs it.
   * @returns false for any image that was not pushed here. @throws {SitewrightError} `BlueprintInvalid`; `Unavailable` without room.
   */
  return (engine: Engine, name: string, container: string): Promise<boolean> =>
    byName(name, () => loadNow(engine, name, container))
}
