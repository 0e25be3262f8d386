import type { IncomingMessage, ServerResponse } from 'node:http'
import { pipeline } from 'node:stream/promises'
import * as z from 'zod'
import { jsonOf } from '../../core/json.ts'
import { type ImageFiles, isDigest, largestBlob, largestManifest, type Upload, UploadRefused } from './image-files.ts'
import type { PushTokens } from './push-tokens.ts'

interface RegistryOptions {
  readonly files: ImageFiles
  readonly tokens: Pick<PushTokens, 'isValid'>
  /** Whether the disk cannot take so many bytes more. */
  readonly lacksRoom: (bytes?: number) => Promise<boolean>
}

interface Asked {
  readonly request: IncomingMessage
  readonly response: ServerResponse
  /** Of a repository, such as `own/site-01jq…`. */
  readonly repository: string
  readonly query: URLSearchParams
}

type Headers = Readonly<Record<string, string | number>>

/** Answers once the upload is free again: the client goes on at once. */
type Reply = () => void

const answer = ({ request, response }: Pick<Asked, 'request' | 'response'>, status: number, headers: Headers = {}) => {
  response.writeHead(status, { 'content-length': 0, ...headers, ...(request.complete ? {} : { connection: 'close' }) })
  response.end()
}

const refuse = (asked: Pick<Asked, 'request' | 'response'>, status: number, code: string, message: string): void => {
  const body = JSON.stringify({ errors: [{ code, message }] })
  const { request, response } = asked
  response.writeHead(status, {
    'content-type': 'application/json',
    'content-length': Buffer.byteLength(body),
    ...(status === 401 ? { 'www-authenticate': 'Basic realm="sitewright"' } : {}),
    ...(request.complete ? {} : { connection: 'close' }),
  })
  response.end(request.method === 'HEAD' ? undefined : body)
}

/** The codes are those of the specification. */
const refusals: Readonly<Record<UploadRefused['reason'], readonly [status: number, code: string, message: string]>> = {
  missing: [404, 'BLOB_UPLOAD_UNKNOWN', 'There is no such upload. Begin again.'],
  busy: [409, 'BLOB_UPLOAD_INVALID', 'Another request sends this upload. Wait until it has ended.'],
  'too-many': [
    429,
    'TOOMANYREQUESTS',
    'Too many uploads are not finished. Finish them, or try again in a few seconds.',
  ],
  'too-large': [413, 'SIZE_INVALID', 'It is too large: a layer has at most 2 GiB, and a manifest 4 MiB.'],
  'no-room': [413, 'DENIED', 'This repository has 32 GiB. Make the images smaller, or push again in an hour.'],
  full: [
    507,
    'DENIED',
    'The disk of this host has too little free space for this upload. Ask its operators to free some, then push again.',
  ],
}

const credentialsOf = ({ headers }: IncomingMessage): readonly [user: string, password: string] => {
  const [, encoded = ''] = /^Basic (.+)$/i.exec(headers.authorization ?? '') ?? []
  const [user = '', password = ''] = Buffer.from(encoded, 'base64').toString().split(/:(.*)/s)
  return [user, password]
}

const rightFor = ({ method }: IncomingMessage) => (method === 'GET' || method === 'HEAD' ? 'pull' : 'push')

const refuseDigest = (asked: Asked, digest: string): void =>
  refuse(asked, 400, 'DIGEST_INVALID', `What was sent does not have the digest ${digest}.`)

const isTag = (text: string): boolean => /^\w[\w.-]{0,127}$/.test(text)

const refuseReference = (asked: Asked): void =>
  refuse(asked, 400, 'DIGEST_INVALID', 'Name the manifest by a tag or by its SHA-256 digest.')

/** No other type is ever served: the registry is on the host of the console, and `text/html` would run there as its own. */
const manifestTypes = [
  'application/vnd.oci.image.manifest.v1+json',
  'application/vnd.oci.image.index.v1+json',
  'application/vnd.docker.distribution.manifest.v2+json',
  'application/vnd.docker.distribution.manifest.list.v2+json',
] as const

const manifestSchema = z.looseObject({
  mediaType: z.enum(manifestTypes).optional().catch(undefined),
  manifests: z.unknown().optional(),
})

/** What a manifest says itself. OCI's may not say it. Undefined for what is no manifest. */
const mediaTypeOf = (text: string | undefined): string | undefined => {
  const { data } = manifestSchema.safeParse(text === undefined ? undefined : jsonOf(text))
  if (data === undefined) return undefined
  return data.mediaType ?? `application/vnd.oci.image.${data.manifests === undefined ? 'manifest' : 'index'}.v1+json`
}

/**
 * Serves the part of a registry with which clients push, and with which they pull by digest what they have pushed, over plain files. A password reaches
 * one repository. @see https://github.com/opencontainers/distribution-spec/blob/main/spec.md
 */
