import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { promisify } from 'node:util'
import { WebSocket } from 'ws'
import { httpCall } from '../../support/http-call.ts'
import { demoApi } from '../api.ts'
import { check } from '../expectations.ts'
import { poll } from '../poll.ts'
import type { Timeline } from '../timeline.ts'
import { digestOfEntries, writeEntries } from '../trial/site-data.ts'
import { claimSite, signIn, type Walk } from '../walk.ts'

const run = promisify(execFile)

/** A site sleeps after a minute, its use is known after twenty seconds more, and the sweep runs every minute. */
const fallMilliseconds = 240_000
const chromium = '/usr/bin/chromium'

interface Sleeper {
  readonly url: string
  readonly digest: string
  readonly status: () => Promise<string>
}

/** Signs up, claims a site and writes to it. */
const openSite = async (person: Walk, timeline: Timeline): Promise<Sleeper> => {
  const { token } = await signIn(person, timeline)
  const owner = demoApi(person.origin, token)
  const { site } = await claimSite(owner, timeline, person.slug)
  await timeline.step('write to it', () => writeEntries(site.url, 5, 'An entry'))
  return {
    url: site.url,
    digest: await digestOfEntries(site.url),
    status: async () => (await owner.getSite(site.id)).status,
  }
}

const wakeByCurl = async ({ url }: Sleeper): Promise<string> => {
  const { stdout } = await run('curl', [
    '-sS',
    '-o',
    '/dev/null',
    '-w',
    '%{http_code} %{num_connects} %{time_total}',
    url,
  ])
  const [status, connections, seconds] = stdout.split(' ')
  check('status and connections', [status, connections], ['200', '1'])
  return `200, held for ${Math.round(1000 * Number(seconds))} ms`
}

/** Chromium where it exists, and otherwise what it would send. */
const wakeByBrowser = async ({ url }: Sleeper): Promise<string> => {
  if (!existsSync(chromium)) {
    check('status', (await httpCall({ url, headers: { accept: 'text/html' } })).status, 200)
    return `there is no ${chromium}: only the headers of a browser`
  }
  const flags = ['--headless', '--no-sandbox', '--disable-gpu', '--disable-dev-shm-usage', '--dump-dom']
  const { stdout } = await run(chromium, [...flags, url], { timeout: 60_000 })
  check('page', [stdout.includes('Demo'), stdout.includes('asleep')], [true, false])
  return 'the page is the site’s own'
}

const wakeByWebSocket = async ({ url }: Sleeper): Promise<string> => {
  const { host, port } = new URL(url)
  const echoed = await new Promise<string>((resolve, reject) => {
    const socket = new WebSocket(`ws://127.0.0.1:${port}/ws`, { headers: { host } })
    socket.on('error', reject)
    socket.on('open', () => socket.send('good morning'))
    socket.on('message', (data) => {
      resolve(String(data))
      socket.close()
    })
  })
  check('echo', echoed, 'good morning')
  return 'the message came back'
}

const wakes = [
  ['curl', wakeByCurl],
  ['browser', wakeByBrowser],
  ['websocket', wakeByWebSocket],
] as const

/**
 * Three sites are used, fall asleep, and are woken by curl, a browser and a WebSocket, each with its data, on a host whose trials
 * sleep after a minute. Crawlers and monitors wake none.
 * @throws {Error} at the first unexpected value.
 */
export const tellSleep = async (person: Walk, timeline: Timeline): Promise<string> => {
  const { step } = timeline
  const sites: Sleeper[] = []
  for (const [name] of wakes) {
    const slug = `${person.slug}-${name}`
    sites.push(await openSite({ ...person, slug, email: `${slug}@example.com` }, timeline))
  }
  const statuses = () => Promise.all(sites.map(({ status }) => status()))
  const areAll = (wanted: string) => (found: readonly string[]) => found.every((status) => status === wanted)
  await step('nobody uses them', async () => {
    const found = await poll(statuses, areAll('asleep'), { patience: fallMilliseconds, pause: 1000 })
    check('status', found, ['asleep', 'asleep', 'asleep'])
  })
  await step('crawlers and monitors come by', async () => {
    for (const { url } of sites) {
      const comeAs = async (agent: string) => (await httpCall({ url, headers: { 'user-agent': agent } })).status
      check('status', [await comeAs('Googlebot/2.1'), await comeAs('UptimeRobot/2.0')], [503, 200])
    }
    check('status', await statuses(), ['asleep', 'asleep', 'asleep'])
  })
  for (const [index, [name, wake]] of wakes.entries()) {
    const site = sites[index]
    if (site === undefined) continue
    await step(
      `a ${name} wakes one`,
      () => wake(site),
      (note) => note,
    )
    await step('its data is there', async () => check('digest', await digestOfEntries(site.url), site.digest))
  }
  check('status', await statuses(), ['active', 'active', 'active'])
  return 'Three sites fell asleep and woke, with their data.'
}
