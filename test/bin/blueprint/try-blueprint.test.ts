import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { afterAll, describe, expect, it, vi } from 'vitest'
import { stringify } from 'yaml'
import { BadInput } from '../../../bin/blueprint/bad-input.ts'
import { tryBlueprint } from '../../../bin/blueprint/try/try-blueprint.ts'
import { findFreePort } from '../../../local/engine/engine-place.ts'
import config from '../../../sitewright.config.ts'
import { waitFor } from '../../support/wait-for.ts'

const support = resolve(import.meta.dirname, '../../support')
const directory = await mkdtemp(join(tmpdir(), 'sitewright-tried-'))
// Directories of other runs must not count.
vi.stubEnv('TMPDIR', directory)
afterAll(async () => {
  vi.unstubAllEnvs()
  await rm(directory, { recursive: true, force: true })
})

interface Tried {
  readonly container?: object
  readonly blueprint?: object
  readonly healthPath?: string
  readonly startSeconds?: number
}

const write = async (
  behaviour: string,
  { container = {}, blueprint = {}, healthPath = '/healthz', startSeconds = 20 }: Tried = {},
) => {
  const file = join(directory, `${behaviour.replace(/\W/g, '-')}.yaml`)
  const web = {
    name: 'web',
    image: 'none:1',
    process: { command: ['node', 'tried-site.mjs', ...behaviour.split(' ')], directory: support },
  }
  const whole = {
    name: 'tried',
    version: 1,
    title: 'Tried',
    access: 'public',
    containers: [{ ...web, ...container }],
    traffic: { container: 'web', healthPath, startSeconds },
    data: { mode: 'exclusive' },
    ...blueprint,
  }
  await writeFile(file, stringify(whole))
  return file
}

const run = async (file: string, options: Partial<Parameters<typeof tryBlueprint>[1]> = {}) => {
  const lines: string[] = []
  const isGood = await tryBlueprint(file, {
    config,
    runtime: 'processes',
    plan: 'trial',
    domain: 'example.net',
    waitsLong: false,
    signal: new AbortController().signal,
    print: (line) => lines.push(line),
    ...options,
  })
  return { isGood, lines, text: lines.join('\n') }
}

/** What a check found: its verdict, the result, and what to change. */
const rowOf = (lines: readonly string[], check: string): string => {
  const at = lines.findIndex((line) => line.slice(11).startsWith(`${check}: `) && /^\w/.test(line))
  const [line = '', change = ''] = at < 0 ? [] : lines.slice(at)
  const found = `${line.slice(0, 11).trim()} | ${line.slice(13 + check.length)}`
  return /^ {11}\S/.test(change) ? `${found} ${change.trim()}` : found
}

