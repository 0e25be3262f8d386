import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, readFile, stat, symlink, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { expect, it, vi } from 'vitest'
import { parse } from 'yaml'
import { containerParts, processParts } from '../../../bin/sitewright/dev/parts.ts'
import { watchFiles } from '../../../bin/sitewright/dev/watch.ts'
import { blueprintOfFile, parseSiteFile } from '../../../core/blueprint/site-file.ts'
import type { Launch } from '../../../core/ports/runtime.ts'
import { findFreePort } from '../../../local/engine/engine-place.ts'
import { listening } from '../../support/listening.ts'
import { directoryForAll } from '../../support/temporary-directories.ts'
import { waitFor } from '../../support/wait-for.ts'

vi.setConfig({ testTimeout: 120_000 })

const directory = await directoryForAll()
const file = join(directory, 'sitewright.yaml')
const program = new URL('../../../bin/sitewright.ts', import.meta.url).pathname

const text = (container: string) => `name: shop
title: Shop
variables: { THEME: { default: light } }
containers:
  - name: web
    ${container}
    variables: [THEME]
    secrets: [SESSION_KEY]
    given: [STRIPE_KEY, OTHER_KEY]
    after: [worker]
  - name: worker
    process: { command: [node, -e, "console.log('works'); setInterval(() => {}, 1000)"] }
    health: { command: [node, --version] }
traffic: { container: web }
data: { mode: exclusive }
environments: { dev: { variables: { THEME: dark } } }
`
const server = (greeting: string) => `const { createServer } = require('node:http')
const { appendFileSync, readFileSync } = require('node:fs')
const { HOST, PORT, DATA_DIRECTORY, STRIPE_KEY, OTHER_KEY, SESSION_KEY, THEME, LEAKED } = process.env
appendFileSync(DATA_DIRECTORY + '/starts', 'x')
const starts = () => readFileSync(DATA_DIRECTORY + '/starts', 'utf8').length
createServer((_, response) =>
  response.end(JSON.stringify({ greeting: '${greeting}', starts: starts(), STRIPE_KEY, isMade: OTHER_KEY.length > 20, SESSION_KEY, THEME, LEAKED })),
).listen(PORT, HOST, () => console.log('the shop is open'))
`

const start = async (
  port: number,
  of = file,
  more: NodeJS.ProcessEnv = { STRIPE_KEY: 'test_123', LEAKED: 'no' },
  words: readonly string[] = [],
) => {
  const env = { ...process.env, ...more }
  const child = spawn(process.execPath, [program, '--file', of, 'dev', '--port', String(port), ...words], { env })
  let output = ''
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (part: string) => {
      output += part
    })
  }
  const answer = async (): Promise<Record<string, unknown> | undefined> =>
    fetch(`http://127.0.0.1:${port}/`, { headers: { connection: 'close' } }).then(
      async (response) => (await response.json()) as Record<string, unknown>,
      () => undefined,
    )
  return {
    child,
    answer,
    output: () => output,
    answers: (greeting: string) =>
      waitFor(async () => {
        const found = await answer()
        return found?.['greeting'] === greeting ? found : undefined
      }),
  }
}

