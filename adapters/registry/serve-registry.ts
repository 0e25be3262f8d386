import { createHash } from 'node:crypto'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { type ImageFiles, isDigest } from './image-files.ts'
import type { PushTokens } from './push-tokens.ts'

interface RegistryOptions {
  readonly files: ImageFiles
  readonly tokens: Pick<PushTokens, 'isValid'>
  readonly isFull: () => Promise<boolean>
}

interface Asked {
  readonly request: IncomingMessage
  readonly response: ServerResponse
  /** Of a repository, such as `own/site-01jq…`. */
  readonly repository: string
  readonly query: URLSearchParams
}

type Headers = Readonly<Record<string, string | number>>

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

const credentialsOf = ({ headers }: IncomingMessage): readonly [user: string, password: string] => {
  const [, encoded = ''] = /^Basic (.+)$/i.exec(headers.authorization ?? '') ?? []
  const [user = '', password = ''] = Buffer.from(encoded, 'base64').toString().split(/:(.*)/s)
  return [user, password]
}

const mediaTypeOf = (manifest: string): string => {
  const found = /"mediaType"\s*:\s*"([\w.+/-]+)"/.exec(manifest)?.[1]
  return found ?? 'application/vnd.oci.image.manifest.v1+json'
}

/**
 * Serves the half of a registry with which clients push, and with which they look at what they have pushed, over plain files. A password reaches
 * one repository. @see https://github.com/opencontainers/distribution-spec/blob/main/spec.md
 */
export const createRegistry = ({ files, tokens, isFull }: RegistryOptions) => {
  const at = (repository: string, rest: string): string => `/v2/${repository}/${rest}`

  const sendBlob = async (asked: Asked, digest: string, type = 'application/octet-stream'): Promise<void> => {
    const { request, response, repository } = asked
    const size = await files.size(repository, digest)
    if (size === undefined) return refuse(asked, 404, 'BLOB_UNKNOWN', `There is no ${digest}.`)
    response.writeHead(200, { 'content-type': type, 'content-length': size, 'docker-content-digest': digest })
    if (request.method === 'HEAD') return void response.end()
    files
      .read(repository, digest)
      .on('error', () => response.destroy())
      .pipe(response)
  }

  const sendManifest = async (asked: Asked, reference: string): Promise<void> => {
    const text = await files.contentOf(asked.repository).manifest(reference)
    if (text === undefined) return refuse(asked, 404, 'MANIFEST_UNKNOWN', 'Manifests are found by their digests.')
    await sendBlob(asked, reference, mediaTypeOf(text))
  }

  const finish = async (asked: Asked, id: string, digest: string): Promise<void> => {
    const { repository } = asked
    if (!isDigest(digest) || !(await files.finish(repository, id, digest))) {
      return refuse(asked, 400, 'DIGEST_INVALID', `What was sent does not have the digest ${digest}.`)
    }
    answer(asked, 201, { location: at(repository, `blobs/${digest}`), 'docker-content-digest': digest })
  }

  const begin = async (asked: Asked): Promise<void> => {
    const { request, repository, query } = asked
    const id = await files.begin(repository)
    const digest = query.get('digest')
    if (digest !== null) {
      await files.append(repository, id, request)
      return finish(asked, id, digest)
    }
    answer(asked, 202, { location: at(repository, `blobs/uploads/${id}`), range: '0-0', 'docker-upload-uuid': id })
  }

  const upload = async (asked: Asked, id: string): Promise<void> => {
    const { request, repository, query } = asked
    const before = await files.uploaded(repository, id)
    if (before === undefined) return refuse(asked, 404, 'BLOB_UPLOAD_UNKNOWN', 'There is no such upload. Begin again.')
    const location = at(repository, `blobs/uploads/${id}`)
    const told = (size: number): Headers => ({
      location,
      range: `0-${Math.max(size - 1, 0)}`,
      'docker-upload-uuid': id,
    })
    if (request.method === 'GET') return answer(asked, 204, told(before))
    const from = /^(\d+)-/.exec(request.headers['content-range'] ?? '')?.[1]
    if (from !== undefined && Number(from) !== before) return answer(asked, 416, told(before))
    await files.append(repository, id, request)
    if (request.method === 'PUT') return finish(asked, id, query.get('digest') ?? '')
    answer(asked, 202, told((await files.uploaded(repository, id)) ?? 0))
  }

  const putManifest = async (asked: Asked, reference: string): Promise<void> => {
    const { request, repository } = asked
    const hash = createHash('sha256')
    const id = await files.begin(repository)
    await files.append(
      repository,
      id,
      request.on('data', (chunk: Buffer) => hash.update(chunk)),
    )
    const digest = `sha256:${hash.digest('hex')}`
    if (isDigest(reference) && reference !== digest) {
      return refuse(asked, 400, 'DIGEST_INVALID', `The manifest has the digest ${digest}.`)
    }
    await files.finish(repository, id, digest)
    answer(asked, 201, { location: at(repository, `manifests/${digest}`), 'docker-content-digest': digest })
  }

  const serves: Readonly<Record<string, (asked: Asked, name: string) => Promise<void>>> = {
    'GET blobs': sendBlob,
    'HEAD blobs': sendBlob,
    'GET manifests': sendManifest,
    'HEAD manifests': sendManifest,
    'PUT manifests': putManifest,
    'GET blobs/uploads': upload,
    'PATCH blobs/uploads': upload,
    'PUT blobs/uploads': upload,
    'POST blobs/uploads': begin,
  }

  return async (request: IncomingMessage, response: ServerResponse, url: URL): Promise<void> => {
    response.setHeader('docker-distribution-api-version', 'registry/2.0')
    const here = { request, response }
    const [user, password] = credentialsOf(request)
    if (!tokens.isValid(user, password)) {
      return refuse(here, 401, 'UNAUTHORIZED', 'Open a push of the site, and use its user name and password.')
    }
    if (url.pathname === '/v2/') return answer(here, 200)
    const [, repository = '', rest = ''] = /^\/v2\/([a-z0-9-]+\/[a-z0-9-]+)\/(.*)$/.exec(url.pathname) ?? []
    if (repository !== user) return refuse(here, 403, 'DENIED', 'These credentials are for another repository.')
    if (request.method !== 'GET' && request.method !== 'HEAD' && (await isFull())) {
      return refuse(here, 507, 'DENIED', 'The disk of this host is full. Try again once there is room.')
    }
    const asked = { ...here, repository, query: url.searchParams }
    const [, kind, name = ''] = /^(manifests|blobs\/uploads|blobs)\/(.*)$/.exec(rest) ?? []
    const serve = serves[`${request.method} ${kind}`]
    if (serve === undefined) return refuse(here, 404, 'UNSUPPORTED', 'This registry takes pushes only.')
    // A connection that is lost leaves what came, and the client may go on.
    await serve(asked, name).catch(() => {
      if (response.headersSent || request.destroyed) response.destroy()
      else refuse(here, 500, 'UNKNOWN', 'It could not be stored. Try again.')
    })
  }
}
