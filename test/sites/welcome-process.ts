import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { findFreePort } from '../../local/engine/engine-place.ts'
import { childEnvironment } from '../support/child-environment.ts'

const directory = fileURLToPath(new URL('../../sites/welcome', import.meta.url))

export const temporaryDirectory = async (): Promise<AsyncDisposable & { path: string }> => {
  const path = await mkdtemp(join(tmpdir(), 'welcome-'))
  return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }) }
}

/** Spawns the welcome server the way the processes runtime does, and gives what it printed once it has ended. */
export const spawnWelcome = (environment: Readonly<Record<string, string>>) => {
  const child: ChildProcess = spawn(process.execPath, ['server.ts'], {
    cwd: directory,
    // As its image and its blueprint give it what Node has compiled.
    env: childEnvironment(environment),
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let output = ''
  child.stdout?.on('data', (chunk) => {
    output += String(chunk)
  })
  child.stderr?.on('data', (chunk) => {
    output += String(chunk)
  })
  const ended = once(child, 'close').then(([code, signal]) => ({ code, signal, output }))
  return {
    child,
    ended,
    end: async (signal: NodeJS.Signals) => {
      child.kill(signal)
      return ended
    },
  }
}

export interface WelcomeSite extends AsyncDisposable {
  readonly url: string
  readonly port: number
  readonly end: ReturnType<typeof spawnWelcome>['end']
}

/** Starts the welcome server and waits until it is healthy. */
export const startWelcome = async (site: {
  dataDirectory: string
  rootKey: string
  siteId?: string
}): Promise<WelcomeSite> => {
  const port = await findFreePort()
  const { child, ended, end } = spawnWelcome({
    PORT: String(port),
    HOST: '127.0.0.1',
    DATA_DIRECTORY: site.dataDirectory,
    SITEWRIGHT_SITE_ID: site.siteId ?? 'site_mine',
    SITEWRIGHT_ROOT_KEY: site.rootKey,
  })
  const url = `http://127.0.0.1:${port}`
  const isHealthy = () =>
    fetch(`${url}/healthz`).then(
      ({ ok }) => ok,
      () => false,
    )
  while (!(await isHealthy())) {
    if (child.exitCode !== null) throw new Error(`the welcome site ended:\n${(await ended).output}`)
    await new Promise((resolve) => setTimeout(resolve, 5))
  }
  return {
    url,
    port,
    end,
    [Symbol.asyncDispose]: async () => {
      await end('SIGKILL')
    },
  }
}
