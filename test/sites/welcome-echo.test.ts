import { once } from 'node:events'
import { afterAll, expect, test } from 'vitest'
import { WebSocket } from 'ws'
import { newKeyPair } from './entitlement-tokens.ts'
import { startWelcome, temporaryDirectory } from './welcome-process.ts'

const resources = new AsyncDisposableStack()

const data = resources.use(await temporaryDirectory())
const site = resources.use(await startWelcome({ dataDirectory: data.path, rootKey: (await newKeyPair()).jwk.x ?? '' }))
afterAll(() => resources.disposeAsync())

const connect = async (path = '/ws'): Promise<WebSocket> => {
  const socket = new WebSocket(`ws://127.0.0.1:${site.port}${path}`)
  await once(socket, 'open')
  return socket
}

test('what is sent comes back, text as text and bytes as bytes', async () => {
  const socket = await connect('/ws?room=1')
  const answers: [string, boolean][] = []
  socket.on('message', (data, isBinary) => {
    answers.push([String(data), isBinary])
    if (answers.length === 2) socket.close()
  })
  socket.send('hello')
  socket.send(Buffer.from('bytes'))
  await once(socket, 'close')
  expect(answers).toEqual([
    ['hello', false],
    ['bytes', true],
  ])
})

test('a message that is too large ends the connection and nothing else', async () => {
  const socket = await connect()
  socket.send('a'.repeat(70_000))
  const [code] = await once(socket, 'close')
  expect(code).toBe(1009)
  expect((await fetch(`${site.url}/healthz`)).status).toBe(200)
})

test('there is a WebSocket at no other address', async () => {
  await expect(connect('/other')).rejects.toThrow('404')
})

test('a stop says goodbye to everybody who is connected', async () => {
  await using data = await temporaryDirectory()
  await using stopping = await startWelcome({ dataDirectory: data.path, rootKey: (await newKeyPair()).jwk.x ?? '' })
  const socket = new WebSocket(`ws://127.0.0.1:${stopping.port}/ws`)
  await once(socket, 'open')
  const closed = once(socket, 'close')
  expect((await stopping.end('SIGTERM')).code).toBe(0)
  const [code] = await closed
  expect(code).toBe(1001)
})
