import { createHash, createHmac } from 'node:crypto'
import type { S3Client } from '@aws-sdk/client-s3'
import { plusMilliseconds } from '../../core/instant.ts'
import { type ArchiveLinks, type ArchiveUploads, archiveKeys } from '../../core/ports/archives.ts'
import type { Clock } from '../../core/ports/context.ts'

/** In seconds. The credentials of a function are valid for longer. */
const goodFor = 600

/**
 * Links to S3 itself, signed with the caller's credentials, which have to allow what they are for.
 * @param options.origin of the bucket's objects; by default S3's own address. @param options.wall the wall clock.
 */
export const createS3ArchiveLinks = (options: {
  readonly client: S3Client
  readonly bucket: string
  readonly wall: Clock
  readonly origin?: string
}): ArchiveLinks & ArchiveUploads => {
  const { client, bucket, wall, origin } = options
  const signer = async () => {
    const [region, credentials] = await Promise.all([client.config.region(), client.config.credentials()])
    const at = new Date(wall())
    return (key: string, more: Pick<Signing, 'method' | 'headers' | 'query'>) =>
      presignedUrl({
        object: new URL(`${origin ?? `https://${bucket}.s3.${region}.amazonaws.com`}/${key}`),
        ...{ region, credentials, at, seconds: goodFor, ...more },
      })
  }
  return {
    linkTo: async (siteId, archiveId, name) => {
      const expiresAt = plusMilliseconds(wall(), goodFor * 1000)
      const { content, manifest } = archiveKeys(siteId, archiveId)
      const sign = await signer()
      const as = (file: string) => ({ query: { 'response-content-disposition': `attachment; filename="${file}"` } })
      return {
        url: sign(content, as(`${name}.tar.zst`)),
        manifestUrl: sign(manifest, as(`${name}.manifest.jsonl`)),
        expiresAt,
      }
    },
    uploadTo: async (siteId, archiveId, part, bytes) => {
      const sign = await signer()
      const headers = { 'content-length': String(bytes), 'if-none-match': '*' }
      return { url: sign(archiveKeys(siteId, archiveId)[part], { method: 'PUT', headers }), headers }
    },
  }
}

interface Credentials {
  readonly accessKeyId: string
  readonly secretAccessKey: string
  readonly sessionToken?: string | undefined
}

const hmac = (key: string | Buffer, text: string): Buffer => createHmac('sha256', key).update(text).digest()

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex')

/** As AWS escapes: everything but letters, digits and `-._~`. */
const escaped = (text: string): string =>
  encodeURIComponent(text).replaceAll(/[!'()*]/g, (sign) => `%${sign.charCodeAt(0).toString(16).toUpperCase()}`)

/** `20260131T080000Z`. */
const basicTime = (at: Date): string => at.toISOString().replaceAll(/[:-]|\.\d{3}/g, '')

interface Signing {
  readonly object: URL
  readonly region: string
  readonly credentials: Credentials
  readonly at: Date
  readonly seconds: number
  readonly query?: Readonly<Record<string, string>>
  readonly method?: 'GET' | 'PUT'
  readonly headers?: Readonly<Record<string, string>>
}

/**
 * A URL with which anybody may fetch or put an object for a while, signed by version 4 of AWS's signatures.
 * @param options.object the object's own address, whose path is escaped already.
 * @param options.query other parameters, such as `response-content-disposition`.
 * @param options.headers which the request has to have, with names in lower case.
 * @see https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-query-string-auth.html
 */
export const presignedUrl = (options: Signing): string => {
  const { object, region, credentials, at, seconds, query = {}, method = 'GET', headers = {} } = options
  const signed = Object.entries({ ...headers, host: object.host }).toSorted(([one], [other]) => (one < other ? -1 : 1))
  const names = signed.map(([name]) => name).join(';')
  const time = basicTime(at)
  const day = time.slice(0, 8)
  const scope = `${day}/${region}/s3/aws4_request`
  const { accessKeyId, secretAccessKey, sessionToken } = credentials
  const parameters: Readonly<Record<string, string>> = {
    ...query,
    'X-Amz-Algorithm': 'AWS4-HMAC-SHA256',
    'X-Amz-Credential': `${accessKeyId}/${scope}`,
    'X-Amz-Date': time,
    'X-Amz-Expires': String(seconds),
    'X-Amz-SignedHeaders': names,
    ...(sessionToken === undefined ? {} : { 'X-Amz-Security-Token': sessionToken }),
  }
  const search = Object.entries(parameters)
    .map(([name, value]) => `${escaped(name)}=${escaped(value)}`)
    .toSorted()
    .join('&')
  const lines = signed.map(([name, value]) => `${name}:${value}`)
  const request = [method, object.pathname, search, ...lines, '', names, 'UNSIGNED-PAYLOAD'].join('\n')
  const key = [day, region, 's3', 'aws4_request'].reduce<string | Buffer>(hmac, `AWS4${secretAccessKey}`)
  const signature = hmac(key, ['AWS4-HMAC-SHA256', time, scope, sha256(request)].join('\n')).toString('hex')
  return `${object.origin}${object.pathname}?${search}&X-Amz-Signature=${signature}`
}
