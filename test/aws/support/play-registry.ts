import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { createServer, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import { ECRClient, PutImageCommand } from '@aws-sdk/client-ecr'
import type { PolicyDocument } from '../../../adapters/iam/site-policies.ts'
import { isAllowed } from '../../adapters/iam/evaluate.ts'
import { clientSettings } from '../client-settings.ts'
import { sayPlayed } from '../say-played.ts'
import type { Played, WatchCalls } from './fault-proxy.ts'

/** As `openPush` answers. */
export interface PushAccess {
  readonly registry: string
  readonly repository: string
  readonly username: string
  readonly password: string
}

const none: PolicyDocument = { Version: '2012-10-17', Statement: [] }
const mediaType = 'application/vnd.oci.image.manifest.v1+json'
const digestOf = (content: string): string => `sha256:${createHash('sha256').update(content).digest('hex')}`

/** The actions that ECR looks for in the policy of a session, by what its registry is asked. */
const actionsOf: Readonly<Record<string, readonly string[]>> = {
  'POST blobs/uploads': ['ecr:InitiateLayerUpload'],
  'PUT blobs/uploads': ['ecr:UploadLayerPart', 'ecr:CompleteLayerUpload'],
  'PUT manifests': ['ecr:PutImage'],
}

/** Pushes an image whose only layer is its program, as an engine does. @returns its digest, or the status of a refusal. */
export const pushProgram = async (
  url: string,
  { repository, username, password }: PushAccess,
  program: string,
): Promise<string | number> => {
  const authorization = `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`
  const ask = (method: string, at: string, body?: string) =>
    fetch(new URL(at, `${url}/v2/${repository}/`), { method, headers: { authorization }, ...(body && { body }) })
  const upload = async (body: string) => {
    const begun = await ask('POST', 'blobs/uploads/')
    await ask('PUT', `${begun.headers.get('location') ?? 'blobs/uploads/one'}?digest=${digestOf(body)}`, body)
    return { digest: digestOf(body), size: body.length }
  }
  const config = await upload(JSON.stringify({ architecture: 'arm64', os: 'linux' }))
  const manifest = JSON.stringify({ schemaVersion: 2, mediaType, config, layers: [await upload(program)] })
  const { status } = await ask('PUT', 'manifests/web', manifest)
  return status === 201 ? digestOf(manifest) : status
}

/** What ECR has beside the emulator's API: a registry that takes what clients push, as the policy of the session allows whose token they have. */
export const playRegistry = async () => {
  sayPlayed("ECR's registry takes layers and manifests as the policy of a session allows, and gives links to layers")
  const settings = clientSettings()
  const ecr = new ECRClient(settings)
  const blobs = new Map<string, string>()
  /** The only layer of each image. */
  const programs = new Map<string, string>()
  /** By password. */
  const sessions = new Map<string, PolicyDocument>()
  let assumed = none

  /** @returns the status with which a request is refused. */
  const refusalOf = ({ method, headers }: IncomingMessage, repository: string, kind: string): number | undefined => {
    const [user, password = ''] = Buffer.from(headers.authorization?.slice('Basic '.length) ?? '', 'base64')
      .toString()
      .split(':')
    const policy = sessions.get(password)
    if (user !== 'AWS' || policy === undefined) return 401
    const resource = `arn:aws:ecr:${settings.region}:123456789012:repository/${repository}`
    const role = { policies: [policy], boundary: policy }
    const may = (action: string) => isAllowed({ action, resource, context: {} }, { role, resourcePolicy: none })
    return actionsOf[`${method} ${kind}`]?.every(may) ? undefined : 403
  }

  const putImage = async (repositoryName: string, imageManifest: string): Promise<void> => {
    const digest = digestOf(imageManifest)
    // The emulator removes an image whose tag another one gets, and names images by digests of its own.
    const image = { imageManifest, imageTag: digest.slice('sha256:'.length), imageDigest: digest }
    await ecr.send(new PutImageCommand({ repositoryName, ...image }))
    const { layers } = JSON.parse(imageManifest) as { layers: readonly { digest: string }[] }
    programs.set(digest, blobs.get(layers[0]?.digest ?? '') ?? '')
  }

  const server = createServer(async (request, response) => {
    const { method, url = '' } = request
    const blob = blobs.get(url.slice(1))
    if (blob !== undefined) return void response.end(blob)
    const [, repository = '', kind = '', digest] =
      /^\/v2\/(.+?)\/(manifests|blobs\/uploads)\/[^?]*(?:\?digest=(.+))?$/.exec(url) ?? []
    const content = await text(request)
    const refused = refusalOf(request, repository, kind)
    if (refused !== undefined) return void response.writeHead(refused).end()
    if (method === 'POST') return void response.writeHead(202, { location: `${url}one` }).end()
    if (kind === 'manifests') await putImage(repository, content)
    else if (digest === digestOf(content)) blobs.set(digest, content)
    response.writeHead(201).end()
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`

  /** Gives a token to sessions alone: each is asked for right after its session was opened. */
  const authorize: Played = (_, { authorization = '' }) => {
    const [, key = ''] = /Credential=(\w+)\//.exec(authorization) ?? []
    if (key === settings.credentials.accessKeyId) return { status: 400, body: { __type: 'AccessDeniedException' } }
    sessions.set(key, assumed)
    const authorizationToken = Buffer.from(`AWS:${key}`).toString('base64')
    return { status: 200, body: { authorizationData: [{ authorizationToken }] } }
  }
  const link: Played = ({ layerDigest }) => ({ status: 200, body: { downloadUrl: `${url}/${String(layerDigest)}` } })
  const watch: WatchCalls = (operation, body) => {
    if (operation !== 'sts.AssumeRole') return
    assumed = JSON.parse(new URLSearchParams(body.toString()).get('Policy') ?? '') as PolicyDocument
  }

  return {
    /** What stands for operations of ECR. */
    played: { 'ecr.GetAuthorizationToken': authorize, 'ecr.GetDownloadUrlForLayer': link },
    watch,
    programOf: (image: string): string | undefined => programs.get(image.split('@')[1] ?? ''),
    url,
    push: (access: PushAccess, program: string) => pushProgram(url, access, program),
    close: async () => {
      ecr.destroy()
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
}
