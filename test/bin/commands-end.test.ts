import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { access, mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { describe, expect, it } from 'vitest'
import { findFreePort } from '../../local/engine/engine-place.ts'
import { poll } from '../acceptance/poll.ts'
import { canTestOnLinux } from '../support/can-test.ts'
import { listening } from '../support/listening.ts'
import { waitFor } from '../support/wait-for.ts'

const repository = resolve(import.meta.dirname, '../..')

interface Scene {
  /** Everything that the command writes is below it, and everything that it starts has it in its environment. */
  readonly directory: string
  readonly server: { readonly url: string; readonly wasAsked: () => boolean }
}

interface Command {
  /** What makes it wait or work. */
  readonly parameters: (scene: Scene) => readonly string[]
  readonly environment?: (scene: Scene) => NodeJS.ProcessEnv
  /** When it is told to end: at once by default. */
  readonly isBusy?: (scene: Scene) => Promise<boolean>
  /** Whether it fails if its host is killed. */
  readonly needsHost?: boolean
}

/** The processes that have a text in their environment, and not ended. */
const processesWith = async (text: string): Promise<readonly { pid: number; command: string }[]> => {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name))
  const read = (pid: string, file: string) => readFile(`/proc/${pid}/${file}`, 'utf8').catch(() => '')
  const found = await Promise.all(
    pids.map(async (pid) => {
      const isDead = /\) [ZX] /.test(await read(pid, 'stat'))
      if (isDead || !(await read(pid, 'environ')).includes(text)) return []
      return [{ pid: Number(pid), command: (await read(pid, 'cmdline')).replaceAll('\0', ' ') }]
    }),
  )
  return found.flat()
}

const hostOf = async ({ directory }: Scene) =>
  (await processesWith(directory)).find(({ command }) => /host\.ts/.test(command))

/** The moment at which a host has begun to write its home. */
const hasHome = async ({ directory }: Scene): Promise<boolean> => {
  const files = await readdir(directory, { recursive: true }).catch(() => [])
  return files.some((file) => file.endsWith('home.json'))
}
const askedServer = async ({ server }: Scene): Promise<boolean> => server.wasAsked()

const withHost = (...parameters: readonly string[]): Command => ({
  parameters: () => parameters,
  isBusy: hasHome,
  needsHost: true,
})
const asking = (...parameters: readonly string[]): Command => ({
  parameters: ({ server }) => [...parameters, '--url', server.url],
  environment: () => ({ SITEWRIGHT_OPERATOR_TOKEN: 'token' }),
  isBusy: askedServer,
})
const host: Command = { parameters: () => [], isBusy: hasHome }
const atOnce = (...parameters: readonly string[]): Command => ({ parameters: () => parameters })

/** By the name of the file in `bin/`, or by its path. */
const commands: Readonly<Record<string, Command>> = {
  'archive-worker': atOnce(),
  aws: atOnce(),
  backup: atOnce(),
  blueprint: atOnce('init', '--dockerfile', 'sites/welcome/Dockerfile'),
  caddyfile: atOnce(),
  'check-config': atOnce(),
  host,
  operator: atOnce('--list'),
  policy: asking('--move', '--from', '1', '--to', '2', '--reason', 'a test', '--dry-run'),
  preflight: atOnce('--stage', 'none'),
  publish: asking('blueprints/welcome.yaml'),
  report: atOnce('sign-ups'),
  rollout: asking('status'),
  routers: atOnce(),
  site: asking('leave', 'site_1', '--hostname', 'a.example.com', '--reason', 'a test'),
  sitewright: {
    parameters: () => ['status', '--site', 'shop'],
    environment: ({ server }) => ({ SITEWRIGHT_URL: server.url, SITEWRIGHT_TOKEN: 'token' }),
    isBusy: askedServer,
  },
  'stripe-sync': {
    parameters: () => [],
    environment: ({ server }) => ({ STRIPE_SECRET_KEY: 'sk_test_1', STRIPE_API_BASE: server.url }),
  },
  'test/acceptance/market/host': host,
  'test/acceptance/product/host': host,
  'test/acceptance/release/host': host,
  'test/acceptance/run': withHost(),
  'test/acceptance/sleep/host': host,
  'test/attacks/attacked-host': host,
  'test/attacks/run': withHost(),
  'test/crowd/run': withHost('--people', '2', '--pool', '1'),
  'test/torture/run': { ...withHost('--sites', '2', '--pool', '1'), needsHost: false },
}

const fileOf = (name: string): string => join(repository, name.includes('/') ? '' : 'bin', `${name}.ts`)

