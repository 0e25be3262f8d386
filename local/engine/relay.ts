import { spawn } from 'node:child_process'
import { renameSync, rmSync } from 'node:fs'
import { connect, createServer, type Socket } from 'node:net'
import { confinedPort, socketName } from './engine-place.ts'

/**
 * Runs an engine in this network namespace and relays a Unix socket to its port. Ends with the engine.
 * Arguments: the socket's directory, and the engine's command line.
 */
const [socketDirectory = '.', command = '', ...engineArguments] = process.argv.slice(2)

const engine = spawn(command, engineArguments, {
  stdio: ['ignore', 'inherit', 'inherit'],
  env: { ...process.env, SITEWRIGHT_ROLE: 'engine' },
})

engine.once('error', (error) => {
  process.stderr.write(`${error.message}\n`)
  process.exit(1)
})
engine.once('exit', (code) => process.exit(code ?? 1))
process.on('SIGTERM', () => engine.kill('SIGTERM'))

const relay = (client: Socket): void => {
  const upstream = connect({ host: '127.0.0.1', port: confinedPort, noDelay: true })
  client.on('error', () => upstream.destroy())
  upstream.on('error', () => client.destroy())
  client.pipe(upstream).pipe(client)
}

// A socket's path has room for 107 bytes, a home's path may be longer: unix(7).
process.chdir(socketDirectory)
const newSocket = `${socketName}.new`
rmSync(newSocket, { force: true })
// The old socket refuses connections, which clients repeat. A missing one would be an error to them.
createServer(relay).listen(newSocket, () => renameSync(newSocket, socketName))