it('dev runs plain processes, keeps data, starts again after a change, and stops everything', async () => {
  const port = await findFreePort()
  await writeFile(file, text('process: { command: [node, server.js] }'))
  await writeFile(join(directory, 'server.js'), server('one'))
  const first = await start(port)
  const { SESSION_KEY, ...found } = await first.answers('one')
  // Nothing else of the person's environment reaches the application.
  expect(found).toEqual({ greeting: 'one', starts: 1, STRIPE_KEY: 'test_123', isMade: true, THEME: 'dark' })
  for (const said of ['web | the shop is open', 'worker | works', 'made up: OTHER_KEY']) {
    await waitFor(async () => first.output().includes(said) || undefined)
  }
  expect(await readFile(join(directory, '.sitewright-dev/.gitignore'), 'utf8')).toBe('*\n')

  // A mistake changes nothing, and is said.
  await writeFile(file, text('proces: {}'))
  await waitFor(async () =>
    first.output().includes("Did you mean 'process'") || first.output().includes('is no field') ? true : undefined,
  )
  expect(await first.answer()).toMatchObject({ greeting: 'one', starts: 1 })
  await writeFile(join(directory, 'server.js'), server('two'))
  await writeFile(file, text('process: { command: [node, server.js] }'))
  expect(await first.answers('two')).toMatchObject({ starts: 2, SESSION_KEY })

  first.child.kill('SIGINT')
  await once(first.child, 'exit')
  expect(await first.answer()).toBeUndefined()

  // As at the end of a terminal, which tells the command alone.
  const second = await start(port)
  expect(await second.answers('two')).toMatchObject({ starts: 3, SESSION_KEY })
  second.child.kill('SIGHUP')
  await once(second.child, 'exit')
  expect(await second.answer()).toBeUndefined()
})

it('dev refuses a port on which another program answers', async () => {
  await writeFile(file, text('process: { command: [node, server.js] }'))
  await using other = createServer()
  const port = await listening(other)
  const dev = await start(port)
  const [code] = await once(dev.child, 'close')
  expect([code, dev.output()]).toEqual([1, expect.stringContaining(`Port ${port} is taken: `)])
})

it('dev says so where no engine can mount the data', async () => {
  const blueprint = blueprintOfFile(parseSiteFile(parse(text('image: example.org/web:1'))), { version: 1 })
  const place = { base: '/at/9:30', directory: '/at/9:30/.sitewright-dev', port: 1 }
  const parts = containerParts({ blueprint } as Launch, place, { program: 'docker', isPodman: false }, () => 'web')
  await expect(parts).rejects.toThrow('The path /at/9:30 has a colon')
})

it('dev gives secrets to containers and processes only, not to others on the machine', async () => {
  const container = {
    ...{ name: 'web', build: { context: '.' }, process: { command: ['node'] }, secrets: ['API_KEY', 'PROXY_KEY'] },
    environment: {
      STORE: 'redis://:${secret.API_KEY}@127.0.0.1',
      TITLE: 'A shop',
      HTTPS_PROXY: 'http://:${secret.PROXY_KEY}@proxy',
    },
    files: { 'shop.ini': 'key=${secret.API_KEY}' },
  }
  const rest = { name: 'shop', title: 'Shop', traffic: { container: 'web' }, data: { mode: 'exclusive' } }
  const blueprint = blueprintOfFile(parseSiteFile({ ...rest, containers: [container] }), { version: 1 })
  const secrets = { API_KEY: 'hidden', PROXY_KEY: 'shown' }
  const launch = { blueprint, environment: {}, secrets } as unknown as Launch
  const base = join(directory, 'secrets')
  const place = { base, directory: join(base, '.sitewright-dev'), port: 8123 }
  const [web] = await containerParts(launch, place, { program: 'docker', isPodman: false }, () => 'web')
  expect(web?.command.join(' ')).not.toContain('hidden')
  expect(web?.command).toEqual(expect.arrayContaining(['--env=API_KEY', '--env=STORE', '--env=TITLE=A shop']))
  expect(web?.environment).toMatchObject({ API_KEY: 'hidden', STORE: 'redis://:hidden@127.0.0.1' })
  expect(web?.environment).toMatchObject({ PATH: process.env['PATH'] })
  expect(web?.environment).not.toHaveProperty('TITLE')
  // The engine itself would go by it.
  expect(web?.command).toContain('--env=HTTPS_PROXY=http://:shown@proxy')
  expect(web?.environment['HTTPS_PROXY']).toBe(process.env['HTTPS_PROXY'])
  expect((await stat(join(place.directory, 'files'))).mode & 0o777).toBe(0o700)

  await processParts(launch, place)
  const file = join(place.directory, 'files/web/shop.ini')
  expect([await readFile(file, 'utf8'), (await stat(file)).mode & 0o777]).toEqual(['key=hidden', 0o600])
})

