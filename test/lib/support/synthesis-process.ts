import { createServer } from 'node:http'
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

const server = createServer(async (request, response) => {
  const question = await text(request)
  const answer = made.get(question) ?? synthesise(question)
  made.set(question, answer)
  answer.then(
    (stacks) => response.end(stacks),
    (error: unknown) => response.writeHead(500).end(inspect(error)),
  )
})
server.listen(0, '127.0.0.1', () => process.send?.(server.address()))
process.on('disconnect', () => process.exit())
