import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { beforeAll, describe, expect, inject, it } from 'vitest'
import { call } from '../e2e/call.ts'
import { waitFor } from '../support/wait-for.ts'
import { publishBlueprint } from './support/assets.ts'
import { tick } from './support/clock.ts'
import { addOperator } from './support/operator.ts'
import { openRelease } from './support/release.ts'
import { entriesOf, type Owner, signUp, writeEntry } from './support/visitor.ts'

const front = { port: inject('port') }

describe('a new version of the blueprint', () => {
  let owner: Owner
  let headers: { readonly authorization: string }
  let version: number
  beforeAll(async () => {
    owner = await signUp(front, 'upgraded')
    await writeEntry(front, owner, 'before')
    headers = await (await addOperator('admin', 'ada')).signIn()
  })

  const operate = <Body>(path: string, body?: object) =>
    call<Body>(front, { path: `/v1/operator/${path}`, headers, ...(body && { method: 'POST', body }) })

  it('is published, and new sites get it once it was healthy', async () => {
    const release = openRelease(inject('release'))
    const file = join(release.directory, 'blueprints/welcome.yaml')
    const text = await readFile(file, 'utf8')
    const [line, present] = /^version: (\d+)$/m.exec(text)!
    version = Number(present) + 1
    await writeFile(file, text.replace(line, `version: ${version}\nrelease:\n  bakeSeconds: 0`))
    await publishBlueprint(release, 'blueprints/welcome.yaml')
    const currents = async () => {
      const { json } = await operate<{ blueprints: readonly { current: number | null }[] }>('blueprints')
      return json.blueprints.map(({ current }) => current)
    }
    await waitFor(async () => {
      await tick('fill-pool')
      return (await currents()).includes(version)
    })
  })

  it('reaches a site by a roll-out, which keeps its data', async () => {
    const asked = { blueprint: 'welcome', version, waves: [{ percent: 100 }], reason: 'A test.' }
    const { status, text } = await operate('rollouts', asked)
    expect(status, text).toBeLessThan(300)
    const states = async () => {
      const { json } = await operate<{ rollouts: readonly { state: string }[] }>('rollouts')
      return json.rollouts.map(({ state }) => state)
    }
    const ended = await waitFor(async () => {
      await tick('advance-rollouts')
      return (await states()).find((state) => state !== 'running')
    })
    expect(ended).toBe('finished')
    const { json } = await operate<{ blueprint: { version: number } }>(`sites/${owner.siteId}`)
    expect(json.blueprint.version).toBe(version)
    expect(await waitFor(() => entriesOf(front, owner))).toEqual(['before'])
  })
})
