import { createHash } from 'node:crypto'
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { runSitewright } from '../../bin/sitewright/program.ts'
import { call } from '../e2e/call.ts'
import { signIn } from '../e2e/visitor.ts'

interface Host {
  readonly url: string
  readonly port: number
  readonly home: string
}

/** Runs `sitewright` in a directory. @returns its exit code and all that it says. */
export const sitewrightIn =
  (directory: string, environment: Readonly<Record<string, string>>) =>
  async (words: readonly string[], input = '') => {
    let said = ''
    const code = await runSitewright(['--file', join(directory, 'sitewright.yaml'), ...words], {
      environment,
      input: Readable.from([input]),
      print: (line) => {
        said += `${line}\n`
      },
      say: (text) => {
        said += text
      },
    })
    return { code, said }
  }

/** A developer with an allowance, whose command works in a directory. */
export const openDeveloper = async (host: Host, directory: string, sites = 2) => {
  const ada = await signIn(host, 'ada@example.com')
  const body = { email: 'grace@example.com', role: 'sales' }
  const staff = (await call<{ token: string }>(host, { method: 'POST', path: '/_local/operators', body })).json
  const allowed = await call(host, {
    method: 'PUT',
    path: `/v1/operator/accounts/${ada.accountId}/allowance`,
    headers: { authorization: `Bearer ${staff.token}` },
    body: { plan: 'enterprise', sites, reason: 'Contract 4711' },
  })
  if (allowed.status !== 200) throw new Error(`the allowance was refused: ${allowed.text}`)
  const environment = { SITEWRIGHT_URL: host.url, SITEWRIGHT_TOKEN: ada.token, SITEWRIGHT_HOME: host.home }
  return { ...ada, run: sitewrightIn(directory, environment) }
}

/** The SHA-256 of each file below a directory, by its path. */
export const digestsBelow = async (directory: string): Promise<Readonly<Record<string, string>>> => {
  const found = await readdir(directory, { recursive: true, withFileTypes: true })
  const files = found.filter((one) => one.isFile()).map((one) => join(one.parentPath, one.name))
  const digests = files.toSorted().map(async (path) => {
    return [
      path.slice(directory.length),
      createHash('sha256')
        .update(await readFile(path))
        .digest('hex'),
    ] as const
  })
  return Object.fromEntries(await Promise.all(digests))
}
