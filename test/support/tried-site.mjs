// A product that is tried: its first argument says how well it behaves.
import { appendFileSync, existsSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { WebSocketServer } from 'ws'

const { PORT, HOST, DATA_DIRECTORY, SITE_URL, STRAY } = process.env
const [behaviour, elsewhere] = process.argv.slice(2)

const serve = (answer, port = PORT, host = HOST) => createServer(answer).listen(Number(port), host)
const say = (text) => process.stdout.write(`${text}\n`)
const readAll = async (request) => {
  let bytes = 0
  for await (const chunk of request) bytes += chunk.length
  return String(bytes)
}
const redirect = (response, location, headers = {}) => response.writeHead(302, { location, ...headers }).end()
const setUp = '<form>Create the administrator <input type="password"></form>'

const behaviours = {
  crash: () => {
    say('first words')
    say('cannot read the flux capacitor')
    process.exit(7)
  },
  port: () => serve((_, response) => response.end('here'), elsewhere),
  refused: () => {
    say("Error: EROFS: read-only file system, open '/etc/shop/settings'")
    serve((_, response) => response.writeHead(500).end())
  },
  circle: () =>
    serve(({ url }, response) => {
      if (url === '/ping') response.end('pong')
      else redirect(response, url === '/a' ? '/healthz' : '/a')
    }),
  // It listens once its data is migrated.
  slow: async () => {
    await pause(3000)
    writeFileSync(join(homedir(), 'state.db'), 'not in an archive')
    serve((_, response) => response.end('a page'))
  },
  // Keeps an entry of each start; `lose` looks for its data elsewhere, and is set up by whoever comes first.
  kept: () => {
    const entries = join(DATA_DIRECTORY, elsewhere === 'lose' ? 'other' : 'entries')
    const isNew = !existsSync(entries)
    if (elsewhere !== 'lose') appendFileSync(entries, 'started\n')
    serve(({ url }, response) => {
      if (url === '/setup' && isNew && elsewhere === 'lose') response.end(setUp)
      else if (url === '/about') response.end(isNew ? 'new' : 'has its data')
      else response.writeHead(['/', '/healthz'].includes(url) ? 200 : 404).end('a page')
    })
  },
  // Its first start makes a database, and ends.
  twice: () => {
    const made = join(DATA_DIRECTORY, 'made')
    if (!existsSync(made)) {
      writeFileSync(made, '')
      process.exit(1)
    }
    serve((_, response) => response.end('a page'))
  },
  // It has a list of allowed hosts.
  hosts: () =>
    serve(({ headers }, response) => response.writeHead(/^[\d.:]+$/.test(headers.host) ? 200 : 403).end('a page')),
  // It answers its own hostname alone, and asks everybody there to sign in.
  named: () =>
    serve(({ url, headers }, response) => {
      const refusal = /^[\d.:]+$/.test(headers.host) ? 400 : 401
      response.writeHead(url === '/ping' ? 200 : refusal).end()
    }),
  // It is healthy at a path that the blueprint does not name.
  elsewhere: () => serve(({ url }, response) => response.writeHead(url === '/ping' ? 200 : 404).end()),
  good: async () => {
    const entries = join(DATA_DIRECTORY, 'entries')
    // Its first start takes longer, as where a database is made.
    if (!existsSync(entries)) await pause(2000)
    appendFileSync(entries, 'started\n')
    const server = serve(async (request, response) => {
      if (request.url === '/') return redirect(response, `${SITE_URL}/welcome`, { 'set-cookie': 'session=1; Secure' })
      if (request.url === '/upload') return response.end(await readAll(request))
      if (['/healthz', '/welcome'].includes(request.url)) return response.end(`<a href="${SITE_URL}/more">more</a>`)
      response.writeHead(404).end()
    })
    new WebSocketServer({ server, path: '/live' })
    process.on('SIGTERM', () => process.exit(0))
  },
  // It takes an owner at every path, and lets everybody set it up for ever.
  open: () => serve(({ url }, response) => response.end(url === '/setup' ? setUp : 'a page')),
  bad: () => {
    writeFileSync(STRAY, 'not in an archive')
    say("Error: EROFS: read-only file system, open '/etc/shop/settings'")
    say(`the secret is ${process.env.SESSION_SECRET}`)
    process.on('SIGTERM', () => {})
    serve(({ url, method }, response) => {
      if (url === '/wizard') process.exit(5)
      else if (method === 'POST') response.writeHead(413).end()
      else if (url === '/healthz') response.end('ok')
      else if (url === '/') redirect(response, '/start', { 'set-cookie': 'session=1; Domain=example.net' })
      else if (url === '/start') response.end(`<a href="http://localhost:3000/x">x</a>`)
      else if (url === '/setup') response.end(setUp)
      else response.writeHead(404).end()
    })
  },
}

behaviours[behaviour]()
