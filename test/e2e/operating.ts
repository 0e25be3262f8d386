import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { call } from './call.ts'

const program = fileURLToPath(new URL('../../bin/rollout.ts', import.meta.url))

/** What the command printed, and whether it said that the roll-out finished. */
export const rollOut = async (url: string, version: number) => {
  const options = [
    '--blueprint',
    'welcome',
    '--version',
    String(version),
    '--reason',
    'a test',
    '--url',
    url,
    '--watch',
  ]
  const run = promisify(execFile)(process.execPath, [program, 'start', ...options])
  return run.then(
    ({ stdout }) => ({ isFinished: true, said: stdout }),
    (error: { stdout: string; stderr: string }) => ({ isFinished: false, said: error.stdout + error.stderr }),
  )
}

interface BlueprintStatus {
  readonly name: string
  readonly isOffered: boolean
  readonly extends: { readonly name: string; readonly version: number; readonly newest: number } | null
  readonly pool: { readonly ready: number }
  readonly current: number | null
  readonly draft: {
    readonly version: number
    readonly state: string
    readonly failure: { readonly cause: string } | null
  }
}

/** How a blueprint stands, as an operator reads it. */
export const statusOf = async (
  host: { readonly port: number },
  name = 'welcome',
): Promise<BlueprintStatus | undefined> => {
  const body = { email: 'grace@example.com', role: 'support' }
  const { token } = (await call<{ token: string }>(host, { method: 'POST', path: '/_local/operators', body })).json
  const headers = { authorization: `Bearer ${token}` }
  const answer = await call<{ blueprints: BlueprintStatus[] }>(host, { path: '/v1/operator/blueprints', headers })
  return answer.json.blueprints.find((status) => status.name === name)
}