it('dev keeps its data out of images before it watches, so that it starts again only after a change of the developer', async () => {
  const port = await findFreePort()
  const programs = join(directory, 'programs')
  await mkdir(programs)
  const script = `#!/bin/sh
if [ "$1" = run ]; then echo $$ >"$0.pid"; echo runs; exec sleep 600; fi
if [ "$1" = stop ]; then kill "$(cat "$0.pid")"; fi
`
  await writeFile(join(programs, 'docker'), script, { mode: 0o755 })
  const context = join(directory, 'context')
  await mkdir(context)
  const own = join(context, 'sitewright.yaml')
  await writeFile(
    own,
    'name: shop\ntitle: Shop\ncontainers: [{ name: web, build: { context: . } }]\ntraffic: { container: web }\ndata: { mode: exclusive }\n',
  )
  const PATH = `${programs}:${process.env['PATH']}`
  const { child, output } = await start(port, own, { PATH })
  const count = (text: string): number => output().split(text).length - 1
  await waitFor(() => count('web | runs') === 1)
  expect(await readFile(join(context, '.dockerignore'), 'utf8')).toBe('.sitewright-dev\n')
  await writeFile(join(context, 'server.js'), '')
  await waitFor(() => count('web | runs') > 1)
  expect(count('server.js changed: starting again')).toBe(1)
  child.kill('SIGINT')
  await once(child, 'exit')
})

it('dev keeps its data out of the images that are built later, also where it runs plain processes', async () => {
  const port = await findFreePort()
  const later = join(directory, 'later')
  await mkdir(later)
  const own = join(later, 'sitewright.yaml')
  const web =
    '{ name: web, build: { context: . }, process: { command: [node, -e, "console.log(\'runs\'); setInterval(() => {}, 1000)"] } }'
  const rest = 'traffic: { container: web }\ndata: { mode: exclusive }\n'
  await writeFile(own, `name: shop\ntitle: Shop\ncontainers: [${web}]\n${rest}`)
  const { child, output } = await start(port, own, {}, ['--processes'])
  await waitFor(() => output().includes('web | runs'))
  expect(await readFile(join(later, '.dockerignore'), 'utf8')).toBe('.sitewright-dev\n')
  child.kill('SIGINT')
  await once(child, 'exit')
})

it('a watch of plain processes leaves out what these write beside their files, and says what changed', async () => {
  const place = join(directory, 'written')
  await mkdir(join(place, '.next/cache'), { recursive: true })
  const ending = new AbortController()
  const processes = (await watchFiles([place], { isProcesses: true }))(ending.signal)
  const containers = (await watchFiles([place]))(ending.signal)
  for (const name of ['.next/cache/page', 'app.log', 'shop.sqlite-wal']) await writeFile(join(place, name), 'x')
  expect(await containers).toMatch(/page$|app\.log$|sqlite-wal$/)
  await writeFile(join(place, 'server.js'), 'x')
  expect(await processes).toBe(join(place, 'server.js'))
})

it('a watch ends its first check where links lead upwards, and sees changes behind links to files', async () => {
  const place = join(directory, 'linked')
  for (const name of ['a', 'b', 'c']) {
    await mkdir(join(place, 'top', name), { recursive: true })
    await symlink('..', join(place, 'top', name, 'up'))
  }
  await writeFile(join(place, 'shared.js'), '1')
  await symlink('../shared.js', join(place, 'top/shared.js'))
  await symlink('top', join(place, 'link'))
  const changed = await watchFiles([join(place, 'link')])
  const ending = new AbortController()
  const change = changed(ending.signal)
  await writeFile(join(place, 'shared.js'), 'another')
  try {
    expect(await change).toContain('shared.js')
  } finally {
    ending.abort()
  }
})