export const createRegistry = ({ files, tokens, lacksRoom }: RegistryOptions) => {
  const at = (repository: string, rest: string): string => `/v2/${repository}/${rest}`

  const sendBlob = async (asked: Asked, digest: string, type = 'application/octet-stream'): Promise<void> => {
    const { request, response, repository } = asked
    const size = await files.size(repository, digest)
    if (size === undefined) return refuse(asked, 404, 'BLOB_UNKNOWN', `There is no ${digest}.`)
    const isHead = request.method === 'HEAD'
    if (isHead) await files.renew(repository, digest)
    response.writeHead(200, { 'content-type': type, 'content-length': size, 'docker-content-digest': digest })
    // A pipeline closes the file of a pull that breaks off, but not if the client has gone before.
    if (isHead || response.destroyed) return void response.end()
    await pipeline(files.read(repository, digest, size), response)
  }

  const sendManifest = async (asked: Asked, reference: string): Promise<void> => {
    const type = mediaTypeOf(await files.contentOf(asked.repository).manifest(reference))
    if (type === undefined) return refuse(asked, 404, 'MANIFEST_UNKNOWN', 'Manifests are found by their digests.')
    await sendBlob(asked, reference, type)
  }

  const finish = async (asked: Asked, upload: Upload, digest: string): Promise<Reply> => {
    const { repository } = asked
    if ((await upload.finish(digest)) !== digest) return () => refuseDigest(asked, digest)
    const headers = { location: at(repository, `blobs/${digest}`), 'docker-content-digest': digest }
    return () => answer(asked, 201, headers)
  }

  /** What an upload has. */
  const told = (repository: string, id: string, size: number): Headers => ({
    location: at(repository, `blobs/uploads/${id}`),
    range: `0-${Math.max(size - 1, 0)}`,
    'docker-upload-uuid': id,
  })

  const begin = async (asked: Asked): Promise<void> => {
    const { request, repository, query } = asked
    const digest = query.get('digest')
    if (digest === null) {
      const id = await files.begin(repository)
      return answer(asked, 202, told(repository, id, 0))
    }
    if (!isDigest(digest)) return refuseDigest(asked, digest)
    const reply = await files.withNewUpload(repository, async (upload) => {
      await upload.append(request, { max: largestBlob, lacksRoom })
      return finish(asked, upload, digest)
    })
    reply()
  }

  const tellUpload = async (asked: Asked, id: string): Promise<void> => {
    const size = await files.uploaded(asked.repository, id)
    if (size === undefined) throw new UploadRefused('missing')
    answer(asked, 204, told(asked.repository, id, size))
  }

  const upload = async (asked: Asked, id: string): Promise<void> => {
    const { request, repository, query } = asked
    const digest = request.method === 'PUT' ? (query.get('digest') ?? '') : undefined
    if (digest !== undefined && !isDigest(digest)) return refuseDigest(asked, digest)
    const reply = await files.withUpload(repository, id, async (open): Promise<Reply> => {
      const from = /^(\d+)-/.exec(request.headers['content-range'] ?? '')?.[1]
      if (from !== undefined && Number(from) !== open.size) {
        return () => answer(asked, 416, told(repository, id, open.size))
      }
      const size = await open.append(request, { max: largestBlob, lacksRoom })
      return digest === undefined ? () => answer(asked, 202, told(repository, id, size)) : finish(asked, open, digest)
    })
    reply()
  }

  const putManifest = async (asked: Asked, reference: string): Promise<void> => {
    const { request, repository } = asked
    const expected = isDigest(reference) ? reference : undefined
    if (expected === undefined && !isTag(reference)) return refuseReference(asked)
    const digest = await files.withNewUpload(repository, async (open) => {
      await open.append(request, { max: largestManifest, lacksRoom })
      return open.finish(expected)
    })
    if (expected !== undefined && expected !== digest) return refuseDigest(asked, expected)
    if (mediaTypeOf(await files.contentOf(repository).manifest(digest)) === undefined)
      return refuse(asked, 400, 'MANIFEST_INVALID', 'A manifest is a JSON object.')
    answer(asked, 201, { location: at(repository, `manifests/${digest}`), 'docker-content-digest': digest })
  }

  const serves: Readonly<Record<string, (asked: Asked, name: string) => Promise<void>>> = {
    'GET blobs': sendBlob,
    'HEAD blobs': sendBlob,
    'GET manifests': sendManifest,
    'HEAD manifests': sendManifest,
    'PUT manifests': putManifest,
    'GET blobs/uploads': tellUpload,
    'PATCH blobs/uploads': upload,
    'PUT blobs/uploads': upload,
    'POST blobs/uploads': begin,
  }

  return async (request: IncomingMessage, response: ServerResponse, url: URL): Promise<void> => {
    response.setHeader('docker-distribution-api-version', 'registry/2.0')
    // A person's browser shows nothing of what a developer pushed.
    response.setHeader('x-content-type-options', 'nosniff')
    response.setHeader('content-security-policy', "default-src 'none'; sandbox")
    const here = { request, response }
    const [user, password] = credentialsOf(request)
    const right = rightFor(request)
    if (!tokens.isValid(user, password, right)) {
      return refuse(here, 401, 'UNAUTHORIZED', 'Open a push of the site, and use its user name and password.')
    }
    if (url.pathname === '/v2/') return answer(here, 200)
    const [, repository = '', rest = ''] = /^\/v2\/([a-z0-9-]+\/[a-z0-9-]+)\/(.*)$/.exec(url.pathname) ?? []
    if (repository !== user) return refuse(here, 403, 'DENIED', 'These credentials are for another repository.')
    const declared = Number(request.headers['content-length'] ?? 0)
    if (right === 'push' && (await lacksRoom(declared))) return refuse(here, ...refusals.full)
    const asked = { ...here, repository, query: url.searchParams }
    const [, kind, name = ''] = /^(manifests|blobs\/uploads|blobs)\/(.*)$/.exec(rest) ?? []
    const serve = serves[`${request.method} ${kind}`]
    if (serve === undefined) return refuse(here, 404, 'UNSUPPORTED', 'This registry takes pushes, and pulls by digest.')
    // A connection that is lost leaves what came, and the client may go on.
    await serve(asked, name).catch((error: unknown) => {
      if (response.headersSent || request.destroyed) response.destroy()
      else if (error instanceof UploadRefused) refuse(here, ...refusals[error.reason])
      else refuse(here, 500, 'UNKNOWN', 'It could not be stored. Try again.')
    })
  }
}
