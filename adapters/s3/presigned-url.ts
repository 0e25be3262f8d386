import { createHash, createHmac } from 'node:crypto'

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

/**
 * A URL with which anybody may fetch an object for a while, signed by the version 4 of AWS's signatures.
 * @param options.object the object's own address, whose path is escaped already.
 * @param options.query what else the URL is to say, such as `response-content-disposition`.
 * @see https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-query-string-auth.html
 */
export const presignedUrl = ({
  object,
  region,
  credentials,
  at,
  seconds,
  query = {},
}: {
  readonly object: URL
  readonly region: string
  readonly credentials: Credentials
  readonly at: Date
  readonly seconds: number
  readonly query?: Readonly<Record<string, string>>
}): string => {
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
    'X-Amz-SignedHeaders': 'host',
    ...(sessionToken === undefined ? {} : { 'X-Amz-Security-Token': sessionToken }),
  }
  const search = Object.entries(parameters)
    .map(([name, value]) => `${escaped(name)}=${escaped(value)}`)
    .toSorted()
    .join('&')
  const request = ['GET', object.pathname, search, `host:${object.host}`, '', 'host', 'UNSIGNED-PAYLOAD'].join('\n')
  const key = [day, region, 's3', 'aws4_request'].reduce<string | Buffer>(hmac, `AWS4${secretAccessKey}`)
  const signature = hmac(key, ['AWS4-HMAC-SHA256', time, scope, sha256(request)].join('\n')).toString('hex')
  return `${object.origin}${object.pathname}?${search}&X-Amz-Signature=${signature}`
}