/** A server that answers nothing. */
const openSilence = async () => {
  let wasAsked = false
  const server = createServer((socket) => {
    wasAsked = true
    socket.on('error', () => undefined)
  })
  const port = await listening(server)
  return { url: `http://127.0.0.1:${port}`, wasAsked: () => wasAsked, close: () => void server.close() }
}

/** Starts a command, has it end, and looks what is left of it. */
const play = async (
  name: string,
  { parameters, environment }: Pick<Command, 'parameters' | 'environment'>,
  act: (
    scene: Scene,
    kill: (signal: NodeJS.Signals) => void,
    hasEnded: () => boolean,
    write: (text: string) => void,
  ) => Promise<void>,
) => {
  const directory = await mkdtemp(join(tmpdir(), 'sitewright-end-'))
  const server = await openSilence()
  const scene = { directory, server }
  try {
    const child = spawn(process.execPath, [fileOf(name), ...parameters(scene)], {
      cwd: repository,
      env: {
        ...process.env,
        TMPDIR: directory,
        SITEWRIGHT_HOME: join(directory, 'home'),
        SITEWRIGHT_RUNTIME: 'processes',
        SITEWRIGHT_ROUTERS: '1',
        PORT: String(await findFreePort()),
        ...environment?.(scene),
      },
      stdio: ['pipe', 'pipe', 'pipe'],
      // A command must not rely on a terminal, which signals the whole group.
      detached: true,
    })
    let output = ''
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', (text: string) => {
        output += text
      })
    }
    const exited = once(child, 'exit')
    const hasEnded = () => child.exitCode !== null || child.signalCode !== null
    child.stdin.on('error', () => undefined)
    await act(
      scene,
      (signal) => child.kill(signal),
      hasEnded,
      (text) => void child.stdin.write(text),
    )
    await exited
    // What a killed parent had is about to see that.
    const left = await poll(
      () => processesWith(directory),
      (found) => found.length === 0,
      { patience: 20_000, pause: 100 },
    )
    return { code: child.exitCode ?? child.signalCode, left, output }
  } finally {
    for (const { pid } of await processesWith(directory)) process.kill(pid, 'SIGKILL')
    server.close()
    await rm(directory, { recursive: true, force: true, maxRetries: 5 })
  }
}

const timeout = 180_000
/** What a command prints that did not end in order within ten seconds. */
const tooLate = 'It does not end within'

describe.runIf(canTestOnLinux('that commands end'))('each command', () => {
  const files = async () => (await readdir(join(repository, 'bin'))).filter((file) => file.endsWith('.ts'))

  it('is in this table', async () => {
    const [ofBin, others] = [true, false].map((is) => Object.keys(commands).filter((name) => is !== name.includes('/')))
    expect((await files()).map((file) => file.slice(0, -3)).toSorted()).toEqual(ofBin?.toSorted())
    for (const name of others ?? []) await access(fileOf(name))
  })

  it.each(Object.entries(commands))(
    '%s ends with what it started when it is told to',
    { timeout },
    async (name, command) => {
      const { left, output } = await play(name, command, async (scene, kill, hasEnded) => {
        await waitFor(async () => hasEnded() || (await (command.isBusy?.(scene) ?? true)))
        kill('SIGTERM')
      })
      expect({ left, output }).toEqual({ left: [], output })
      expect(output).not.toContain(tooLate)
    },
  )

  const ofHosts = Object.entries(commands).filter(([, { needsHost }]) => needsHost)
  it.each(ofHosts)('%s ends with what it started when its host is killed', { timeout }, async (name, command) => {
    const { code, left, output } = await play(name, command, async (scene, _, hasEnded) => {
      let pid: number | undefined
      await waitFor(async () => {
        if (await hasHome(scene)) pid = (await hostOf(scene))?.pid
        return pid !== undefined || hasEnded()
      })
      if (pid !== undefined) process.kill(pid, 'SIGKILL')
    })
    expect({ code, left, output }).toEqual({ code: 1, left: [], output })
    expect(output).not.toContain(tooLate)
  })

  const isHost = (name: string) => ['host', 'routers'].includes(name) || /^test\/acceptance\/\w+\/host$/.test(name)
  // A synthesis takes no input that could be wrong.
  it.each(Object.keys(commands).filter((name) => name !== 'aws' && !isHost(name)))(
    '%s ends when it fails',
    { timeout },
    async (name) => {
      const wrong = {
        parameters: () => ['--no-such-option'],
        environment: () => ({ SITEWRIGHT_DISK_RESERVE_MIB: 'x' }),
      }
      const { left, output } = await play(name, wrong, async (_, __, ___, write) => write('no task\n'))
      expect({ left, output }).toEqual({ left: [], output })
      expect(output).not.toContain(tooLate)
    },
  )
})
