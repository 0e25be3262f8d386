import { createCipheriv, createDecipheriv, createHash, hkdfSync, randomBytes } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import * as z from 'zod'
import {
  type BundledSecrets,
  type BundledSite,
  bundledSecretsSchema,
  bundledSiteSchema,
} from '../../lambdas/bundles/bundled-site.ts'

/** The files of a bundle, docs/bundles.md describes them. */
export const bundleFiles = {
  archive: 'archive.tar.zst',
  manifest: 'archive.manifest.jsonl',
  description: 'bundle.json',
} as const

const format = 'sitewright-bundle'
const version = 1
const algorithm = 'aes-256-gcm'
/** In bytes; NIST SP 800-38D recommends both. */
const [ivLength, tagLength] = [12, 16]
const maxDescriptionBytes = 4 * 1024 * 1024

const digestSchema = z.strictObject({ bytes: z.int().nonnegative(), sha256: z.string().regex(/^[0-9a-f]{64}$/) })
export type FileDigest = z.infer<typeof digestSchema>

const headSchema = z.strictObject({
  format: z.literal(format),
  version: z.literal(version),
  salt: z.base64(),
  iv: z.base64(),
  files: z.strictObject({ archive: digestSchema, manifest: digestSchema }),
  site: bundledSiteSchema,
})

export interface Bundle {
  readonly site: BundledSite
  readonly secrets: BundledSecrets
  readonly files: Readonly<Record<'archive' | 'manifest', FileDigest>>
}

/** 256 bits at random, in a form that is recognised. */
export const makeBundleKey = (): string => `swbk_${randomBytes(32).toString('base64url')}`

const keyBytes = (key: string): Buffer => {
  const [, text = ''] = /^swbk_([\w-]{43})$/.exec(key.trim()) ?? []
  if (text === '')
    throw new Error('This is not a key of a bundle: one begins with swbk_ and has 43 characters after that.')
  return Buffer.from(text, 'base64url')
}

/** A key for this bundle alone. */
const bundleKeyFor = (key: string, salt: Buffer): Buffer =>
  Buffer.from(hkdfSync('sha256', keyBytes(key), salt, `${format} ${version}`, 32))

/** The text of `bundle.json`: everything before `sealed` is authenticated with it, and so are the files by their digests. */
export const sealBundle = ({ site, secrets, files }: Bundle, key: string): string => {
  const [salt, iv] = [randomBytes(32), randomBytes(ivLength)]
  const head = { format, version, salt: salt.toString('base64'), iv: iv.toString('base64'), files, site }
  const cipher = createCipheriv(algorithm, bundleKeyFor(key, salt), iv, { authTagLength: tagLength })
  cipher.setAAD(Buffer.from(JSON.stringify(head)))
  const content = Buffer.concat([cipher.update(JSON.stringify(secrets), 'utf8'), cipher.final(), cipher.getAuthTag()])
  return textOf(head, content)
}

const textOf = (head: object, content: Buffer): string =>
  `${JSON.stringify({ ...head, sealed: content.toString('base64') })}\n`

const damaged = (): Error =>
  new Error('The bundle does not open: its key is another one, or something in bundle.json was changed.')

const parseJson = (text: string): unknown => {
  try {
    return JSON.parse(text)
  } catch {
    throw new Error('bundle.json is not whole: it is no JSON.')
  }
}

const newestSchema = z.looseObject({ format: z.literal(format), version: z.int() })
const sealedSchema = z.looseObject({ sealed: z.base64() })

const decrypt = (head: Record<string, unknown>, content: Buffer, key: string): string => {
  const { salt, iv } = z.looseObject({ salt: z.base64(), iv: z.base64() }).parse(head)
  const decipher = createDecipheriv(
    algorithm,
    bundleKeyFor(key, Buffer.from(salt, 'base64')),
    Buffer.from(iv, 'base64'),
    { authTagLength: tagLength },
  )
  decipher.setAAD(Buffer.from(JSON.stringify(head))).setAuthTag(content.subarray(-tagLength))
  return Buffer.concat([decipher.update(content.subarray(0, -tagLength)), decipher.final()]).toString('utf8')
}

/**
 * Opens the text of `bundle.json`. Nothing of it is used before all of it is authenticated.
 * @throws {Error} for a newer format, another key, and wherever a byte differs from what was written.
 */
export const openBundle = (text: string, key: string): Bundle => {
  keyBytes(key)
  const found = parseJson(text)
  const newest = newestSchema.safeParse(found)
  if (!newest.success) throw new Error('bundle.json is not of a bundle.')
  if (newest.data.version > version) {
    throw new Error(
      `The bundle has the format ${newest.data.version}, and this version reads up to ${version}. Update first.`,
    )
  }
  const sealed = sealedSchema.safeParse(found)
  if (!sealed.success) throw damaged()
  const { sealed: encoded, ...head } = sealed.data
  const content = Buffer.from(encoded, 'base64')
  // Otherwise spaces, or unused bits of base64, could change unnoticed.
  if (textOf(head, content) !== text) throw damaged()
  try {
    const secrets: unknown = JSON.parse(decrypt(head, content, key))
    const { site, files } = headSchema.parse(head)
    return { site, files, secrets: bundledSecretsSchema.parse(secrets) }
  } catch (error) {
    if (error instanceof z.ZodError)
      throw new Error(`The bundle says what nothing here can have: ${z.prettifyError(error)}`)
    throw damaged()
  }
}

/** The pieces of a stream, whose digest `result` gives after the last one. */
export const digesting = (content: AsyncIterable<Uint8Array>) => {
  const hash = createHash('sha256')
  let bytes = 0
  return {
    content: (async function* () {
      for await (const piece of content) {
        hash.update(piece)
        bytes += piece.length
        yield piece
      }
    })(),
    result: (): FileDigest => ({ bytes, sha256: hash.digest('hex') }),
  }
}

/** Reads a file of a bundle. @throws {Error} at its end, if it is not what the bundle says. */
export const readBundled = async function* (
  directory: string,
  part: 'archive' | 'manifest',
  wanted: FileDigest,
): AsyncGenerator<Uint8Array> {
  const { content, result } = digesting(createReadStream(join(directory, bundleFiles[part])))
  yield* content
  const { bytes, sha256 } = result()
  if (bytes === wanted.bytes && sha256 === wanted.sha256) return
  const how = bytes === wanted.bytes ? 'was changed' : `has ${bytes} bytes instead of ${wanted.bytes}`
  throw new Error(`${bundleFiles[part]} ${how}, so it is not used.`)
}

/** Opens a bundle and reads all of it. @throws {Error} wherever a byte differs from what was written. */
export const readBundle = async (directory: string, key: string): Promise<Bundle> => {
  const path = join(directory, bundleFiles.description)
  if ((await stat(path)).size > maxDescriptionBytes) throw new Error('bundle.json is too large to be of a bundle.')
  const bundle = openBundle(await readFile(path, 'utf8'), key)
  for (const part of ['manifest', 'archive'] as const) {
    for await (const _ of readBundled(directory, part, bundle.files[part]));
  }
  return bundle
}