describe.concurrent('trying a blueprint', { timeout: 600_000 }, () => {
  it('stops at once on a crash loop, with the exit code and the last lines', async ({ expect }) => {
    const { isGood, lines, text } = await run(await write('crash'))
    expect(isGood).toBe(false)
    expect(text).toContain(
      "'web' ended with exit code 7. Its last lines:\n  first words\n  cannot read the flux capacitor",
    )
    expect(rowOf(lines, 'start: crash')).toMatch(/^CHANGE \| 'web' ended \d+ times/)
  })

  it('names the port that it listens on instead', async ({ expect }) => {
    const port = await findFreePort()
    const { isGood, lines, text } = await run(await write(`port ${port}`))
    expect(isGood).toBe(false)
    expect(text).toContain(`So far, wrong-port: It listens on ${port} instead of PORT`)
    expect(rowOf(lines, 'start: wrong-port')).toContain(`listens on ${port} instead`)
  })

  it('says that the health path redirects for ever', async ({ expect }) => {
    const { lines, isGood } = await run(await write('circle'))
    expect(isGood).toBe(false)
    const row = rowOf(lines, 'health path')
    expect(row).toContain('CHANGE | It redirects for ever: /healthz → /a → /healthz.')
  })

  it.for([
    ['keeps its data', 'kept', true, 'ok | It meets all 1.', 'note | Strangers see the same at /'],
    ['loses its data', 'kept lose', false, 'CHANGE | /about does not answer', 'CHANGE | Strangers can reach'],
  ] as const)(
    'rehearses an upgrade to a version that %s',
    async ([_, behaviour, good, checks, strangers], { expect }) => {
      const from = await write('kept', {})
      // Only a version that has its data adds to it.
      const count =
        "process.exit(require('fs').readFileSync(process.env.DATA_DIRECTORY + '/entries').length > 8 ? 0 : 4)"
      const byCommand = { command: ['node', '-e', count] }
      const release = { checks: [{ path: '/about', contains: 'has its data' }, byCommand] }
      const file = await write(`${behaviour} --next`, { blueprint: { version: 2, release } })
      const { isGood, lines } = await run(file, { from })
      expect(isGood).toBe(good)
      expect(rowOf(lines, 'checks')).toContain(checks)
      expect(rowOf(lines, 'strangers')).toContain(strangers)
      expect(rowOf(lines, 'check node')).toContain(good ? 'ok | It ended with 0' : 'CHANGE | It ended with exit code 4')
      expect(rowOf(lines, 'copy of the data')).toContain('ok')
      await expect(run(file, { from: file })).rejects.toThrow("--from must be another version of 'tried'")
    },
  )

  it('measures a start that takes longer than its time, and proposes a time', async ({ expect }) => {
    const { isGood, lines, text } = await run(await write('slow', { startSeconds: 1 }))
    expect(isGood).toBe(false)
    expect(text).toContain('Not ready after startSeconds (1).')
    // What a product keeps in its home is in no archive.
    expect(rowOf(lines, 'other files')).toMatch(/^CHANGE .*state\.db/)
    expect(rowOf(lines, 'time to healthy')).toMatch(
      /^CHANGE .*`startSeconds` is 1\. Set `traffic\.startSeconds: [1-9]\d*0`/,
    )
  })

  it('notes that a product needs two starts', async ({ expect }) => {
    const { isGood, lines } = await run(await write('twice'))
    expect(isGood).toBe(true)
    expect(rowOf(lines, 'stays up')).toContain("note | 'web' ended before it was healthy, and then stayed up.")
  })

  it('says which path answers where the health path does not', async ({ expect }) => {
    const { lines } = await run(await write('elsewhere', { healthPath: '/lost' }))
    const row = rowOf(lines, 'start: wrong-health-path')
    expect(row).toContain('/lost answers 404, not 2xx or 3xx.')
    expect(row).toContain('Set `traffic.healthPath: /ping`')
  })

  it('finds that it refuses the hostname of the site, and takes another refusal as it is', async ({ expect }) => {
    const { lines, isGood } = await run(await write('hosts'))
    expect(isGood).toBe(false)
    const row = "CHANGE | / answers 403 to the site's hostname, and 200 to an IP address. Let it admit every Host"
    expect(rowOf(lines, 'redirects')).toContain(row)
    const other = await run(await write('elsewhere --well', { healthPath: '/ping' }))
    expect(rowOf(other.lines, 'redirects')).toBe('ok | / answers 404.')
    const named = await run(await write('named', { healthPath: '/ping' }))
    expect(rowOf(named.lines, 'redirects')).toBe('ok | / answers 401.')
  })

  it('names a refused write long before it gives up', async ({ expect }) => {
    const interruption = new AbortController()
    const lines: string[] = []
    const trying = run(await write('refused'), { signal: interruption.signal, print: (line) => lines.push(line) })
    const interrupted = expect(trying).rejects.toThrow('Said')
    await waitFor(async () =>
      lines.some((line) => line.startsWith("So far, refused-write: 'web' was refused a write to /etc/shop/settings")),
    )
    interruption.abort(new Error('Said'))
    await interrupted
  })

  it('finds nothing to change in a product that behaves, and says what its URL costs', async ({ expect }) => {
    const container = { environment: { SITE_URL: '${SITE_URL}' } }
    const file = await write('good', { container, blueprint: { handOver: { hook: { path: '/upload' } } } })
    const { isGood, lines, text } = await run(file, { webSocket: '/live', upload: '/upload' })
    expect([isGood, text.includes('CHANGE')]).toEqual([true, false])
    expect(rowOf(lines, 'redirects')).toBe('ok | / → /welcome answers 200.')
    expect(rowOf(lines, 'cookies')).toContain('ok | session')
    expect(rowOf(lines, 'WebSocket')).toContain('ok | /live accepts one')
    expect(rowOf(lines, 'upload')).toContain('ok | 20 MiB to /upload: answered 200')
    expect(rowOf(lines, 'hand-over')).toContain('ok | /upload took an owner, and the same one again.')
    expect(rowOf(lines, 'after the hand-over')).toContain('note | Strangers see the same at /welcome as the owner')
    expect(rowOf(lines, 'SIGTERM')).toContain('ok | It ended by itself')
    expect(rowOf(lines, 'restart with its data')).toContain('ok | It is healthy again; 1 of 1 files')
    expect(rowOf(lines, 'memory when idle')).toMatch(/ok \| [1-9]\d* MiB, [1-9]\d* threads/)
    expect(rowOf(lines, 'claim')).toMatch(/^note \| Prepared: .* \$\{SITE_URL\}\. A visitor waits about (?:[2-9]|\d\d)/)
    expect(rowOf(lines, 'time to healthy')).toMatch(/ok \| (?:[2-9]|\d\d)/)
    expect(rowOf(lines, 'plans')).toBe('ok | It fits into each.')
  })

  it('runs a command that needs no start before it first, and counts one start', async ({ expect }) => {
    const make = "fs.writeFileSync(process.env.DATA_DIRECTORY + '/administrator', '')"
    const handOver = { task: { command: ['node', '-e', make], beforeStart: true } }
    const container = { environment: { SITE_URL: '${SITE_URL}' } }
    const { isGood, lines } = await run(await write('good --first', { container, blueprint: { handOver } }))
    expect(isGood).toBe(true)
    expect(lines.indexOf('Making an invented owner its administrator')).toBeLessThan(
      lines.indexOf("Starting it on the plan 'trial'"),
    )
    expect(rowOf(lines, 'hand-over')).toContain('ok | The command made an administrator')
    expect(rowOf(lines, 'after the hand-over')).toContain('Strangers')
  })

  it('shows the output of a command that cannot make the administrator, without the password', async ({ expect }) => {
    const script = "console.log('no account ' + process.env.EMAIL + ' ' + process.env.PASSWORD); process.exit(3)"
    const environment = { EMAIL: '${OWNER_EMAIL}', PASSWORD: '${ONE_TIME_PASSWORD}' }
    const handOver = { task: { command: ['node', '-e', script], environment } }
    const { isGood, lines } = await run(await write('good --command', { blueprint: { handOver } }))
    expect(isGood).toBe(false)
    expect(lines).toContain('  [hand-over] no account owner@example.com …')
    expect(rowOf(lines, 'hand-over')).toContain('CHANGE | The command ended with exit code 3')
    expect(rowOf(lines, 'restart with its data')).toContain('ok | It is healthy again')
  })

  it('names the field of a command that cannot be started, and makes the other checks', async ({ expect }) => {
    const handOver = { task: { command: ['/no/such/program'] } }
    const { isGood, lines } = await run(await write('good --no-command', { blueprint: { handOver } }))
    expect(isGood).toBe(false)
    const row = rowOf(lines, 'hand-over')
    expect(row).toContain('CHANGE | The command cannot be started: spawn /no/such/program')
    expect(row).toContain('Correct `handOver.task.command`')
    expect(rowOf(lines, 'restart with its data')).toContain('ok | It is healthy again')
  })

  it.for([
    ['hook', { hook: { path: '/no/such/hook' } }, 'CHANGE | /no/such/hook took an owner, but so does any other path'],
    ['command', { task: { command: ['node', '-e', '0'] } }, 'ok | The command made an administrator'],
  ] as const)('finds a set-up page that a hand-over by %s leaves open', async ([how, handOver, row], { expect }) => {
    const { isGood, lines } = await run(await write(`open --${how}`, { blueprint: { access: 'claimed', handOver } }))
    expect(isGood).toBe(false)
    expect(rowOf(lines, 'strangers')).toContain('note | /setup looks like a set-up page')
    expect(rowOf(lines, 'hand-over')).toContain(row)
    expect(rowOf(lines, 'after the hand-over')).toContain('CHANGE | Strangers can still reach an administrable site')
  })

  it('finds what is wrong with a product that is healthy', async ({ expect }) => {
    const own = join(directory, 'own')
    await mkdir(own)
    const stray = join(own, 'stray.db')
    const container = {
      environment: { STRAY: stray, LINK: 'https://example.com/$STRAY' },
      secrets: ['SESSION_SECRET'],
      process: { command: ['node', join(support, 'tried-site.mjs'), 'bad'], directory: own },
    }
    const file = await write('bad', { container, blueprint: { needs: { memoryMiB: 1500 } } })
    const { isGood, lines, text } = await run(file, { upload: '/' })
    expect(isGood).toBe(false)
    expect(rowOf(lines, 'variables')).toContain("CHANGE | $STRAY in 'LINK' stays as it is")
    expect(rowOf(lines, 'absolute URLs')).toContain('CHANGE | /start links to http://localhost:3000/x.')
    expect(rowOf(lines, 'cookies')).toContain('CHANGE | session is for another hostname')
    expect(rowOf(lines, 'WebSocket')).toContain('not tried')
    expect(rowOf(lines, 'upload')).toContain('CHANGE | 20 MiB to /: answered 413')
    expect(rowOf(lines, 'strangers')).toContain('CHANGE | Strangers can reach an administrable site')
    expect(rowOf(lines, 'other files')).toContain(`CHANGE | Outside its data directory: ${stray}.`)
    expect(rowOf(lines, 'stays up')).toMatch(/^CHANGE \| 'web' /)
    expect(rowOf(lines, 'SIGTERM')).toContain('CHANGE | It had to be killed after 10 s.')
    expect(rowOf(lines, 'restart with its data')).toContain('note')
    expect(rowOf(lines, 'refused writes')).toContain('CHANGE | /etc/shop/settings.')
    expect(rowOf(lines, 'plans')).toMatch(/^CHANGE \| Too small: trial \(needs\.memoryMiB.*\), starter \(/)
    expect(text).toContain('[web] the secret is …')
    expect(text).toContain('\n  the secret is …')
    expect(text).not.toMatch(/the secret is (?!…)/)
  })

  it('removes everything when it is interrupted', async ({ expect }) => {
    const interruption = new AbortController()
    const file = await write('good --interrupted')
    const lines: string[] = []
    const trying = run(file, { signal: interruption.signal, print: (line) => lines.push(line) })
    const interrupted = expect(trying).rejects.toThrow('Interrupted')
    await waitFor(async () => lines.some((line) => line.startsWith('Visiting')))
    interruption.abort(new Error('Interrupted'))
    await interrupted
  })
})

describe('a blueprint that cannot be tried', () => {
  const refused = async (file: string, options = {}) => {
    const error = await run(file, options).then(
      () => undefined,
      (reason: unknown) => reason,
    )
    expect(error).toBeInstanceOf(BadInput)
    return String(error)
  }

  it('is refused in one line', async () => {
    expect(await refused(join(directory, 'none.yaml'))).toContain('cannot be read')
    const literal = { process: { command: ['node', '$PORT'], directory: '.' } }
    expect(await refused(await write('literal', { container: literal }))).toContain('$PORT stays as it is')
    expect(await refused(await write('good --plan'), { plan: 'gold' })).toContain(
      "There is no plan 'gold'; there are: trial",
    )
    const bare = await write('bare', { container: { process: undefined } })
    expect(await refused(bare)).toContain("Cannot run 'web' as a plain process")
  })

  it('leaves no directory behind', async () => {
    expect((await readdir(directory)).filter((name) => name.startsWith('sitewright-try-'))).toEqual([])
  })
})
