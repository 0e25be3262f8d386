import { cp, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { stringify } from 'yaml'
import type { Engine } from '../../../adapters/containers/engine.ts'
import { BadInput } from '../../../bin/blueprint/bad-input.ts'
import { readImage } from '../../../bin/blueprint/init/read-image.ts'
import { settle } from '../../../bin/blueprint/init/settle.ts'
import { tryBlueprint } from '../../../bin/blueprint/try/try-blueprint.ts'
import config from '../../../sitewright.config.ts'
import { importNodeImage } from '../../../tools/import-node-image.ts'
import { canTestSites, testEngine } from '../../support/container-engine.ts'
import { waitFor } from '../../support/wait-for.ts'

const found = await testEngine()
const image = `sitewright/test-tried:${process.pid}`

describe.runIf(await canTestSites(found)).concurrent('trying a blueprint in containers', () => {
  const engine = found as Engine
  let directory: string
  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'sitewright-tried-'))
    const app = join(directory, 'app')
    await cp(resolve(import.meta.dirname, '../../support/tried-site.mjs'), join(app, 'tried-site.mjs'))
    await importNodeImage(engine.streams, {
      tag: image,
      app,
      modules: ['ws'],
      command: ['node', '/app/tried-site.mjs', 'good'],
    })
  })
  afterAll(async () => {
    await engine.calls.getImage(image).remove({ force: true })
    await rm(directory, { recursive: true, force: true })
  })

  /** The containers of one test. */
  const sites = (name: string) =>
    engine.calls.listContainers({ all: true, filters: { label: [`sitewright.blueprint=${name}@1`] } })

  const run = async (name: string, container: object, signal = new AbortController().signal, lines: string[] = []) => {
    const file = join(directory, `${name}.yaml`)
    const blueprint = {
      name,
      version: 1,
      title: 'Tried',
      access: 'public',
      containers: [{ name: 'web', image, ...container }],
      traffic: { container: 'web', healthPath: '/healthz', startSeconds: 30 },
      data: { mode: 'exclusive' },
    }
    await writeFile(file, stringify(blueprint))
    const options = {
      config,
      runtime: 'containers' as const,
      plan: 'trial',
      domain: 'example.net',
      waitsLong: false,
      signal,
    }
    const isGood = await tryBlueprint(file, {
      ...options,
      webSocket: '/live',
      upload: '/upload',
      print: (line) => lines.push(line),
    })
    expect(await sites(name)).toEqual([])
    return { isGood, text: lines.join('\n').replace(/ {2,}/g, ' ') }
  }
  const command = (...behaviour: readonly string[]) => ({ command: ['node', '/app/tried-site.mjs', ...behaviour] })

  test('nothing must change in a product that behaves', async ({ expect }) => {
    const { isGood, text } = await run('good', { environment: { SITE_URL: '${SITE_URL}' } })
    expect([isGood, text.includes('CHANGE')]).toEqual([true, false])
    for (const row of ['ok WebSocket:', 'ok upload:', 'ok SIGTERM:', 'ok restart with its data:', 'note claim:']) {
      expect(text).toContain(row)
    }
    expect(text).toMatch(/ok memory when idle: [1-9]\d* MiB, [1-9]\d* threads/)
  })

  test('a product that behaves badly is told so', async ({ expect }) => {
    const { isGood, text } = await run('bad', {
      ...command('bad'),
      environment: { STRAY: '/tmp/stray.db' },
      secrets: ['SESSION_SECRET'],
    })
    expect(isGood).toBe(false)
    expect(text).toContain('CHANGE other files: Outside its data directory: /tmp/stray.db.')
    expect(text).toContain('CHANGE SIGTERM: It had to be killed')
  })

  test('a crash is told with its exit code, and a wrong port with the setting for it', async ({ expect }) => {
    expect((await run('crash', command('crash'))).text).toContain(
      "'web' ended with exit code 7. Its last lines:\n first words",
    )
    expect((await run('port', command('port', '8055'))).text).toContain('Set `traffic.port: 8055`')
  })

  test('an image that cannot be had or called is one line', async ({ expect }) => {
    const { text } = await run('missing', { image: '127.0.0.1:1/shop:1' })
    expect(text).toContain('127.0.0.1:1/shop:1 cannot be had: the registry of its image does not')
    expect((await run('shell', { command: ['sh', '-c', 'node /app/tried-site.mjs good'] })).text).toContain(
      'has no `sh`, which',
    )
    await expect(readImage('127.0.0.1:1/shop:1')).rejects.toBeInstanceOf(BadInput)
  })

  test('an interruption removes the container while it starts', async ({ expect }) => {
    const interruption = new AbortController()
    const trying = run('elsewhere', command('elsewhere'), interruption.signal)
    const interrupted = expect(trying).rejects.toThrow('Interrupted')
    await waitFor(async () => (await sites('elsewhere')).length > 0)
    interruption.abort(new Error('Interrupted'))
    await interrupted
    expect(await sites('elsewhere')).toEqual([])
  })

  test('an image is read as a blueprint', async ({ expect }) => {
    const { containers, questions } = settle(await readImage(image))
    expect(containers).toMatchObject([{ fields: { image, secrets: [] } }])
    expect(questions.traffic).toHaveLength(2)
  })
})
