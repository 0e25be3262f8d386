import { randomUUID } from 'node:crypto'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import process from 'node:process'
import { text } from 'node:stream/consumers'
import { inspect } from 'node:util'

/** By question: workers of a run ask the same. */
const made = new Map<string, Promise<string>>()

const synthesise = async (question: string): Promise<string> => {
  // Most runs never ask, and loading the CDK takes seconds.
  const { synthesiseStacks } = await import('./synthesise-stacks.ts')
  const { config, unchecked } = JSON.parse(question)
  return JSON.stringify(await synthesiseStacks(config, unchecked))
}

const answer = (question: string): Promise<string> => {
  const known = made.get(question) ?? synthesise(question)
  made.set(question, known)
  return known
}

/** Other programs of this machine do not know it. */
const path = `/${randomUUID()}`

// A synthesis holds up everything else here for seconds, and nobody may be cut off then.
const server = createServer({ headersTimeout: 0, requestTimeout: 0 }, (request, response) => {
  if (request.url !== path) return response.writeHead(404).end()
  return text(request)
    .then(answer)
    .then(
      (stacks) => response.end(stacks),
      (error: unknown) => response.writeHead(500).end(inspect(error)),
    )
})
server.listen(0, '127.0.0.1', () => {
  const { port } = server.address() as AddressInfo
  process.send?.(`http://127.0.0.1:${port}${path}`)
})
process.on('disconnect', () => process.exit())
