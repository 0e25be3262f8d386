import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { describe, expect, it } from 'vitest'
import type { Site } from '../../../core/site/site.ts'
import { reachPath } from '../../../lambdas/domains/custom-domain.ts'
import { findFreePort } from '../../../local/engine/engine-place.ts'
import { answerCertificateNames, caddyfile } from '../../../local/gateway/certificate-names.ts'
import { requestHostname } from '../../../router/accept-request.ts'
import type { Router } from '../../../router/create-router.ts'
import { call } from '../../e2e/call.ts'
import { temporaryDirectory } from '../../e2e/temporary-directory.ts'
import { canTestWith } from '../../support/can-test.ts'
import { waitFor } from '../../support/wait-for.ts'
import { served } from '../served.ts'

const known = ['ada.sites.example', 'www.ada.example']

const serve = () => {
  const router: Router = {
    request: (_request, response) => response.writeHead(418).end(),
    upgrade: (_request, socket) => void socket.destroy(),
    openRequests: () => 0,
    close: async () => undefined,
  }
  const { request: answer } = answerCertificateNames(router, {
    consoleHostnames: ['console.example', 'schools.example.org'],
    directory: {
      find: async (name) => {
        if (name === 'away.example') throw new Error('the store is away')
        return known.includes(name) ? ({} as Site) : undefined
      },
    },
  })
  return served((request, response) => answer(request, response, requestHostname(request) ?? ''))
}

const ask = '/_local/certificate?domain='

describe('a proxy on this machine that asks whether a name gets a certificate', () => {
  it.each([
    ['console.example', 200],
    ['ada.sites.example', 200],
    ['WWW.Ada.example', 200],
    ['stranger.example', 404],
    ['', 404],
    ['away.example', 503],
  ])('is answered for %j with %i', async (name, status) => {
    await using server = await serve()
    expect((await call(server, { path: `${ask}${name}` })).status).toBe(status)
  })
})

describe('others reach the router, which knows no such name', () => {
  it.each([
    ['a visitor through the proxy', 'localhost', { 'x-forwarded-for': '192.0.2.7' }],
    ['a visitor of a site', 'ada.sites.example', {}],
    ['a page of another origin', 'localhost', { origin: 'http://evil.example' }],
  ])('%s', async (_who, at, headers) => {
    await using server = await serve()
    expect((await call(server, { path: `${ask}console.example`, at, headers })).status).toBe(418)
  })
})

const run = promisify(execFile)

describe.skipIf(!canTestWith(['caddy', 'curl', 'openssl'], 'serving with Caddy'))(
  'Caddy with our configuration',
  () => {
    it('serves the console, sites with the wildcard certificate, and domains with certificates on demand, and no other names but to checks of domains', async () => {
      await using server = await serve()
      await using directory = await temporaryDirectory()
      const [port, httpPort] = [await findFreePort(), await findFreePort()]
      const [certificate, key] = ['fullchain.pem', 'privkey.pem'].map((name) => join(directory.path, name))
      const names = ['-subj', '/CN=sites.example', '-addext', 'subjectAltName=DNS:*.sites.example']
      const kind = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '2']
      await run('openssl', ['req', '-x509', ...kind, ...names, '-keyout', `${key}`, '-out', `${certificate}`])
      // Other ports, and an authority of this machine instead of a public one.
      const globals = `{
\tadmin off
\tskip_install_trust
\tlocal_certs
\thttp_port ${httpPort}
\thttps_port ${port}
\tstorage file_system ${directory.path}
`
      const text = caddyfile({
        port: server.port,
        sitesDomain: 'sites.example',
        consoleUrl: 'https://console.example',
        isPublic: true,
      })
      const file = join(directory.path, 'Caddyfile')
      await writeFile(file, text.replace('{\n', globals).replaceAll('/etc/caddy/certificates', directory.path))
      const env = { ...process.env, HOME: directory.path, XDG_DATA_HOME: directory.path }
      const caddy = spawn('caddy', ['run', '--adapter', 'caddyfile', '--config', file], { env, stdio: 'ignore' })
      const ended = once(caddy, 'exit')
      const status = async (name: string, ...trust: readonly string[]): Promise<string> => {
        const to = ['--resolve', `${name}:${port}:127.0.0.1`, `https://${name}:${port}/`]
        // curl fails where the handshake does, and prints 000.
        const { stdout } = await run('curl', ['-s', ...trust, '-o', '/dev/null', '-w', '%{http_code}', ...to]).catch(
          (error) => error,
        )
        return stdout
      }
      try {
        await waitFor(async () => (await status('console.example', '-k')) === '418')
        expect(await status('ada.sites.example', '--cacert', `${certificate}`)).toBe('418')
        expect(await status('console.example', '--cacert', `${certificate}`)).toBe('000')
        expect(await status('www.ada.example', '-k')).toBe('418')
        expect(await status('stranger.example', '-k')).toBe('000')
        const plain = async (path: string): Promise<string> => {
          const to = [
            '--resolve',
            `stranger.example:${httpPort}:127.0.0.1`,
            `http://stranger.example:${httpPort}${path}`,
          ]
          const format = '%{http_code} %{redirect_url}'
          return (await run('curl', ['-s', '-o', '/dev/null', '-w', format, ...to])).stdout.trim()
        }
        expect(await plain(`${reachPath}nonce`)).toBe('418')
        expect(await plain('/a?b=1')).toBe('308 https://stranger.example/a?b=1')
      } finally {
        caddy.kill()
        await ended
      }
    })
  },
)
