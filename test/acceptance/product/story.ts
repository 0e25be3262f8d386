import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { messageOf } from '../../../bin/command-line/read-options.ts'
import { publishOnMachine } from '../../../bin/publish/publish-on-machine.ts'
import { httpCall } from '../../support/http-call.ts'
import { demoApi } from '../api.ts'
import { awaitValue, check } from '../expectations.ts'
import { buyerCalls, machineCalls, ownerCalls } from '../story-api.ts'
import type { Timeline } from '../timeline.ts'
import { claimSite, signIn, type Walk } from '../walk.ts'
import { budgetsAt } from './budgets.ts'
import { blueprints, example, installProduct } from './install.ts'

const repository = join(import.meta.dirname, '../../..')
const file = join(blueprints, `${example}.yaml`)

const isContainers = process.env['SITEWRIGHT_RUNTIME'] === 'containers'

const tryBlueprint = async (environment: Readonly<Record<string, string>>): Promise<string> => {
  const command = ['bin/blueprint.ts', 'try', file, '--runtime', isContainers ? 'containers' : 'processes']
  const options = { cwd: repository, env: { ...process.env, ...environment } }
  const { stdout } = await promisify(execFile)(process.execPath, command, options).catch((error: unknown) => {
    const output = error instanceof Error && 'stdout' in error ? String(error.stdout) : ''
    throw new Error(`${output}\n${messageOf(error)}`)
  })
  return stdout
}

/**
 * Installs the product where it runs as a plain process, and tries its blueprint as `npm run blueprint` does.
 * @returns the environment of a host that offers it.
 * @throws {Error} if something is missing or must change.
 */
export const prepareProduct = async (directory: string, { step }: Timeline) => {
  const path = isContainers ? undefined : await step('install the product', () => installProduct(directory))
  const environment = { SITEWRIGHT_BLUEPRINTS: blueprints, ...(path === undefined ? {} : { PATH: path }) }
  const healthyAfter = (output: string): string => /^ok\s+time to healthy: ([\d.]+ s)/m.exec(output)?.[1] ?? 'a while'
  await step(
    'try its blueprint',
    () => tryBlueprint(environment),
    (output) => `nothing must change; healthy after ${healthyAfter(output)}`,
  )
  return environment
}

/**
 * A visitor gets a site of a product that is not ours, is its only administrator, and finds what they wrote after a stop.
 * @throws {Error} at the first unexpected value.
 */
export const tellProduct = async (person: Walk, timeline: Timeline): Promise<string> => {
  const { step } = timeline
  const { origin, slug } = person
  const url = `http://${slug}.${new URL(origin).host}`
  const site = budgetsAt(url)
  await step(
    'it is published',
    () => publishOnMachine(file, { url: origin }),
    (line) => line,
  )
  await step(
    'before the sign-up',
    async () => check('status', await site.see('/'), 404),
    () => `${url} is nowhere yet`,
  )

  const startedAt = timeline.now()
  const { token } = await signIn(person, timeline)
  const claimed = await claimSite(demoApi(origin, token), timeline, slug)
  const owner = buyerCalls(origin, token, claimed.site.id)
  await step(
    'strangers are turned away',
    async () => {
      check('statuses', [await site.see('/dashboard'), await site.see('/create')], [303, 303])
      check('a guess', await site.signIn('a guess'), undefined)
    },
    () => 'from the dashboard, from new projects, and with a guess',
  )

  const cookie = await step(
    'the owner comes in',
    async () => {
      const viewer = await owner.enter()
      check('status', await site.see('/', viewer), 200)
      const password = await owner.revealPassword()
      const administrator = await site.signIn(password)
      if (administrator === undefined) throw new Error('The password of the administrator is wrong.')
      check('status of the dashboard', await site.see('/dashboard', administrator), 200)
      return administrator
    },
    () => 'through the entrance, and signs in with the password that is shown once',
  )
  const milliseconds = timeline.since(startedAt)
  await step('the password is not shown again', owner.requireNoCredentials)

  await step('create a project with a bill', async () => {
    await site.createProject(cookie)
    await site.write('train')
  })
  const bills = await site.bills()
  check(
    'bills',
    bills.map(({ what }) => what),
    ['train'],
  )
  await step('its trial ends, and it is stopped', async () => {
    await machineCalls(origin).turn('P15D')
    check('is it there', (await httpCall({ url })).status >= 400, true)
  })
  const { read, resume } = ownerCalls(origin, token, claimed.site.id)
  await step('the owner resumes it', async () => {
    await resume()
    await awaitValue('status', async () => (await read()).status, 'active', 100)
    await awaitValue('status of its page', () => site.see('/'), 200, 100)
  })
  await step('the bill is there', async () => check('bills', await site.bills(), bills))
  return `From the sign-up to a signed-in administrator: ${milliseconds} ms.`
}
