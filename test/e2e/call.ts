import { type IncomingHttpHeaders, request } from 'node:http'

export interface Call {
  readonly method?: string
  readonly path: string
  /** Whom the request is for, without the port; the console unless told. */
  readonly at?: string
  readonly headers?: Readonly<Record<string, string>>
  /** An object goes as JSON, anything else as it is. */
  readonly body?: object | string | Buffer
}

export interface Answer<Body = Record<string, unknown>> {
  readonly status: number
  readonly headers: IncomingHttpHeaders
  readonly text: string
  /** The parsed body; empty where it is not JSON. */
  readonly json: Body
}

const parse = (text: string): unknown => {
  try {
    return JSON.parse(text)
  } catch {
    return {}
  }
}

const isPlain = (body: Call['body']): body is object => typeof body === 'object' && !Buffer.isBuffer(body)

/** One request to a host of this machine, under any name and without any library's opinion of it. */
export const call = <Body = Record<string, unknown>>(
  { port }: { port: number },
  { method = 'GET', path, at = 'localhost', headers = {}, body }: Call,
): Promise<Answer<Body>> =>
  new Promise((resolve, reject) => {
    const content = isPlain(body) ? JSON.stringify(body) : body
    const outgoing = request({
      host: '127.0.0.1',
      port,
      method,
      path,
      agent: false,
      headers: {
        host: `${at}:${port}`,
        // With some methods Node itself says of a body neither how long it is nor that it is there.
        ...(isPlain(body) && content !== undefined
          ? { 'content-type': 'application/json', 'content-length': Buffer.byteLength(content) }
          : {}),
        ...headers,
      },
    })
    outgoing.once('error', reject)
    outgoing.once('response', (response) => {
      const chunks: Buffer[] = []
      response.on('data', (chunk: Buffer) => chunks.push(chunk))
      response.once('error', reject)
      response.once('end', () => {
        const text = Buffer.concat(chunks).toString()
        resolve({ status: response.statusCode ?? 0, headers: response.headers, text, json: parse(text) as Body })
      })
    })
    outgoing.end(content)
  })
