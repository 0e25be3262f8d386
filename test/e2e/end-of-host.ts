import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'

const repository = fileURLToPath(new URL('../..', import.meta.url))

/** Runs a host to its end, which comes by itself or once `stopWhen` says to ask for it, and gives what came of it. */
export const endOfHost = async (
  environment: Readonly<Record<string, string>>,
  { stopWhen }: { readonly stopWhen?: () => Promise<unknown> } = {},
): Promise<{ readonly code: unknown; readonly output: string }> => {
  const child = spawn(process.execPath, ['bin/host.ts'], {
    cwd: repository,
    env: {
      PATH: process.env['PATH'],
      SITEWRIGHT_RUNTIME: 'processes',
      SITEWRIGHT_ROUTERS: '1',
      SITEWRIGHT_LOG: 'silent',
      ...environment,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let output = ''
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (chunk) => {
      output += String(chunk)
    })
  }
  const closed = once(child, 'close')
  await stopWhen?.()
  if (stopWhen !== undefined) child.kill('SIGTERM')
  const [code] = await closed
  return { code, output }
}
