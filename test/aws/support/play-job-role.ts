import { once } from 'node:events'
import { createServer, request as httpRequest, type IncomingMessage, type ServerResponse } from 'node:http'
import { GetRoleCommand, GetRolePolicyCommand, IAMClient } from '@aws-sdk/client-iam'
import { archiverBoundary } from '../../../adapters/iam/archiver-policies.ts'
import type { PolicyDocument } from '../../../adapters/iam/site-policies.ts'
import { isAllowed, type Role } from '../../adapters/iam/evaluate.ts'
import { listening } from '../../support/listening.ts'
import { clientSettings } from '../client-settings.ts'
import { sayPlayed } from '../say-played.ts'

/** The emulator itself, whatever the environment says later: what is played before it passes text on, and no archives. */
const settings = clientSettings()

sayPlayed("S3 asks the policy of an archiving job's role, and its boundary")

/** S3 as the role of one job finds it. */
export interface JudgedBucket {
  readonly endpoint: string
  readonly close: () => Promise<void>
}

/** The permission that S3 asks for: bucket and key stand in the path, and what an upload is about in the query. */
const actionOf = (method: string, key: string, query: URLSearchParams): string => {
  if (key === '') return method === 'GET' && query.get('list-type') === '2' ? 's3:ListBucket' : `unknown to the test`
  if (method === 'GET') return 's3:GetObject'
  if (method === 'DELETE') return query.has('uploadId') ? 's3:AbortMultipartUpload' : 's3:DeleteObject'
  return method === 'PUT' || method === 'POST' ? 's3:PutObject' : 'unknown to the test'
}

const none: PolicyDocument = { Version: '2012-10-17', Statement: [] }
const bucketArnOf = (bucket: string): string => `arn:aws:s3:::${bucket}`

/** The role as stored in IAM, under the boundary that the data stack writes. */
const readRole = async (name: string, bucketArn: string) => {
  const iam = new IAMClient(settings)
  const { PolicyDocument } = await iam.send(new GetRolePolicyCommand({ RoleName: name, PolicyName: 'one-job' }))
  const { Role: found } = await iam.send(new GetRoleCommand({ RoleName: name }))
  iam.destroy()
  const boundary = archiverBoundary({
    fileSystemArns: '*',
    accessPoints: '*',
    bucketArn,
    keyArn: '*',
    region: settings.region,
  })
  const role: Role = { policies: [JSON.parse(decodeURIComponent(PolicyDocument ?? '')) as PolicyDocument], boundary }
  const tags = Object.fromEntries((found?.Tags ?? []).map(({ Key, Value }) => [`aws:PrincipalTag/${Key}`, Value ?? '']))
  return { role, tags }
}

const refuse = (response: ServerResponse): void => {
  response.writeHead(403, { 'content-type': 'application/xml' })
  response.end('<Error><Code>AccessDenied</Code><Message>as the policy of the role has it</Message></Error>')
}

const pass = async (request: IncomingMessage): Promise<IncomingMessage> => {
  const upstream = new URL(settings.endpoint)
  const { url: path, method, headers } = request
  const passed = httpRequest({ host: upstream.hostname, port: upstream.port, path, method, headers, agent: false })
  request.pipe(passed)
  const [answer] = (await once(passed, 'response')) as [IncomingMessage]
  return answer
}

/**
 * Stands before the emulator's S3 and asks the job's role, which the emulator does not, whether it allows the call. A
 * missing key is denied to a role that may not list the bucket; a key is no prefix there.
 * @param roleName the job's role, which has to exist.
 */
export const playJobRole = async (roleName: string, bucket: string): Promise<JudgedBucket> => {
  const bucketArn = bucketArnOf(bucket)
  const { role, tags } = await readRole(roleName, bucketArn)
  const may = (action: string, resource: string, context: Readonly<Record<string, string>> = {}): boolean =>
    isAllowed({ action, resource, context: { ...tags, ...context } }, { role, resourcePolicy: none })

  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const { pathname, searchParams } = new URL(request.url ?? '/', 'http://s3')
    const [, asked = '', ...key] = decodeURIComponent(pathname).split('/')
    const action = actionOf(request.method ?? '', key.join('/'), searchParams)
    const prefix = searchParams.get('prefix')
    const isAsked =
      action === 's3:ListBucket'
        ? may(action, bucketArnOf(asked), prefix === null ? {} : { 's3:prefix': prefix })
        : may(action, `${bucketArnOf(asked)}/${key.join('/')}`)
    if (!isAsked) return refuse(response)
    const said = await pass(request)
    if (said.statusCode === 404 && !may('s3:ListBucket', bucketArnOf(asked))) {
      said.resume()
      return refuse(response)
    }
    response.writeHead(said.statusCode ?? 502, said.headers)
    said.pipe(response)
  }

  const server = createServer((request, response) => {
    answer(request, response).catch(() => response.destroy())
  })
  const port = await listening(server)
  return {
    endpoint: `http://127.0.0.1:${port}`,
    close: async () => {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
}
