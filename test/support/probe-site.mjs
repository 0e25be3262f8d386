// A site for the tests of the runtimes: it tells what it sees of the world it runs in.
import { randomUUID } from 'node:crypto'
import { Resolver } from 'node:dns/promises'
import { appendFileSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { connect } from 'node:net'
import { homedir, hostname, networkInterfaces } from 'node:os'
import { join } from 'node:path'

const instance = randomUUID()
const dataFile = join(process.env.DATA_DIRECTORY, 'entry')

const attempt = (work) => {
  try {
    return { value: work() }
  } catch (error) {
    return { error: error.code }
  }
}

const reach = (host, port) =>
  new Promise((resolve) => {
    const socket = connect({ host, port, timeout: 1500 })
    const answer = (value) => {
      socket.destroy()
      resolve({ value })
    }
    socket.once('connect', () => answer('connected'))
    socket.once('timeout', () => answer('timeout'))
    socket.once('error', (error) => answer(error.code))
  })

const resolve = async (name, server) => {
  const resolver = new Resolver({ timeout: 1000, tries: 1 })
  resolver.setServers([server])
  return {
    value: await resolver.resolve4(name).then(
      (addresses) => addresses.join(),
      (error) => error.code,
    ),
  }
}

const answers = {
  '/healthz': () => ({ value: 'ok' }),
  '/instance': () => ({ value: instance }),
  '/environment': () => ({ value: process.env }),
  '/data': () => attempt(() => readFileSync(dataFile, 'utf8')),
  '/put': (query) => attempt(() => writeFileSync(dataFile, query.get('text'), { flush: true })),
  '/file': (query) => attempt(() => readFileSync(query.get('path'), 'utf8')),
  '/append': (query) => attempt(() => appendFileSync(query.get('path'), 'x')),
  '/reach': (query) => reach(query.get('host'), Number(query.get('port'))),
  '/resolve': (query) => resolve(query.get('name'), query.get('server')),
  '/identity': () => ({
    value: {
      name: hostname(),
      mac: Object.values(networkInterfaces())
        .flat()
        .find(({ internal }) => !internal)?.mac,
    },
  }),
  '/home': () => ({ value: homedir() }),
  '/is-directory': (query) => attempt(() => statSync(query.get('path')).isDirectory()),
  '/exit': () => {
    setImmediate(() => process.exit(3))
    return {}
  },
}

createServer(async (request, response) => {
  const url = new URL(request.url, 'http://probe')
  const answer = answers[url.pathname]
  response.writeHead(answer === undefined ? 404 : 200, { 'content-type': 'application/json', connection: 'close' })
  response.end(JSON.stringify(answer === undefined ? {} : await answer(url.searchParams)))
}).listen(Number(process.env.PORT), process.env.HOST ?? '0.0.0.0')

// With `STOP_AFTER` it takes so many milliseconds, and writes that it ended by itself.
process.once('SIGTERM', () => {
  const { STOP_AFTER } = process.env
  if (STOP_AFTER === undefined) process.exit(0)
  setTimeout(() => {
    writeFileSync(dataFile, 'ended by itself', { flush: true })
    process.exit(0)
  }, Number(STOP_AFTER))
})
